import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { StackConfig } from "../../../../src/config/stackConfig";
import { ConfigText } from "../../../../src/config/configText";
import { type AppState, appStateOf } from "../../../../src/rollout/plan/appState";
import { makePlan } from "../../../../src/rollout/plan/makePlan";
import { NothingToRollOutError } from "../../../../src/rollout/plan/nothingToRollOut";
import type { Plan } from "../../../../src/rollout/plan/plan";
import { planText } from "../../../../src/rollout/plan/planText";
import type { RolloutSettings } from "../../../../src/rollout/plan/settings";
import { sharedVersions } from "../../arbitraries";
import { assertProblems, type Expected, refusalOf } from "../../problems";
import { TWO } from "./appStates";

const CART = [{ prefix: "cart" }];

/** A stack with two apps and a third one, all keys of which can be set otherwise. */
function stack(values: Record<string, unknown> = {}): StackConfig {
  const all = {
    "shop:appName": "shop",
    "shop:versions": TWO,
    "shop:weight": 0,
    "cart:appName": "cart",
    "cart:versions": [
      { name: "v2", image: "cart:2" },
      { name: "v3", image: "cart:3" },
    ],
    "cart:weights": { v2: 100, v3: 0 },
    "pay:appName": "pay",
    "pay:versions": TWO,
    "pay:weight": 100,
    ...values,
  };
  return {
    project: "shop",
    values: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)),
  };
}

function planned(given: RolloutSettings, config = stack()): Plan {
  return makePlan(given, appStateOf(config), (selection) => appStateOf(config, selection));
}

describe("the plan of several apps as one rollout", () => {
  it("moves all of them in each step, by the keys of each", () => {
    const { before, others, steps, promotion } = planned({ with: CART, steps: [10, 50] });
    assert.deepEqual(others, [
      { name: "cart", app: "cart", namespace: "cart", prefix: "cart", versions: ["v2", "v3"], target: "v3" },
    ]);
    assert.deepEqual(before, {
      weights: { v1: 100, v2: 0 },
      others: { cart: { v2: 100, v3: 0 } },
      config: { "shop:weight": 0, "cart:weights": { v2: 100, v3: 0 } },
    });
    assert.deepEqual(
      [...steps, promotion].map(({ name, weights, others: theirs, config }) => [name, weights.v2, theirs, config]),
      [10, 50, 100].map((share) => [
        share === 100 ? "promotion" : `${share}%`,
        share,
        { cart: { v2: 100 - share, v3: share } },
        { "shop:weight": share, "cart:weights": { v2: 100 - share, v3: share } },
      ]),
    );
  });

  it("begins where the least share of a target is; one that has more keeps it until the steps have come to it", () => {
    const cartHas = (v3: number) => stack({ "shop:weight": 20, "cart:weights": { v2: 100 - v3, v3 } });
    const shares = ({ steps, promotion }: Plan) =>
      [...steps, promotion].map(({ weights, others }) => [weights.v2, others?.cart.v3]);
    assert.deepEqual(shares(planned({ with: CART, steps: [5, 30, 60] }, cartHas(50))), [
      [30, 50],
      [60, 60],
      [100, 100],
    ]);
    assert.deepEqual(shares(planned({ with: CART, steps: [5, 30] }, cartHas(0))), [
      [20, 5],
      [30, 30],
      [100, 100],
    ]);
    assert.deepEqual(shares(planned({ with: CART, steps: [30] }, cartHas(100))), [
      [30, 100],
      [100, 100],
    ]);
  });

  it("has nothing to do only where all targets have everything, and says so of each", () => {
    const done = stack({ "shop:weight": 100, "cart:weights": { v2: 0, v3: 100 } });
    assert.throws(
      () => planned({ with: CART }, done),
      (error: Error) => {
        assert.ok(error instanceof NothingToRollOutError);
        assert.match(error.message, /^Nothing to roll out: v2 has all traffic already, and so has v3 of cart\. /);
        return true;
      },
    );
    assert.equal(planned({ with: CART, steps: [50] }, stack({ "shop:weight": 100 })).steps[0].weights.v2, 100);
  });

  it("puts all keys back to the byte", () => {
    const text =
      'config:\n  shop:appName: shop\n  shop:versions: [v1, v2]\n  shop:weight: "0" # ours\n  cart:appName: cart\n  cart:versions: [v2, v3]\n  cart:weights: { v2: 100,   v3: 0 }\n';
    const file = new ConfigText(text, "shop");
    const config = {
      project: "shop",
      values: file.values(),
      sourceOf: (keys: readonly string[]) => file.sourceOf(keys),
    };
    const { before, steps } = planned({ with: CART, steps: [50] }, config);
    const moved = file.with(steps[0].config);
    assert.notEqual(moved, text);
    assert.equal(new ConfigText(moved, "shop").with(before.config, before.source), text);
  });

  it("asks gates that judge requests once for each app, and all others once", () => {
    const { gates } = planned({
      with: CART,
      gates: [
        { name: "errors", kind: "success-rate", min: 99 },
        { name: "theirs", kind: "latency", maxMs: 100, app: "cart" },
        { name: "ours", kind: "baseline", app: "shop" },
        { name: "go", kind: "approval" },
      ],
    });
    assert.deepEqual(
      gates.map(({ name, app }) => [name, app]),
      [
        ["errors", undefined],
        ["errors (cart)", "cart"],
        ["theirs", "cart"],
        ["ours", "shop"],
        ["go", undefined],
      ],
    );
  });

  it("judges an app whose shares stay by all of its versions", () => {
    const { watched, gates, others, steps } = planned({
      watch: [{ prefix: "pay" }],
      gates: [{ name: "backend", kind: "success-rate", app: "pay" }],
    });
    assert.deepEqual(watched, [{ name: "pay", app: "pay", namespace: "pay", prefix: "pay", versions: ["v1", "v2"] }]);
    assert.deepEqual(gates, [{ name: "backend", kind: "success-rate", app: "pay", of: "app" }]);
    assert.equal(others, undefined);
    assert.deepEqual(Object.keys(steps[0].config), ["shop:weight"]);
  });

  it("tells apps of one name apart by their namespaces", () => {
    const config = stack({ "cart:appName": "shop", "cart:namespace": "eu", "shop:namespace": "us" });
    const plan = planned({ with: CART, gates: [{ name: "errors", kind: "success-rate" }] }, config);
    assert.deepEqual(
      plan.gates.map(({ name, app }) => [name, app]),
      [
        ["errors", undefined],
        ["errors (shop.eu)", "shop.eu"],
      ],
    );
    assert.deepEqual(Object.keys(plan.steps[0].others ?? {}), ["shop.eu"]);
  });

  it("shows the steps of each app", () => {
    const text = planText(planned({ with: CART, steps: [10], gates: [{ name: "errors", kind: "success-rate" }] }));
    assert.match(text, /v2 of shop in namespace shop: canary, 1 step[^]*together with v3 of cart in namespace cart/);
    assert.match(text, /1\. 10% +90% +10%\n/);
    assert.match(text, /errors, errors \(cart\)/);
  });

  const REFUSED: [what: string, given: RolloutSettings, values: Record<string, unknown>, ...expected: Expected[]][] = [
    ["its own prefix", { with: [{ prefix: "shop" }] }, {}, ["shop:rollout.with[0].prefix", "the rollout itself"]],
    [
      "a prefix twice",
      { with: [{ prefix: "cart" }, { prefix: "cart" }] },
      {},
      ["shop:rollout.with[1].prefix", "also the prefix of with[0]"],
    ],
    [
      "a prefix to move and to watch",
      { with: CART, watch: CART },
      {},
      ["shop:rollout.watch[0].prefix", "also the prefix of with[0]"],
    ],
    [
      "the same app under other keys",
      { with: [{ prefix: "cart" }, { prefix: "pay" }] },
      { "pay:appName": "cart" },
      ["shop:rollout.with[1]", "cart in namespace cart, and so is shop:rollout.with[0]"],
    ],
    ["no prefix", { with: [{} as { prefix: string }] }, {}, ["shop:rollout.with[0].prefix", "is missing"]],
    [
      "a target that it does not have",
      { with: [{ prefix: "cart", target: "v9" }] },
      {},
      ["shop:rollout.with[0].target", "v2, v3"],
    ],
    ["mirror", { with: CART, mirror: {} }, {}, ["shop:rollout.with", "is set beside mirror", "remove it"]],
    [
      "match",
      { with: CART, match: [{ headers: { a: { exact: "b" } } }] },
      {},
      ["shop:rollout.with", "is set beside match", "in a run of its own"],
    ],
    [
      "blue-green",
      { with: CART, strategy: "blue-green", mirror: {} },
      {},
      ["shop:rollout.with", "is set for strategy blue-green"],
      ["shop:rollout.with", "is set beside mirror"],
    ],
    [
      "a target without pods",
      { with: CART },
      {
        "cart:versions": [
          { name: "v2", image: "c" },
          { name: "v3", image: "c", replicas: 0 },
        ],
      },
      ["cart:versions[1].replicas", "is 0"],
    ],
    [
      "no route that is split by the weights",
      { with: CART },
      { "cart:routes": [{ redirect: { uri: "/" } }] },
      ["cart:routes", "no route that is split"],
    ],
    [
      "a gate of an app that is not in the run",
      { gates: [{ name: "errors", kind: "success-rate", app: "pay" }] },
      {},
      ["shop:rollout.gates[0].app", "no app of the run", "rollout.watch"],
    ],
    [
      "a baseline of an app whose shares stay",
      { watch: [{ prefix: "pay" }], gates: [{ name: "errors", kind: "baseline", app: "pay" }] },
      {},
      ["shop:rollout.gates[0].app", "success-rate or latency"],
    ],
    [
      "the target of an app that has none",
      { watch: [{ prefix: "pay" }], gates: [{ name: "errors", kind: "success-rate", app: "pay", of: "target" }] },
      {},
      ["shop:rollout.gates[0].of", "expected app"],
    ],
    ["an app that nobody judges", { watch: [{ prefix: "pay" }] }, {}, ["shop:rollout.watch[0]", "with app: pay"]],
    [
      "a gate that is called as another app's",
      {
        with: CART,
        gates: [
          { name: "errors", kind: "success-rate" },
          { name: "errors (cart)", kind: "approval" },
        ],
      },
      {},
      ["shop:rollout.gates[1].name", "choose another name"],
    ],
    [
      "an app on a gate that judges no requests",
      { with: CART, gates: [{ name: "go", kind: "approval", app: "cart" }] },
      {},
      ["shop:rollout.gates[0].app", "unknown argument"],
    ],
  ];

  for (const [what, given, values, ...expected] of REFUSED) {
    it(`refuses ${what}`, () => {
      assertProblems(refusalOf(() => planned(given, stack(values))).problems, expected);
    });
  }

  it("refuses an app whose config does not say how it stands, by its keys", () => {
    const error = refusalOf(() => planned({ with: CART }, stack({ "cart:weights": { v2: 40, v3: 40 } })));
    assert.match(error.problems[0].path, /^cart:weights/);
  });

  it("gives each app whole shares with the sum 100, of which no target ever loses any, and ends as it began", () => {
    const app = fc.tuple(sharedVersions(2), fc.nat()).map(([{ versions, shares }, index]) => ({
      versions,
      weights: shares,
      target: versions[index % versions.length],
    }));
    fc.assert(
      fc.property(
        fc.array(app, { minLength: 2, maxLength: 4 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 5 }),
        (apps, steps) => {
          const values = Object.fromEntries(
            apps.flatMap(({ versions, weights }, index) => [
              [`a${index}:appName`, `a${index}`],
              [`a${index}:versions`, versions],
              [`a${index}:weights`, weights],
            ]),
          );
          const config = { project: "a0", values };
          const given: RolloutSettings = {
            target: apps[0].target,
            steps: steps.sort((a, b) => a - b),
            with: apps.slice(1).map(({ target }, index) => ({ prefix: `a${index + 1}`, target })),
          };
          if (apps.every(({ weights, target }) => weights[target] === 100)) {
            assert.throws(() => planned(given, config), NothingToRollOutError);
            return;
          }
          assertSound(planned(given, config), apps);
        },
      ),
    );
  });
});

function assertSound(plan: Plan, apps: readonly { weights: AppState["weights"]; target: string }[]): void {
  apps.forEach(({ weights, target }, index) => {
    const along = [plan.before, ...plan.steps, plan.promotion].map(({ config, weights: own, others }) => {
      const shares = index === 0 ? own : others?.[`a${index}`];
      assert.deepEqual(config[`a${index}:weights`], shares);
      return shares as AppState["weights"];
    });
    assert.deepEqual(along[0], weights);
    assert.equal(along[along.length - 1][target], 100);
    along.forEach((shares, step) => {
      const all = Object.values(shares);
      assert.ok(all.every((share) => Number.isInteger(share) && share >= 0));
      assert.equal(
        all.reduce((sum, share) => sum + share),
        100,
      );
      assert.ok(step === 0 || shares[target] >= along[step - 1][target]);
    });
  });
}
