import assert from "node:assert/strict";
import * as fc from "fast-check";
import { shown } from "../../../src/validation/problem";
import { UNKNOWN } from "../../../src/validation/unknown";
import { type WeightsArgs, type Weights, resolveWeights } from "../../../src/istio/weights";
import { anything, sharedVersions, shuffled, versionNames, wrongPercents } from "../arbitraries";
import { type Expected, assertProblems, problemsOf } from "../problems";

/** An object with a property of that name, as JSON makes it; in TypeScript it would set the prototype instead. */
const PROTOTYPE = JSON.parse('{"__proto__": 1, "v1": 75, "v2": 25}');

function resolved(
  versions: readonly string[],
  asked: WeightsArgs,
): { weights?: Weights; problems: ReturnType<typeof problemsOf> } {
  let weights: Weights | undefined;
  const problems = problemsOf((findings) => {
    weights = resolveWeights(versions, asked, findings);
  });
  return { weights, problems };
}

describe("the weights of versions", () => {
  const sound: [name: string, versions: string[], asked: WeightsArgs, weights: Weights][] = [
    ["one number for two versions", ["v1", "v2"], { weight: 25 }, { v1: 75, v2: 25 }],
    ["nothing for the newest", ["v1", "v2"], { weight: 0 }, { v1: 100, v2: 0 }],
    ["everything for the newest", ["v1", "v2"], { weight: 100 }, { v1: 0, v2: 100 }],
    ["a lone version without a weight", ["v1"], {}, { v1: 100 }],
    ["a lone version with all", ["v1"], { weight: 100 }, { v1: 100 }],
    ["a lone version whose weight is not known yet", ["v1"], { weight: UNKNOWN }, { v1: 100 }],
    ["a lone version by name", ["v1"], { weights: { v1: 100 } }, { v1: 100 }],
    ["90/10 by name", ["v1", "v2"], { weights: { v1: 90, v2: 10 } }, { v1: 90, v2: 10 }],
    ["80/20 by name", ["v1", "v2"], { weights: { v1: 80, v2: 20 } }, { v1: 80, v2: 20 }],
    [
      "half and half around one that gets nothing",
      ["v1", "v2", "v3"],
      { weights: { v1: 50, v2: 0, v3: 50 } },
      { v1: 50, v2: 0, v3: 50 },
    ],
    ["by name in another order", ["v1", "v2"], { weights: { v2: 10, v1: 90 } }, { v1: 90, v2: 10 }],
    [
      "a version that is named like a property of every object",
      ["constructor", "v2"],
      { weights: { constructor: 1, v2: 99 } },
      { constructor: 1, v2: 99 },
    ],
  ];
  for (const [name, versions, asked, weights] of sound) {
    it(`${name}: ${JSON.stringify(weights)}`, () => {
      const result = resolved(versions, asked);
      assertProblems(result.problems, []);
      assert.deepEqual(result.weights, weights);
      assert.deepEqual(Object.keys(result.weights ?? {}), versions, "in the versions' order");
    });
  }

  const wrong: [name: string, versions: string[], asked: WeightsArgs, problems: Expected[]][] = [
    ["a weight below 0", ["v1", "v2"], { weight: -1 }, [["weight", "is -1", "from 0 to 100"]]],
    ["a weight above 100", ["v1", "v2"], { weight: 101 }, [["weight", "is 101", "from 0 to 100"]]],
    ["a fraction", ["v1", "v2"], { weight: 12.5 }, [["weight", "is 12.5", "a whole number"]]],
    ["a text", ["v1", "v2"], { weight: "25" }, [["weight", 'is "25"']]],
    ["null", ["v1", "v2"], { weight: null }, [["weight", "is null"]]],
    ["no weight for two versions", ["v1", "v2"], {}, [["weight", "is missing", "the share of v2"]]],
    ["no weights for three versions", ["v1", "v2", "v3"], {}, [["weight", "weights are both missing", "v1, v2, v3"]]],
    [
      "one number for three versions",
      ["v1", "v2", "v3"],
      { weight: 5 },
      [["weight", "is 5, one number for 3 versions", "set weights"]],
    ],
    [
      "less than all for a lone version",
      ["v1"],
      { weight: 99 },
      [["weight", "is 99", "v1 is the only version", "leave weight out"]],
    ],
    [
      "weight and weights",
      ["v1", "v2"],
      { weight: 5, weights: { v1: 95, v2: 5 } },
      [["weights", "is set, and so is weight", "only one of them"]],
    ],
    [
      "a sum below 100",
      ["v1", "v2"],
      { weights: { v1: 49, v2: 50 } },
      [["weights", "sums to 99 (v1 49 + v2 50)", "exactly 100"]],
    ],
    ["a sum above 100", ["v1", "v2"], { weights: { v1: 100, v2: 100 } }, [["weights", "sums to 200", "exactly 100"]]],
    ["nothing for all", ["v1", "v2"], { weights: { v1: 0, v2: 0 } }, [["weights", "sums to 0"]]],
    [
      "weights by ratio, as Istio would take them",
      ["v1", "v2"],
      { weights: { v1: 5, v2: -1 } },
      [["weights.v2", "is -1", "from 0 to 100"]],
    ],
    [
      "a version that nobody declared",
      ["v1", "v2"],
      { weights: { v1: 75, v2: 25, v3: 0 } },
      [["weights.v3", "names no declared version", "v1, v2"]],
    ],
    ["a version without a share", ["v1", "v2"], { weights: { v1: 100 } }, [["weights.v2", "is missing", "write 0"]]],
    [
      "no share for anyone",
      ["v1", "v2"],
      { weights: {} },
      [
        ["weights.v1", "is missing"],
        ["weights.v2", "is missing"],
      ],
    ],
    ["a list", ["v1", "v2"], { weights: [75, 25] }, [["weights", "is [75,25]", "a share for each of v1, v2"]]],
    ["null for all", ["v1", "v2"], { weights: null }, [["weights", "is null"]]],
    ["a number for all", ["v1", "v2"], { weights: 25 }, [["weights", "is 25"]]],
    [
      "a prototype for a version",
      ["v1", "v2"],
      { weights: PROTOTYPE },
      [["weights.__proto__", "names no declared version"]],
    ],
    [
      "inherited weights",
      ["v1", "v2"],
      { weights: Object.create({ v1: 75, v2: 25 }) },
      [
        ["weights.v1", "is missing"],
        ["weights.v2", "is missing"],
      ],
    ],
    [
      "several mistakes at once",
      ["v1", "v2", "v3"],
      { weights: { v1: 1.5, v2: "x", v4: 1 } },
      [
        ["weights.v1", "is 1.5"],
        ["weights.v2", 'is "x"'],
        ["weights.v4", "no declared version"],
        ["weights.v3", "is missing"],
      ],
    ],
  ];
  for (const [name, versions, asked, problems] of wrong) {
    it(`${name} is refused`, () => {
      const result = resolved(versions, asked);
      assertProblems(result.problems, problems);
      assert.equal(result.weights, undefined);
    });
  }

  const unknown: [name: string, asked: WeightsArgs][] = [
    ["the weight", { weight: UNKNOWN }],
    ["the weights", { weights: UNKNOWN }],
    ["one of the weights", { weights: { v1: UNKNOWN, v2: 25 } }],
  ];
  for (const [name, asked] of unknown) {
    it(`${name} not known yet: neither weights nor a mistake`, () =>
      assert.deepEqual(resolved(["v1", "v2"], asked), { weights: undefined, problems: [] }));
  }

  it("a known share is checked although another is not known yet", () => {
    assertProblems(resolved(["v1", "v2"], { weights: { v1: UNKNOWN, v2: 101 } }).problems, [["weights.v2", "is 101"]]);
  });

  it("without versions there is nothing to share, and the versions themselves are what is reported", () => {
    assert.deepEqual(resolved([], { weight: 5 }), { weights: undefined, problems: [] });
  });

  it("always name exactly the declared versions, with the sum 100", () => {
    fc.assert(
      fc.property(sharedVersions(), ({ versions, shares: weights }) => {
        const result = resolved(versions, { weights });
        assert.deepEqual(result, { weights, problems: [] });
        assert.equal(
          Object.values(result.weights ?? {}).reduce((sum, share) => sum + share, 0),
          100,
        );
      }),
    );
  });

  it("never depend on the order of versions or weights", () => {
    const orders = sharedVersions(2).chain(({ versions, shares: weights }) =>
      fc.tuple(fc.constant(weights), shuffled(versions), shuffled(Object.entries(weights))),
    );
    fc.assert(
      fc.property(orders, ([weights, versions, entries]) => {
        assert.deepEqual(resolved(versions, { weights: Object.fromEntries(entries) }).weights, weights);
      }),
    );
  });

  it("give the newest of two its number and the other one the rest", () => {
    fc.assert(
      fc.property(versionNames(2, 2), fc.nat({ max: 100 }), ([older, newer], weight) =>
        assert.deepEqual(resolved([older, newer], { weight }).weights, { [older]: 100 - weight, [newer]: weight }),
      ),
    );
  });

  it("refuse every other number and everything that is none, with path, value and what is allowed", () => {
    fc.assert(
      fc.property(versionNames(2, 2), wrongPercents(), (versions, weight) => {
        const result = resolved(versions, { weight });
        assertProblems(result.problems, [["weight", `is ${shown(weight)}`, "a whole number from 0 to 100"]]);
        assert.equal(result.weights, undefined);
      }),
    );
  });

  it("refuse one wrong share among sound ones", () => {
    const cases = sharedVersions().chain((given) =>
      fc.tuple(fc.constant(given), fc.constantFrom(...given.versions), wrongPercents()),
    );
    fc.assert(
      fc.property(cases, ([{ versions, shares: weights }, name, weight]) => {
        const path = /^[a-z]/.test(name) ? `weights.${name}` : `weights["${name}"]`;
        assertProblems(resolved(versions, { weights: { ...weights, [name]: weight } }).problems, [
          [path, `is ${shown(weight)}`, "from 0 to 100"],
        ]);
      }),
    );
  });

  it("refuse every sum but 100", () => {
    const cases = versionNames().chain((versions) =>
      fc.tuple(
        fc.constant(versions),
        fc.array(fc.nat({ max: 100 }), { minLength: versions.length, maxLength: versions.length }),
      ),
    );
    fc.assert(
      fc.property(cases, ([versions, parts]) => {
        const sum = parts.reduce((total, part) => total + part, 0);
        fc.pre(sum !== 100);
        const result = resolved(versions, {
          weights: Object.fromEntries(versions.map((name, index) => [name, parts[index]])),
        });
        assertProblems(result.problems, [["weights", `sums to ${sum} (`, "exactly 100"]]);
        assert.equal(result.weights, undefined);
      }),
    );
  });

  it("are either sound or refused, whatever was asked for", () => {
    fc.assert(
      fc.property(
        versionNames(),
        fc.record({ weight: anything(), weights: anything() }, { requiredKeys: [] }),
        (versions, asked) => {
          const { weights, problems } = resolved(versions, asked);
          if (weights === undefined) {
            const open =
              asked.weight === UNKNOWN ||
              asked.weights === UNKNOWN ||
              Object.values(asked.weights ?? {}).includes(UNKNOWN);
            assert.ok(problems.length > 0 || open);
          } else {
            assert.deepEqual([Object.keys(weights).sort(), problems], [[...versions].sort(), []]);
            assert.equal(
              Object.values(weights).reduce((sum, share) => sum + share, 0),
              100,
            );
          }
        },
      ),
    );
  });
});
