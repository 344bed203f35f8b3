import assert from "node:assert/strict";
import type { ConfigValues } from "../../../../src/config/configValues";
import { type AppSelection, appStateOf, clusterDomainOf, rolloutOf } from "../../../../src/rollout/plan/appState";
import { UNKNOWN } from "../../../../src/validation/unknown";
import { assertProblems, type Expected, refusalOf } from "../../problems";

const VERSIONS = ["v1", "v2", "v3"].map((name) => ({ name, image: `shop:${name}` }));
const TWO = VERSIONS.slice(0, 2);

function keys(values: Record<string, unknown>, prefix = "shop"): ConfigValues {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`${prefix}:${key}`, value]));
}

describe("the domain of a stack's cluster", () => {
  const values = (domain: unknown) => ({ global: { proxy: { clusterDomain: domain } } });
  const cases: [name: string, mesh: unknown, expected: string | undefined][] = [
    ["nobody says", undefined, undefined],
    ["is said for the mesh", { clusterDomain: "pasta.local" }, "pasta.local"],
    ["is said by a text", '{"clusterDomain":"pasta.local"}', "pasta.local"],
    ["is in Helm's values", { install: false, istiodValues: values("pasta.local") }, "pasta.local"],
    ["is in neither", { istiodValues: values(5) }, undefined],
    ["is a secret", UNKNOWN, undefined],
  ];
  for (const [name, mesh, expected] of cases) {
    it(`is read where it ${name}`, () => {
      const config = { project: "shop", values: keys({ appName: "a", mesh }) };
      assert.equal(clusterDomainOf(config), expected);
      assert.equal(clusterDomainOf({ project: "other", values: config.values }, "shop"), expected);
    });
  }
});

describe("how a stack's app stands", () => {
  it("is what its config says", () => {
    const routes = [{ match: [{ uri: { exact: "/a" } }] }];
    const sourceOf = (names: readonly string[]) => ({
      keys: Object.fromEntries(names.map((name) => [name, " spelt"])),
    });
    const appState = appStateOf({
      project: "shop",
      values: keys({ appName: "myapp", versions: TWO, weight: 25, routes, namespace: { name: "live" } }),
      sourceOf,
    });
    assert.deepEqual(appState, {
      app: "myapp",
      namespace: "live",
      prefix: "shop",
      versions: ["v1", "v2"],
      weights: { v1: 75, v2: 25 },
      byNewest: true,
      routes,
      values: { appName: "myapp", versions: TWO, weight: 25, routes, namespace: { name: "live" } },
      own: { "shop:weight": 25, "shop:routes": routes },
      source: { keys: { "shop:weight": " spelt", "shop:routes": " spelt" } },
    });
  });

  const read: [
    name: string,
    values: Record<string, unknown>,
    defaults: Record<string, unknown>,
    expected: Record<string, unknown>,
  ][] = [
    [
      "shares by name",
      { appName: "a", versions: VERSIONS, weights: { v1: 50, v2: 0, v3: 50 } },
      {},
      { byNewest: false, weights: { v1: 50, v2: 0, v3: 50 } },
    ],
    [
      "shares by name in place of the default of one number",
      { appName: "a", versions: TWO, weights: { v1: 90, v2: 10 } },
      { weight: 0 },
      { byNewest: false, weights: { v1: 90, v2: 10 } },
    ],
    [
      "the project's defaults",
      { versions: TWO },
      { appName: "a", weight: 0, weights: {}, namespace: {}, routes: [{}] },
      {
        app: "a",
        namespace: "a",
        weights: { v1: 100, v2: 0 },
        byNewest: true,
        own: { "shop:weight": null, "shop:routes": null },
      },
    ],
    [
      "values that are texts, as `pulumi config set` writes them",
      { appName: "123", versions: JSON.stringify(TWO), weight: "30" },
      {},
      { app: "123", weights: { v1: 70, v2: 30 }, own: { "shop:weight": "30", "shop:routes": null } },
    ],
    [
      "a namespace that is a text",
      { appName: "a", versions: TWO, weight: 5, namespace: "live" },
      {},
      { namespace: "live" },
    ],
    [
      "versions that are texts",
      { appName: "a", versions: ["old", "new"], weight: 5 },
      {},
      { versions: ["old", "new"], weights: { old: 95, new: 5 } },
    ],
    [
      "versions that only the shares name",
      { appName: "a", weights: { old: 95, new: 5 } },
      {},
      { versions: ["old", "new"] },
    ],
    [
      "secrets that it does not need",
      { appName: "a", versions: TWO, weight: 5, pod: UNKNOWN },
      {},
      { weights: { v1: 95, v2: 5 } },
    ],
  ];
  for (const [name, values, defaults, expected] of read) {
    it(`is read from ${name}`, () => {
      const appState: object = appStateOf({ project: "shop", values: keys(values), defaults: keys(defaults) });
      assert.deepEqual(
        Object.fromEntries(Object.entries(appState).filter(([key]) => Object.hasOwn(expected, key))),
        expected,
      );
    });
  }

  it("may be told where the config does not", () => {
    const options: AppSelection = { prefix: "web", app: "front", namespace: "live", versions: ["b", "a"] };
    const { app, namespace, versions, weights, own } = appStateOf(
      { project: "shop", values: keys({ weight: 10 }, "web") },
      options,
    );
    assert.deepEqual(
      { app, namespace, versions, weights, own },
      {
        app: "front",
        namespace: "live",
        versions: ["b", "a"],
        weights: { b: 90, a: 10 },
        own: { "web:weight": 10, "web:routes": null },
      },
    );
  });

  const refused: [name: string, values: Record<string, unknown>, expected: Expected[]][] = [
    [
      "nothing",
      {},
      [
        ["shop:versions", "is missing"],
        ["shop:appName", "is undefined"],
      ],
    ],
    ["no app", { versions: TWO, weight: 5 }, [["shop:appName"]]],
    ["no shares", { appName: "a", versions: TWO }, [["shop:weight", "is missing"]]],
    [
      "shares with another sum",
      { appName: "a", versions: TWO, weights: { v1: 50, v2: 5 } },
      [["shop:weights", "sums to 55"]],
    ],
    [
      "one number for three",
      { appName: "a", versions: VERSIONS, weight: 5 },
      [["shop:weight", "one number for 3 versions"]],
    ],
    [
      "two versions of one name",
      { appName: "a", versions: [TWO[0], TWO[0]], weight: 5 },
      [["shop:versions[1].name", 'is "v1", the name of versions[0] too']],
    ],
    [
      "a route that is wrong",
      { appName: "a", versions: TWO, weight: 5, routes: [{ version: "v9" }] },
      [["shop:routes[0].version", 'is "v9"']],
    ],
    [
      "shares that are secret",
      { appName: "a", versions: TWO, weight: UNKNOWN },
      [["shop:weight", "is a secret", "without --secret"]],
    ],
    [
      "shares of which one is secret",
      { appName: "a", versions: TWO, weights: { v1: UNKNOWN, v2: 5 } },
      [["shop:weights", "is a secret"]],
    ],
  ];
  for (const [name, values, expected] of refused) {
    it(`cannot be told from ${name}`, () => {
      const { problems } = refusalOf(() => appStateOf({ project: "shop", values: keys(values) }));
      assert.deepEqual(
        problems.map(({ path }) => path),
        expected.map(([path]) => path),
      );
      assertProblems(problems, expected);
    });
  }
});

describe("the settings of a rollout in a stack's config", () => {
  it("are none where the key is missing, or has its default", () => {
    assert.deepEqual(rolloutOf({ project: "shop", values: {} }), {});
    assert.deepEqual(rolloutOf({ project: "shop", values: {}, defaults: keys({ rollout: {} }) }), {});
  });

  it("are an object, or JSON", () => {
    assert.deepEqual(rolloutOf({ project: "shop", values: keys({ rollout: { hold: 5 } }) }), { hold: 5 });
    assert.deepEqual(rolloutOf({ project: "shop", values: keys({ rollout: '{"hold": 5}' }, "web") }, "web"), {
      hold: 5,
    });
  });
});
