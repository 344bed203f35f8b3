import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { CanaryAppArgs } from "../../../components";
import type { AppContext } from "../../../components/appContext";
import type { AppVersion } from "../../../components/appVersion";
import { PrescaleSteps } from "../../../components/prescaleSteps";
import { type RecordOptions, record } from "../../../src/render/recorder";
import { horizontalPodAutoscaler } from "../../../src/workload/autoscaling";
import { type Served, servingAnnotation } from "../../../src/workload/prescaling";
import { TWO_VERSIONS, TYPES, find, recordApp, recordFailing } from "../recordings";

const PROJECT = { project: "test", stack: "dev" };
const HPA = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler";
const BOUNDS = { minReplicas: 2, maxReplicas: 30, prescale: true };
const VERSIONS = ["v1", "v2"].map((name) => ({ name, image: `shop:${name}`, autoscaling: BOUNDS }));

type Shares = Readonly<Record<string, Served>>;

/** The spec of a VirtualService that shares all requests so. */
const shared = (shares: Shares) => ({
  http: [
    { route: Object.entries(shares).map(([subset, { share: weight }]) => ({ destination: { subset }, weight })) },
  ] as object[],
});

/** What the engine tells a hook. */
const told = (before: Shares | undefined, after: Shares) => {
  const inputs = (shares: Shares) => ({ metadata: { annotations: servingAnnotation(shares) }, spec: shared(shares) });
  return { oldInputs: before && inputs(before), newInputs: inputs(after) } as unknown as pulumi.ResourceHookArgs;
};

const scaled = (share: number): Served => ({ share, pods: "autoscaled" });

/** What reaches the engine, in its order, and what the hook before the routes fails with. */
interface Run {
  order: string[];
  failure?: string;
}

/**
 * Takes the steps of two versions around an update of their routes, for which a ConfigMap stands.
 *
 * @param live How many pods the versions' Deployments have.
 * @param failing The names of resources that fail.
 * @param hooks What the engine tells the hook. @default inputs that say who had which share
 */
async function steps(
  before: Shares | undefined,
  after: Shares,
  live: Readonly<Record<string, number>>,
  {
    versions = VERSIONS as CanaryAppArgs["versions"],
    hooked = true,
    failing = [] as string[],
    hooks = told(before, after),
  } = {},
): Promise<Run> {
  const run: Run = { order: [] };
  const outputs: RecordOptions["outputs"] = ({ type, name, inputs }) => {
    const failed = failing.includes(name);
    const what =
      type === TYPES.deployment && name.endsWith("-now")
        ? "read"
        : type === HPA
          ? `at least ${inputs.spec.minReplicas}`
          : type.endsWith(":DeploymentPatch")
            ? `scaled to ${inputs.spec.replicas}`
            : name === "routes"
              ? "changed"
              : undefined;
    if (what !== undefined) {
      run.order.push(`${name} ${failed ? "fails" : what}`);
    }
    if (failed) {
      throw new Error(`${name} is not to be had`);
    }
    return what === "read" ? { spec: { replicas: live[name.split("-")[1]] } } : inputs;
  };
  const program = async () => {
    const component = new pulumi.ComponentResource("test:index:App", "shop", {});
    const args: CanaryAppArgs = { versions };
    const metadata = { name: "shop", namespace: pulumi.output("shop"), labels: { app: "shop" } };
    const prescale = PrescaleSteps.of(
      { name: "shop", app: "shop", args, component, metadata } as unknown as AppContext,
      0.01,
    );
    assert.ok(prescale !== undefined);
    let update!: () => void;
    const updated = new Promise<object>((resolve) => (update = () => resolve({})));
    const parts = versions.map(({ name, autoscaling }) => {
      const spec = { selector: {}, template: {} } as k8s.types.input.apps.v1.DeploymentSpec;
      const options = { parent: component };
      const deployment = new k8s.apps.v1.Deployment(
        `shop-${name}`,
        { metadata: { name: `shop-${name}` }, spec },
        options,
      );
      if (autoscaling === undefined) {
        return { deployment };
      }
      const floor = prescale.floorOf(name);
      const scaler = new k8s.autoscaling.v2.HorizontalPodAutoscaler(
        `shop-${name}`,
        {
          spec: floor.apply(
            (least) => horizontalPodAutoscaler(`shop-${name}`, { ...BOUNDS, minReplicas: least ?? 2 }) as HpaSpec,
          ),
        },
        options,
      );
      return { deployment, scaler, autoscaling: pulumi.output(autoscaling) };
    }) as unknown as AppVersion[];
    prescale.begin(new k8s.core.v1.ConfigMap("routes", { data: updated as Promise<Record<string, string>> }));
    const [hook] = (prescale.hooks(parts)?.beforeUpdate ?? []) as pulumi.ResourceHook[];
    if (hooked) {
      try {
        // As the engine calls it: outside of what the program's own calls carry along.
        await new Promise<void>((resolve, reject) => {
          setImmediate(() => void Promise.resolve(hook.callback(hooks)).then(resolve, reject));
        });
      } catch (error) {
        run.failure = String(error);
        return; // the routes fail by their hook
      }
    }
    update();
  };
  await (failing.length === 0 ? record(program, { ...PROJECT, outputs }) : recordFailing(program, { outputs }));
  return run;
}

type HpaSpec = k8s.types.input.autoscaling.v2.HorizontalPodAutoscalerSpec;

describe("the steps of autoscaled versions whose pods come before their traffic", () => {
  const cases: [
    name: string,
    before: Shares | undefined,
    after: Shares,
    live: Record<string, number>,
    order: string[],
  ][] = [
    [
      "hours after a promotion, back to a version with its fewest pods",
      { v1: scaled(0), v2: scaled(100) },
      { v1: scaled(100), v2: scaled(0) },
      { v1: 2, v2: 20 },
      [
        "shop-v2-now read",
        "shop-v1-now read",
        "shop-v1 at least 20",
        "shop-v1-prescaled scaled to 20",
        "routes changed",
        "shop-v2 at least 2",
      ],
    ],
    [
      "a step",
      { v1: scaled(100), v2: scaled(0) },
      { v1: scaled(75), v2: scaled(25) },
      { v1: 20, v2: 2 },
      [
        "shop-v1-now read",
        "shop-v2-now read",
        "shop-v2 at least 5",
        "shop-v2-prescaled scaled to 5",
        "routes changed",
        "shop-v1 at least 2",
      ],
    ],
    [
      "a step to a version that has more pods than its share: none is taken away",
      { v1: scaled(90), v2: scaled(10) },
      { v1: scaled(75), v2: scaled(25) },
      { v1: 18, v2: 9 },
      [
        "shop-v1-now read",
        "shop-v2-now read",
        "shop-v2 at least 7",
        "shop-v2-prescaled scaled to 9",
        "routes changed",
        "shop-v1 at least 2",
      ],
    ],
    [
      "more than the version may have",
      { v1: scaled(10), v2: scaled(90) },
      { v1: scaled(100), v2: scaled(0) },
      { v1: 4, v2: 45 },
      [
        "shop-v1-now read",
        "shop-v2-now read",
        "shop-v1 at least 30",
        "shop-v1-prescaled scaled to 30",
        "routes changed",
        "shop-v2 at least 2",
      ],
    ],
    [
      "a version that is new, from one with a fixed number",
      { v1: { share: 100, pods: 8 } },
      { v1: { share: 50, pods: 8 }, v2: scaled(50) },
      {},
      ["shop-v2 at least 4", "shop-v2-prescaled scaled to 4", "routes changed", "shop-v1 at least 2"],
    ],
    [
      "from a version whose pods someone else scales",
      { v1: { share: 100 }, v2: scaled(0) },
      { v1: { share: 50 }, v2: scaled(50) },
      { v1: 12, v2: 3 },
      [
        "shop-v1-now read",
        "shop-v2-now read",
        "shop-v2 at least 6",
        "shop-v2-prescaled scaled to 6",
        "routes changed",
        "shop-v1 at least 2",
      ],
    ],
    [
      "to a version that someone else has scaled until now: none of its pods is taken away",
      { v1: scaled(100), v2: { share: 0 } },
      { v1: scaled(50), v2: scaled(50) },
      { v1: 20, v2: 12 },
      [
        "shop-v1-now read",
        "shop-v2-now read",
        "shop-v2 at least 10",
        "shop-v2-prescaled scaled to 12",
        "routes changed",
        "shop-v1 at least 2",
      ],
    ],
    [
      "to a version that had replicas: 0 until now",
      { v1: scaled(100), v2: { share: 0, pods: 0 } },
      { v1: scaled(50), v2: scaled(50) },
      { v1: 20 },
      [
        "shop-v1-now read",
        "shop-v2 at least 10",
        "shop-v2-prescaled scaled to 10",
        "routes changed",
        "shop-v1 at least 2",
      ],
    ],
    [
      "to a version whose autoscaler does nothing, because it has no pods",
      { v1: scaled(100), v2: scaled(0) },
      { v1: scaled(99), v2: scaled(1) },
      { v1: 20, v2: 0 },
      [
        "shop-v1-now read",
        "shop-v2-now read",
        "shop-v2 at least 2",
        "shop-v2-prescaled scaled to 2",
        "routes changed",
        "shop-v1 at least 2",
      ],
    ],
    [
      "a change of the routes alone, or the update after a step: the declared numbers",
      { v1: scaled(50), v2: scaled(50) },
      { v1: scaled(50), v2: scaled(50) },
      { v1: 9, v2: 9 },
      ["routes changed", "shop-v1 at least 2", "shop-v2 at least 2"],
    ],
    [
      "nothing known of the time before: the declared numbers",
      undefined,
      { v1: scaled(50), v2: scaled(50) },
      { v1: 3, v2: 3 },
      ["shop-v1-now read", "shop-v2-now read", "routes changed", "shop-v1 at least 2", "shop-v2 at least 2"],
    ],
  ];
  for (const [name, before, after, live, order] of cases) {
    it(name, async () => assert.deepEqual(await steps(before, after, live), { order }));
  }

  it("bring pods to a version without any in the update that first sets prescale, when nothing is known of before", async () => {
    const [before, after] = [
      { v1: scaled(100), v2: scaled(0) },
      { v1: scaled(50), v2: scaled(50) },
    ];
    const { newInputs, oldInputs } = told(before, after) as { newInputs: object; oldInputs: object };
    const hooks = { oldInputs: { ...oldInputs, metadata: {} }, newInputs } as unknown as pulumi.ResourceHookArgs;
    const expected = [
      "shop-v2-now read",
      "shop-v2 at least 2",
      "shop-v2-prescaled scaled to 2",
      "routes changed",
      "shop-v1 at least 2",
    ];
    assert.deepEqual(await steps(before, after, { v1: 20, v2: 0 }, { hooks }), { order: expected });
  });

  it("bring pods to a version without any that gets requests by a route of its own, at weight 0", async () => {
    const shares = { v1: scaled(100), v2: scaled(0) };
    const hooks = told(shares, shares) as unknown as { newInputs: { spec: { http: object[] } } };
    hooks.newInputs.spec.http.unshift({ match: [{}], route: [{ destination: { subset: "v2" } }] });
    const { order } = await steps(
      shares,
      shares,
      { v1: 20, v2: 0 },
      { hooks: hooks as unknown as pulumi.ResourceHookArgs },
    );
    assert.deepEqual(order, [
      "shop-v1-now read",
      "shop-v2-now read",
      "shop-v2 at least 2",
      "shop-v2-prescaled scaled to 2",
      "routes changed",
      "shop-v1 at least 2",
    ]);
  });

  it("raise nothing where no hook runs", async () => {
    const { order } = await steps(
      { v1: scaled(0), v2: scaled(100) },
      { v1: scaled(100), v2: scaled(0) },
      {},
      { hooked: false },
    );
    assert.deepEqual(order, ["routes changed", "shop-v1 at least 2", "shop-v2 at least 2"]);
  });

  it("leave the routes as they are where the pods never become ready", async () => {
    const back = [
      { v1: scaled(0), v2: scaled(100) },
      { v1: scaled(100), v2: scaled(0) },
    ] as const;
    const { order, failure } = await steps(...back, { v1: 2, v2: 20 }, { failing: ["shop-v1-prescaled"] });
    assert.match(failure ?? "", /shop-v1-prescaled is not to be had/);
    assert.ok(!order.some((each) => each.startsWith("routes") || each.startsWith("shop-v2 ")), order.join(", "));
  });
});

describe("an app with autoscaled versions whose pods come before their traffic", () => {
  const APP: CanaryAppArgs = {
    ...TWO_VERSIONS,
    pod: { resources: { requests: { cpu: "10m" } } },
    versions: [
      { ...TWO_VERSIONS.versions[0], replicas: 3 },
      { ...TWO_VERSIONS.versions[1], autoscaling: BOUNDS },
    ],
  };

  it("declares its autoscalers as they are given, and says in the VirtualService who had which traffic", async () => {
    const { resources, hooks } = await recordApp(APP);
    const scaler = find(resources, HPA, "shop-v2");
    assert.deepEqual([scaler.inputs.spec.minReplicas, scaler.inputs.spec.maxReplicas], [2, 30]);
    const routes = find(resources, TYPES.virtualService, "shop-routes");
    assert.deepEqual(routes.inputs.metadata.annotations, {
      "canary-app/serving": '{"v1":{"share":75,"pods":3},"v2":{"share":25,"pods":"autoscaled"}}',
    });
    assert.ok(hooks.includes("shop-prescale"));
    assert.ok(resources.every(({ type }) => !type.endsWith("Patch")));
  });

  it("has nothing wait for an autoscaler that waits for the VirtualService", async () => {
    const { resources } = await recordApp(APP);
    for (const [type, name] of [
      [TYPES.virtualService, "shop-routes"],
      [TYPES.service, "shop"],
    ] as const) {
      const { dependencies } = find(resources, type, name);
      assert.ok(dependencies.includes(`${TYPES.deployment}::shop-v2`), `${name}: ${dependencies.join(", ")}`);
      assert.ok(!dependencies.includes(`${HPA}::shop-v2`), `${name}: ${dependencies.join(", ")}`);
    }
  });

  it("says nothing in its VirtualService where no version asks for it", async () => {
    const versions = [APP.versions[0], { ...APP.versions[1], autoscaling: { ...BOUNDS, prescale: false } }];
    const { resources } = await recordApp({ ...APP, versions });
    assert.equal(find(resources, TYPES.virtualService, "shop-routes").inputs.metadata.annotations, undefined);
  });
});
