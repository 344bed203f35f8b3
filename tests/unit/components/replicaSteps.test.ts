import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as runtimeState from "@pulumi/pulumi/runtime/state";
import { CanaryApp, type CanaryAppArgs } from "../../../components";
import { ReplicaSteps } from "../../../components/replicaSteps";
import { type RecordOptions, record } from "../../../src/render/recorder";
import type { ValidationError } from "../../../src/validation/problem";
import { replicasAnnotation } from "../../../src/workload/replicasByWeight";
import { assertProblems, refusalOf } from "../problems";
import { TWO_VERSIONS, TYPES, find, recordApp, recordFailing } from "../recordings";

const PROJECT = { project: "test", stack: "dev" };
const FOLLOWING: CanaryAppArgs = { ...TWO_VERSIONS, replicasFollowWeight: { total: 10 } };

type Replicas = Record<string, number>;
type Outputs = NonNullable<RecordOptions["outputs"]>;

/** The inputs of a VirtualService whose routes are for so many pods. */
const inputsFor = (replicas: Replicas) => ({ metadata: { annotations: replicasAnnotation(replicas) } });

/** The part of the SDK's state that says how many things the engine does at a time. */
interface Store {
  settings: { options: { parallel?: number } };
}

/** What the engine tells a hook. */
const told = (oldInputs: object | undefined, newInputs: object) =>
  ({ oldInputs, newInputs }) as unknown as pulumi.ResourceHookArgs;

/** Something that happens when it is told to. */
class Event {
  happen!: () => void;
  readonly happened = new Promise<void>((resolve) => (this.happen = resolve));
}

/** The one hook of a moment. */
function hookOf(steps: ReplicaSteps, moment: "beforeCreate" | "beforeUpdate" | "afterUpdate"): pulumi.ResourceHook {
  const [hook] = steps.hooks()?.[moment] ?? [];
  assert.ok(hook instanceof pulumi.ResourceHook);
  return hook;
}

/** What the engine does with the VirtualService, which it does not take before `update` happens. */
type Engine = (steps: ReplicaSteps, update: Event) => Promise<void>;

/** Registers the numbers of two versions' pods and a stand-in for their VirtualService. */
function twoVersions(after: Replicas, engine: Engine): () => Promise<void> {
  return async () => {
    const app = new pulumi.ComponentResource("test:index:App", "shop", {});
    const steps = new ReplicaSteps("shop", 0.01, 600);
    const update = new Event();
    const routes = new k8s.core.v1.ConfigMap("routes", { data: update.happened.then(() => ({})) });
    for (const version of ["v1", "v2"]) {
      const spec = { selector: {}, template: {} }; // from 4.34 on @pulumi/kubernetes registers none without it
      const deployment = new k8s.apps.v1.Deployment(version, { metadata: { name: version }, spec }, { parent: app });
      steps.scale(deployment, version, pulumi.output(after), routes, app);
    }
    await engine(steps, update);
  };
}

/** Keeps in which order the numbers and the routes reach the engine, which fails for some of them. */
function keeping(order: string[], failing: readonly string[] = []): Outputs {
  return ({ type, name, inputs }) => {
    if (type === "kubernetes:apps/v1:DeploymentPatch" || type === "kubernetes:core/v1:ConfigMap") {
      const fails = failing.includes(name);
      order.push(fails ? `${name} fails` : name);
      if (fails) {
        throw new Error(`${name} is not to be had`);
      }
    }
    return inputs;
  };
}

describe("the steps of pods that follow the weight", () => {
  const FIVE = { v1: 5, v2: 5 };
  const updated =
    (before: Replicas | undefined): Engine =>
    async (steps, update) => {
      const moment = before === undefined ? "beforeCreate" : "beforeUpdate";
      await hookOf(steps, moment).callback(told(before && inputsFor(before), inputsFor(FIVE)));
      update.happen();
    };
  const unhooked: Engine = async (_steps, update) => update.happen();

  const [V1, V2, ROUTES] = ["shop-v1", "shop-v2", "routes"];
  const orders: [name: string, engine: Engine, order: string[]][] = [
    ["both rise: before the routes", updated({ v1: 3, v2: 0 }), [V1, V2, ROUTES]],
    ["one rises: before the routes, with the one that stays", updated({ v1: 5, v2: 3 }), [V1, V2, ROUTES]],
    ["one falls: after the routes, and the one that stays before", updated({ v1: 8, v2: 5 }), [V2, ROUTES, V1]],
    ["both fall: after the routes", updated({ v1: 8, v2: 6 }), [ROUTES, V1, V2]],
    ["v2 rises and v1 falls", updated({ v1: 8, v2: 3 }), [V2, ROUTES, V1]],
    ["v1 rises and v2 falls", updated({ v1: 3, v2: 8 }), [V1, ROUTES, V2]],
    ["none changes", updated(FIVE), [V1, V2, ROUTES]],
    ["a version is new beside one that falls", updated({ v1: 8 }), [V2, ROUTES, V1]],
    ["a first deployment", updated(undefined), [V1, V2, ROUTES]],
    ["no hook runs: all after the routes", unhooked, [ROUTES, V1, V2]],
  ];
  for (const [name, engine, expected] of orders) {
    it(`${name}: ${expected.join(", ")}`, async () => {
      const order: string[] = [];
      await record(twoVersions(FIVE, engine), { ...PROJECT, outputs: keeping(order) });
      assert.deepEqual(order, expected);
    });
  }

  it("leave the routes and the pods that fall as they are where those that rise never become ready", async () => {
    const order: string[] = [];
    let failure: unknown;
    const engine: Engine = async (steps, update) => {
      try {
        await hookOf(steps, "beforeUpdate").callback(told(inputsFor({ v1: 8, v2: 3 }), inputsFor(FIVE)));
      } catch (error) {
        failure = error;
      }
      update.happen(); // which fails by its hook
    };
    await recordFailing(twoVersions(FIVE, engine), { outputs: keeping(order, [V2, ROUTES]) });
    assert.match(String(failure), /shop-v2 is not to be had/);
    assert.deepEqual(order, [`${V2} fails`, `${ROUTES} fails`]);
  });

  it("leave the pods that fall as they are where the routes cannot be changed", async () => {
    const order: string[] = [];
    const outputs = keeping(order, [ROUTES]);
    await recordFailing(twoVersions(FIVE, updated({ v1: 8, v2: 3 })), { outputs });
    assert.deepEqual(order, [V2, `${ROUTES} fails`]);
  });

  const settles: [name: string, before: Replicas, moments: ("beforeUpdate" | "afterUpdate")[]][] = [
    ["before the routes change if any rises", { v1: 5, v2: 3 }, ["beforeUpdate"]],
    ["after it if any falls", { v1: 8, v2: 5 }, ["afterUpdate"]],
    ["at both ends if one rises and another falls", { v1: 8, v2: 3 }, ["beforeUpdate", "afterUpdate"]],
    ["at neither if none changes", FIVE, []],
  ];
  for (const [name, before, expected] of settles) {
    it(`give proxies their time ${name}`, async () => {
      const waited: string[] = [];
      await record(async () => {
        const steps = new ReplicaSteps("shop", 0.2, 600);
        for (const moment of ["beforeUpdate", "afterUpdate"] as const) {
          const start = performance.now();
          await hookOf(steps, moment).callback(told(inputsFor(before), inputsFor(FIVE)));
          waited.push(...(performance.now() - start > 150 ? [moment] : []));
        }
      }, PROJECT);
      assert.deepEqual(waited, expected);
    });
  }
});

describe("the steps of two apps in one program", () => {
  /** In which order two apps' VirtualServices reach the engine, which fails for some of them. */
  async function lettingGo(failing: readonly string[]): Promise<string[]> {
    const order: string[] = [];
    const program = async () => {
      const before = new Event();
      for (const name of ["one", "two"]) {
        const steps = new ReplicaSteps(name, 0.01, 600);
        // What the first app's routes need takes longer than what the second one's need.
        const data = pulumi.output(name === "one" ? before.happened.then(() => ({ name })) : { name });
        steps.begin(new k8s.core.v1.ConfigMap(name, { data: steps.whenAlone(data) }));
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
      order.push("now");
      before.happen();
    };
    await recordFailing(program, { outputs: keeping(order, failing) });
    return order;
  }

  it("come one after the other", async () => assert.deepEqual(await lettingGo([]), ["now", "one", "two"]));

  it("go on with the second app where the first one fails", async () =>
    assert.deepEqual(await lettingGo(["one"]), ["now", "one fails", "two"]));

  it("do not know of those of another program", async () => {
    const seen: string[] = [];
    const started = (name: string) => () => {
      const steps = new ReplicaSteps(name, 0.01, 600);
      steps.whenAlone(pulumi.output(name)).apply((known) => void seen.push(known));
      steps.begin(new k8s.core.v1.ConfigMap(name, {}));
    };
    await record(started("one"), PROJECT);
    await record(started("two"), PROJECT);
    assert.deepEqual(seen, ["one", "two"]);
  });

  it("are not told as dependencies", async () => {
    const program = () => {
      new CanaryApp("one", { ...FOLLOWING, mesh: { install: false } });
      new CanaryApp("two", { ...FOLLOWING, mesh: { install: false }, hosts: ["two.example.com"] });
    };
    const { resources } = await record(program, PROJECT);
    const routes = resources.filter(({ type }) => type === TYPES.virtualService).map(({ name }) => name);
    assert.deepEqual(routes, ["one-routes", "two-routes"]);
    const { dependencies } = find(resources, TYPES.virtualService, "two-routes");
    assert.ok(!dependencies.includes(`${TYPES.virtualService}::one-routes`));
  });
});

describe("an engine that does one thing at a time", () => {
  const { options } = (runtimeState as unknown as { getStore(): Store }).getStore().settings;
  before(() => void (options.parallel = 1));
  after(() => delete options.parallel);

  it("is refused where pods follow the weight, before anything is registered", async () => {
    let refusal: ValidationError | undefined;
    const { resources } = await record(
      () => void (refusal = refusalOf(() => new CanaryApp("shop", FOLLOWING))),
      PROJECT,
    );
    assertProblems(refusal?.problems ?? [], [
      ["replicasFollowWeight", "needs Pulumi to update two resources at the same time", "--parallel 2 or more"],
    ]);
    assert.deepEqual(
      resources.map(({ type }) => type),
      [TYPES.stack],
    );
  });

  it("is refused where an autoscaled version's pods come before its traffic", async () => {
    let refusal: ValidationError | undefined;
    const [v1, v2] = TWO_VERSIONS.versions;
    const versions = [v1, { ...v2, autoscaling: { maxReplicas: 3, prescale: true, extra: { metrics: [] } } }];
    await record(() => void (refusal = refusalOf(() => new CanaryApp("shop", { ...TWO_VERSIONS, versions }))), PROJECT);
    assertProblems(refusal?.problems ?? [], [
      [
        "versions[1].autoscaling.prescale",
        "needs Pulumi to update two resources at the same time",
        "--parallel 2 or more",
      ],
    ]);
  });

  it("does for an app whose pods do not", async () => {
    const { resources } = await recordApp(TWO_VERSIONS);
    assert.ok(resources.some(({ type }) => type === TYPES.virtualService));
  });
});
