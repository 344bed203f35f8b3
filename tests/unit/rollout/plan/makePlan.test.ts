import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { CanaryAppArgs } from "../../../../components/canaryAppArgs";
import { APP_ARGUMENTS, checkCanaryApp } from "../../../../components/checkCanaryApp";
import { appArguments } from "../../../../src/config/appConfig";
import type { ConfigValues } from "../../../../src/config/configValues";
import { makePlan } from "../../../../src/rollout/plan/makePlan";
import { NothingToRollOutError } from "../../../../src/rollout/plan/nothingToRollOut";
import type { Plan } from "../../../../src/rollout/plan/plan";
import type { Weights } from "../../../../src/rollout/weights";
import type { RolloutSettings } from "../../../../src/rollout/plan/settings";
import type { AppState } from "../../../../src/rollout/plan/appState";
import { Findings, ValidationError } from "../../../../src/validation/problem";
import { UNKNOWN } from "../../../../src/validation/unknown";
import { anything, roughly, sharedVersions } from "../../arbitraries";
import { type Expected, assertProblems, refusalOf } from "../../problems";
import { TWO, standing } from "./appStates";

const BETA = [{ headers: { "x-beta": { exact: "1" } } }];
const THREE = [...TWO, { name: "v3", image: "shop:3" }];

/** What happens, step by step: the name and what it writes. */
function written({ steps, promotion }: Plan): [name: string, config: ConfigValues][] {
  return [...steps, promotion].map(({ name, config }) => [name, config]);
}

describe("the plan of a rollout", () => {
  it("is 5, 20, 50% and everything, by one number where the stack has one", () => {
    const plan = makePlan({}, standing());
    assert.deepEqual(plan, {
      app: "shop",
      namespace: "shop",
      target: "v2",
      strategy: "canary",
      versions: ["v1", "v2"],
      before: { weights: { v1: 100, v2: 0 }, config: { "shop:weight": 0 } },
      steps: [5, 20, 50].map((share) => ({
        name: `${share}%`,
        weights: { v1: 100 - share, v2: share },
        config: { "shop:weight": share },
        holdSeconds: 60,
      })),
      promotion: { name: "promotion", weights: { v1: 0, v2: 100 }, config: { "shop:weight": 100 }, holdSeconds: 0 },
      gates: [],
      limits: { intervalSeconds: 10, failureThreshold: 3, stepDeadlineSeconds: 660, deadlineSeconds: 3300 },
    } satisfies Plan);
  });

  it("moves the shares of all versions where the stack names them", () => {
    const plan = makePlan(
      { steps: [10] },
      standing({ versions: THREE, weight: undefined, weights: { v1: 60, v2: 40, v3: 0 } }),
    );
    assert.deepEqual(written(plan), [
      ["10%", { "shop:weights": { v1: 54, v2: 36, v3: 10 } }],
      ["promotion", { "shop:weights": { v1: 0, v2: 0, v3: 100 } }],
    ]);
  });

  it("goes back to the older one of two by the newer one's number", () => {
    const plan = makePlan({ target: "v1", steps: [10, 50] }, standing({ weight: 100 }));
    assert.deepEqual(written(plan), [
      ["10%", { "shop:weight": 90 }],
      ["50%", { "shop:weight": 50 }],
      ["promotion", { "shop:weight": 0 }],
    ]);
  });

  it("begins where the target's share is", () => {
    assert.deepEqual(
      written(makePlan({}, standing({ weight: 20 }))).map(([name]) => name),
      ["20%", "50%", "promotion"],
    );
    assert.deepEqual(
      written(makePlan({}, standing({ weight: 60 }))).map(([name]) => name),
      ["60%", "promotion"],
    );
  });

  it("makes copies first, and none once the target has a share of its own", () => {
    const routes = [
      { match: [{ uri: { exact: "/a" } }], service: { host: "b", port: 80 } },
      { timeout: "5s", mirrors: [{ service: { host: "audit", port: 80 } }, { version: "v2", percentage: 1 }] },
    ];
    const plan = makePlan({ steps: [50], hold: "2m", mirror: { percent: 10, hold: 30 } }, standing({ routes }));
    const mirrored = [
      routes[0],
      { timeout: "5s", mirrors: [{ service: { host: "audit", port: 80 } }, { version: "v2", percentage: 10 }] },
    ];
    assert.deepEqual(written(plan), [
      ["mirror 10%", { "shop:weight": 0, "shop:routes": mirrored }],
      ["50%", { "shop:weight": 50, "shop:routes": routes }],
      ["promotion", { "shop:weight": 100, "shop:routes": routes }],
    ]);
    assert.deepEqual(
      plan.steps.map(({ trial, holdSeconds }) => [trial, holdSeconds]),
      [
        ["mirrored", 30],
        [undefined, 120],
      ],
    );
    assert.deepEqual(plan.before, { weights: { v1: 100, v2: 0 }, config: { "shop:weight": 0, "shop:routes": routes } });
  });

  it("takes routes away again that the stack did not have", () => {
    const plan = makePlan({ strategy: "blue-green", mirror: {} }, standing());
    assert.deepEqual(written(plan), [
      ["mirror 100%", { "shop:weight": 0, "shop:routes": [{ mirrors: [{ version: "v2", percentage: 100 }] }] }],
      ["promotion", { "shop:weight": 100, "shop:routes": null }],
    ]);
  });

  it("sends matched requests to the target for a number of iterations", () => {
    const plan = makePlan({ strategy: "ab", match: BETA, iterations: 2, hold: 5 }, standing());
    const config = { "shop:weight": 0, "shop:routes": [{ match: BETA, version: "v2" }, {}] };
    assert.deepEqual(written(plan), [
      ["A/B, iteration 1 of 2", config],
      ["A/B, iteration 2 of 2", config],
      ["promotion", { "shop:weight": 100, "shop:routes": null }],
    ]);
    assert.ok(
      plan.steps.every(
        ({ trial, holdSeconds, weights }) => trial === "matched" && holdSeconds === 5 && weights.v2 === 0,
      ),
    );
  });

  it("holds A/B five times and blue-green once, if nothing else is said", () => {
    assert.equal(makePlan({ strategy: "ab", match: BETA }, standing()).steps.length, 5);
    assert.deepEqual(
      makePlan({ strategy: "blue-green", match: BETA, mirror: {} }, standing()).steps.map(({ name }) => name),
      ["mirror 100%", "matched requests"],
    );
  });

  it("gives matched requests what their route does with them, and no route to those that had none", () => {
    const routes = [
      { match: [{ uri: { prefix: "/admin" } }], service: { host: "admin", port: 80 } },
      {
        name: "api",
        match: [{ uri: { prefix: "/api" } }, { uri: { exact: "/old" }, headers: { "x-beta": { exact: "no" } } }],
        rewrite: { uri: "/" },
        timeout: "2s",
      },
    ];
    const [step] = makePlan({ strategy: "ab", match: BETA }, standing({ routes })).steps;
    const [admin, api] = routes;
    assert.deepEqual(step.config["shop:routes"], [
      admin,
      {
        name: "api-v2",
        match: [{ uri: { prefix: "/api" }, headers: { "x-beta": { exact: "1" } } }],
        rewrite: { uri: "/" },
        timeout: "2s",
        version: "v2",
      },
      api,
    ]);
  });

  it("keeps what the config file spells, of the keys that it writes alone", () => {
    const source = { keys: { "shop:weight": " 0", "shop:routes": null } };
    assert.deepEqual(makePlan({}, { ...standing(), source }).before.source, { keys: { "shop:weight": " 0" } });
    assert.deepEqual(makePlan({ mirror: {} }, { ...standing(), source }).before.source, source);
  });

  it("may begin without pods of the target, where they come with its share", () => {
    assert.equal(makePlan({}, standing({ replicasFollowWeight: { total: 4, least: 0 } })).steps.length, 3);
  });

  it("has the limits that are set", () => {
    const limits = {
      interval: "1s",
      failureThreshold: 1,
      stepDeadline: "90s",
      deadline: 600,
      rollbackDeadline: "2m",
      convergenceTimeout: 5,
    };
    assert.deepEqual(makePlan({ limits }, standing()).limits, {
      intervalSeconds: 1,
      failureThreshold: 1,
      stepDeadlineSeconds: 90,
      deadlineSeconds: 600,
      rollbackDeadlineSeconds: 120,
      convergenceTimeoutSeconds: 5,
    });
  });

  const refused: [name: string, settings: RolloutSettings, values: Record<string, unknown>, expected: Expected[]][] = [
    ["settings that are wrong", { steps: [0] }, {}, [["shop:rollout.steps[0]", "is 0"]]],
    [
      "a target without pods",
      {},
      { versions: [TWO[0], { ...TWO[1], replicas: 0 }] },
      [["shop:versions[1].replicas", "is 0"]],
    ],
    [
      "a target on copies, whose pods come with its share",
      { mirror: {} },
      { replicasFollowWeight: { total: 4, least: 0 } },
      [["shop:replicasFollowWeight.least", "is 0"]],
    ],
    [
      "routes that no weight moves",
      {},
      { routes: [{ version: "v1" }] },
      [["shop:routes", "has no route that is split by the weights"]],
    ],
    [
      "a match that no route meets",
      { strategy: "ab", match: [{ uri: { exact: "/b" } }] },
      { routes: [{ match: [{ uri: { prefix: "/a" } }] }] },
      [["shop:rollout.match", "matches no request"]],
    ],
    [
      "a match that cannot be told beside the route's",
      { strategy: "ab", match: [{ uri: { regex: "/b+" } }] },
      { routes: [{ match: [{ uri: { prefix: "/a" } }] }] },
      [["shop:rollout.match[0]", "has uri, and so has routes[0].match[0]"]],
    ],
    [
      "a match that an earlier route takes",
      { strategy: "ab", match: BETA },
      { routes: [{ match: BETA, version: "v1" }, {}] },
      [["shop:routes[1].match[0]", "routes[0].match[0] takes already"]],
    ],
    [
      "mirrors beside ones of Istio's own",
      { mirror: {} },
      { routes: [{ extra: { mirrors: [] } }] },
      [["shop:routes[0].extra.mirrors", "is set"]],
    ],
    [
      "a match beside one of Istio's own",
      { strategy: "ab", match: BETA },
      { routes: [{ extra: { match: [] } }] },
      [["shop:routes[0].extra.match", "is set"]],
    ],
    ["copies of connections", { mirror: {} }, { hosts: [], service: { protocol: "tcp" } }, [["shop:routes"]]],
    [
      "a secret in a gate",
      { gates: [{ name: "a", kind: "webhook", url: UNKNOWN as unknown as string }] },
      {},
      [["shop:rollout.gates[0].url", "is a secret", "{ secret: NAME }"]],
    ],
    [
      "a secret in place of steps",
      { steps: UNKNOWN as unknown as number[] },
      {},
      [["shop:rollout.steps", "is a secret"]],
    ],
    ["a secret in place of all settings", UNKNOWN as unknown as RolloutSettings, {}, [["shop:rollout", "is a secret"]]],
    [
      "an object that is more than data",
      new String("") as unknown as RolloutSettings,
      {},
      [["shop:rollout", "expected plain JSON data"]],
    ],
    [
      "a secret in routes that would have to be written",
      { mirror: {} },
      { routes: [{ headers: { request: { set: { a: UNKNOWN } } } }] },
      [["shop:routes[0].headers.request.set.a", "is a secret"]],
    ],
    [
      "a deadline that no step could keep",
      { hold: 60, limits: { stepDeadline: 60 } },
      {},
      [["shop:rollout.limits.stepDeadline", "is 60 s, but a step is held for 60 s"]],
    ],
    [
      "a deadline that all steps together could not keep",
      { hold: 60, limits: { deadline: 180 } },
      {},
      [["shop:rollout.limits.deadline", "is 180 s, but all steps together are held for 180 s"]],
    ],
  ];
  for (const [name, settings, values, expected] of refused) {
    it(`is refused for ${name}`, () => {
      const { problems, subject } = refusalOf(() => makePlan(settings, standing(values)));
      assert.match(subject, /^Rollout of shop/);
      assertProblems(problems, expected);
    });
  }

  for (const [name, values, expected] of [
    [
      "a target that has everything",
      { weight: 100 },
      "Nothing to roll out: v2 has all traffic already. Declare a new version under shop:versions, or set shop:rollout.target to v1.",
    ],
    [
      "a lone version",
      { versions: [TWO[0]], weight: undefined },
      "Nothing to roll out: v1 has all traffic already. Declare a new version under shop:versions.",
    ],
  ] as const) {
    it(`has nothing to do for ${name}, which is no mistake`, () => {
      assert.throws(() => makePlan({}, standing(values)), { name: "NothingToRollOutError", message: expected });
      assert.throws(() => makePlan({ steps: [0] }, standing(values)), ValidationError); // mistakes come first
    });
  }

  it("is not refused for what the program has no part in now", () => {
    // Another program, which makes its versions from texts: CanaryApp's own check would refuse these before and during
    // the run.
    assert.equal(makePlan({}, standing({ versions: ["v1", "v2"] })).steps.length, 3);
  });
});

/** How any app may stand: any versions and shares, by name or by one number, some routes. */
function appStates(): fc.Arbitrary<AppState> {
  const routes = fc.constantFrom(
    undefined,
    [{}],
    [{ match: BETA, version: "?" }, {}],
    [{ match: [{ uri: { prefix: "/a" } }], timeout: "1s" }],
    [{ match: [{ uri: { exact: "/a" } }], service: { host: "b", port: 80 } }, { match: [{ uri: { regex: "/.+" } }] }],
    [{ redirect: { uri: "/" } }],
    [{ mirrors: [{ version: "?" }] }],
    [{ extra: { match: [] } }],
  );
  return fc
    .tuple(sharedVersions(1, 5), fc.boolean(), fc.oneof(fc.constant(undefined), routes))
    .map(([{ versions, shares }, one, given]) => {
      const named = JSON.parse(JSON.stringify(given ?? null).replaceAll('"?"', JSON.stringify(versions[0]))) as unknown;
      const byNewest = one && versions.length < 3;
      return standing({
        versions: versions.map((name) => ({ name, image: `shop:${name}` })),
        weight: byNewest ? shares[versions[versions.length - 1]] : undefined,
        weights: byNewest ? undefined : shares,
        routes: named ?? undefined,
      });
    });
}

/** Settings as people write them, now and then with a mistake. */
function settings(): fc.Arbitrary<RolloutSettings> {
  const duration = fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom<number | string>(1, 60, "5m", "90s") },
    { weight: 1, arbitrary: fc.constantFrom<number | string>(0, "x") },
  );
  const percent = fc.oneof(
    { weight: 20, arbitrary: fc.integer({ min: 1, max: 100 }) },
    { weight: 1, arbitrary: fc.constantFrom(0, 101) },
  );
  const schedule = fc.oneof(
    fc.constant({}),
    fc
      .uniqueArray(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 5 })
      .map((steps) => ({ steps: steps.sort((a, b) => a - b) })),
    fc.record({ stepWeight: percent, maxWeight: percent }, { requiredKeys: ["stepWeight"] }),
    fc.record({
      exponential: fc.record(
        { start: percent, factor: fc.constantFrom(1.1, 2, 5), maxWeight: percent },
        { requiredKeys: [] },
      ),
    }),
  );
  const strategy = fc.oneof(
    schedule,
    fc.constantFrom<RolloutSettings>(
      { strategy: "ab", match: BETA },
      { strategy: "ab", match: [{ uri: { prefix: "/a" } }], iterations: 2 },
      { strategy: "blue-green", match: BETA },
      { strategy: "blue-green", mirror: {} },
      { strategy: "blue-green" },
    ),
  );
  const rest = fc.record(
    {
      hold: duration,
      mirror: fc.record({ percent, hold: duration }, { requiredKeys: [] }),
      limits: fc.record(
        { stepDeadline: fc.constantFrom("5m", "10m"), deadline: fc.constantFrom("5m", "4h"), interval: duration },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  );
  return fc.tuple(strategy, rest).map((parts) => Object.assign({}, ...parts) as RolloutSettings);
}

/** The shares that a written config asks for. */
function askedBy(config: ConfigValues, { versions }: AppState): Weights {
  const { "shop:weight": weight, "shop:weights": weights } = config as {
    "shop:weight"?: number;
    "shop:weights"?: Weights;
  };
  return (
    weights ??
    (versions.length === 1
      ? { [versions[0]]: 100 }
      : { [versions[0]]: 100 - (weight as number), [versions[1]]: weight as number })
  );
}

describe("any settings in any appState", () => {
  it("give a sound plan, or a ValidationError with the path of each mistake", () => {
    let plans = 0;
    let refusals = 0;
    fc.assert(
      fc.property(settings(), appStates(), (given, appState) => {
        const plan = planned(given, appState);
        if (plan === undefined) {
          refusals++;
        } else {
          plans++;
          assertSound(plan, appState);
        }
      }),
      { numRuns: 1500 },
    );
    assert.ok(plans > 150 && refusals > 150, `${plans} plans, ${refusals} refusals: that proves little`);
  });

  it("do so, whatever they are", () => {
    const rough = roughly({
      target: fc.constant("v2"),
      steps: fc.array(anything()),
      gates: fc.array(roughly({ name: fc.constant("a"), kind: fc.constantFrom("promql", "webhook", "approval") })),
      match: anything(),
      mirror: anything(),
      limits: anything(),
    });
    fc.assert(
      fc.property(fc.oneof(anything(), rough), (given) => void planned(given as RolloutSettings, standing())),
      { numRuns: 1000 },
    );
  });
});

function planned(given: RolloutSettings, appState: AppState): Plan | undefined {
  try {
    return makePlan(given, appState);
  } catch (error) {
    if (error instanceof NothingToRollOutError) {
      return undefined;
    }
    assert.ok(error instanceof ValidationError, error instanceof Error ? error.stack : String(error));
    assert.ok(
      error.problems.length > 0 &&
        error.problems.every(({ path, what, allowed }) => path.startsWith("shop:") && what !== "" && allowed !== ""),
      error.message,
    );
    return undefined;
  }
}

function assertSound(plan: Plan, appState: AppState): void {
  const { target, before, steps, promotion, limits } = plan;
  assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan, "a journal can hold it");
  assert.deepEqual(before.weights, appState.weights);
  assert.ok(steps.length > 0 && steps[0].weights[target] < 100, "there is a step in which gates can judge");
  let last = before.weights;
  for (const step of [...steps, promotion]) {
    assert.deepEqual(askedBy(step.config, appState), step.weights, "the config asks for the step's shares");
    assert.deepEqual(
      Object.keys(step.config),
      Object.keys(before.config),
      "each step writes the same keys, which a rollback puts back",
    );
    assert.equal(
      Object.values(step.weights).reduce((sum, share) => sum + share, 0),
      100,
    );
    assert.ok(Object.values(step.weights).every((share) => Number.isInteger(share) && share >= 0 && share <= 100));
    assert.ok(
      Object.keys(last).every((version) =>
        version === target ? step.weights[version] >= last[version] : step.weights[version] <= last[version],
      ),
      "only the target's share grows",
    );
    last = step.weights;
    const values = {
      ...appState.values,
      ...Object.fromEntries(
        Object.entries(step.config)
          .filter(([, value]) => value !== null)
          .map(([key, value]) => [key.slice("shop:".length), value]),
      ),
    };
    const args = Object.entries(appArguments(values)).filter(([key]) => APP_ARGUMENTS.includes(key));
    const findings = Findings.at();
    checkCanaryApp("shop", Object.fromEntries(args) as unknown as CanaryAppArgs, findings);
    assert.deepEqual(findings.all(), [], "the program takes it");
  }
  assert.equal(promotion.weights[target], 100);
  assert.deepEqual(
    promotion.config["shop:routes"] ?? null,
    before.config["shop:routes"] ?? null,
    "after the promotion the routes are as before",
  );
  const longest = Math.max(...steps.map(({ holdSeconds }) => holdSeconds));
  assert.ok(
    limits.stepDeadlineSeconds > longest &&
      limits.deadlineSeconds > steps.reduce((sum, { holdSeconds }) => sum + holdSeconds, 0),
  );
}
