import assert from "node:assert/strict";
import type { ConfigValues } from "../../../../src/config/configValues";
import { makePlan } from "../../../../src/rollout/plan/makePlan";
import type { Plan } from "../../../../src/rollout/plan/plan";
import type { RolloutSettings } from "../../../../src/rollout/plan/settings";
import { renderHttp } from "../../../../src/istio/routing";
import { stickinessOf } from "../../../../src/istio/sticky";
import { ValidationError } from "../../../../src/validation/problem";
import { UNKNOWN } from "../../../../src/validation/unknown";
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

  it("sends testers of a canary to the target from before its first share until the promotion", () => {
    const routes = [
      { match: [{ uri: { exact: "/b" } }], service: { host: "b", port: 80 } },
      { match: [{ uri: { prefix: "/api" } }], timeout: "5s" },
      { mirrors: [{ service: { host: "audit", port: 80 } }] },
    ];
    const callers = { sourceLabels: { app: "qa" } };
    const plan = makePlan({ match: [...BETA, callers], steps: [10, 50], hold: 5 }, standing({ routes }));
    const [fixed, api, rest] = routes;
    const matched = [
      fixed,
      {
        ...api,
        match: [
          { uri: { prefix: "/api" }, ...BETA[0] },
          { uri: { prefix: "/api" }, ...callers },
        ],
        version: "v2",
      },
      api,
      { ...rest, match: [...BETA, callers], version: "v2" },
      rest,
    ];
    assert.deepEqual(written(plan), [
      ["matched requests", { "shop:weight": 0, "shop:routes": matched }],
      ["10%", { "shop:weight": 10, "shop:routes": matched }],
      ["50%", { "shop:weight": 50, "shop:routes": matched }],
      ["promotion", { "shop:weight": 100, "shop:routes": routes }],
    ]);
    assert.deepEqual(plan.before.config, { "shop:weight": 0, "shop:routes": routes });
    assert.deepEqual(plan.match, [...BETA, callers]);
    assert.deepEqual(
      plan.steps.map(({ trial, goesOnUndecided = false, holdSeconds }) => [trial, goesOnUndecided, holdSeconds]),
      [
        ["matched", true, 5],
        ["matched", false, 5],
        ["matched", false, 5],
      ],
    );
  });

  it("has testers beside users who stay with their version, and takes their routes away again", () => {
    const plan = makePlan({ match: BETA, steps: [10] }, standing({ sticky: { secure: true } }));
    const matched = [{ match: BETA, version: "v2" }, {}];
    assert.deepEqual(
      written(plan).map(([, config]) => config["shop:routes"]),
      [matched, matched, null],
    );
    for (const { weights } of plan.steps) {
      const sticky = stickinessOf("shop", { secure: true });
      const [first, ...others] = renderHttp(matched, { host: "shop", port: 80 }, weights, sticky);
      const { match, route } = first as { match: unknown; route: unknown };
      assert.deepEqual(match, BETA, "testers come before cookies");
      assert.deepEqual(route, [{ destination: { host: "shop", subset: "v2", port: { number: 80 } } }]);
      assert.ok(others.length > 0 && others.every((rule) => !JSON.stringify(rule).includes("x-beta")));
    }
  });

  it("makes copies first, then lets testers in, and shifts then", () => {
    const plan = makePlan({ mirror: {}, match: BETA, iterations: 2, steps: [50] }, standing());
    const matched = [{ match: BETA, version: "v2" }, {}];
    assert.deepEqual(
      [...plan.steps, plan.promotion].map(({ name, trial, config }) => [name, trial, config["shop:routes"]]),
      [
        ["mirror 100%", "mirrored", [{ mirrors: [{ version: "v2", percentage: 100 }] }]],
        ["matched requests, iteration 1 of 2", "matched", matched],
        ["matched requests, iteration 2 of 2", "matched", matched],
        ["50%", "matched", matched],
        ["promotion", undefined, null],
      ],
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
      "a target for testers, whose pods come with its share",
      { match: BETA },
      { replicasFollowWeight: { total: 4, least: 0 } },
      [["shop:replicasFollowWeight.least", "is 0", "1 or more"]],
    ],
    [
      "testers who are everybody",
      { match: [{ uri: { prefix: "/" } }] },
      {},
      [["shop:rollout.match[0]", "takes every request", "a header, a path"]],
    ],
    [
      "testers who are everybody of a route",
      { match: [{ uri: { prefix: "/" }, port: 80 }] },
      { routes: [{ match: [{ uri: { prefix: "/a" }, port: 80 }] }] },
      [["shop:routes[1].match[0]", "takes what routes[0].match[0] takes already"]],
    ],
    ["testers of connections", { match: BETA }, { hosts: [], service: { protocol: "tcp" } }, [["shop:routes"]]],
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
