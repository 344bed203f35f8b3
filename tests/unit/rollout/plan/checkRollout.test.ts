import assert from "node:assert/strict";
import * as fc from "fast-check";
import { checkRollout } from "../../../../src/rollout/plan/checkRollout";
import { type RolloutSettings, withOverrides } from "../../../../src/rollout/plan/settings";
import { UNKNOWN } from "../../../../src/validation/unknown";
import { anything, roughly } from "../../arbitraries";
import { type Expected, assertProblems, problemsOf } from "../../problems";

const MATCH = [{ headers: { "x-beta": { exact: "1" } } }];
const RATE = { name: "rate", kind: "success-rate", min: 99 };

function problems(settings: unknown, versions: readonly string[] | undefined = ["v1", "v2"]) {
  return problemsOf((findings) => checkRollout(settings, findings, versions), "shop:rollout");
}

describe("the settings of a rollout", () => {
  const sound: [name: string, settings: RolloutSettings][] = [
    ["nothing", {}],
    ["a list of steps", { steps: [1, 50, 99] }],
    ["steps that end with the promotion", { steps: [50, 100] }],
    ["a growth", { stepWeight: 20, maxWeight: 60 }],
    ["a factor", { exponential: { start: 2, factor: 1.5, maxWeight: 50 } }],
    [
      "durations as numbers and texts",
      {
        hold: 0,
        mirror: { hold: "5m" },
        limits: { interval: "500ms", stepDeadline: 90, deadline: "2h", rollbackDeadline: "5m", convergenceTimeout: 0 },
      },
    ],
    ["copies of some requests", { mirror: { percent: 0.5 } }],
    ["A/B by a header", { strategy: "ab", match: MATCH, iterations: 3 }],
    ["blue-green on copies", { strategy: "blue-green", mirror: {} }],
    ["blue-green on matched requests", { strategy: "blue-green", match: MATCH }],
    [
      "gates and where their metrics come from",
      {
        gates: [RATE, { name: "q", kind: "promql", query: "up", min: 1 }],
        source: { prometheus: { url: "http://prometheus:9090" } },
      },
    ],
    [
      "a pause where a gate fails, but for one gate",
      { gates: [{ ...RATE, onFailure: "rollBack" }], limits: { onFailure: "pause" } },
    ],
    ["messages", { notify: [{ kind: "webhook", url: "https://chat.example.com", template: "slack" }] }],
    ["a target", { target: "v1" }],
    [
      "a secret token of the source",
      { source: { prometheus: { url: "http://p", token: UNKNOWN as unknown as string } } },
    ],
  ];
  for (const [name, settings] of sound) {
    it(`may be ${name}`, () => assertProblems(problems(settings), []));
  }

  it("may name any target where the versions are not known", () =>
    assertProblems(
      problemsOf((findings) => checkRollout({ target: "v9" }, findings)),
      [],
    ));

  const wrong: [name: string, settings: unknown, expected: Expected[]][] = [
    ["a text", "fast", [["shop:rollout", 'is "fast"', "an object"]]],
    ["a list", [], [["shop:rollout", "is []"]]],
    ["a misspelt field", { step: [5] }, [["shop:rollout.step", "is an unknown argument", "steps"]]],
    ["a target that is not declared", { target: "v3" }, [["shop:rollout.target", 'is "v3"', "v1, v2"]]],
    [
      "an unknown strategy",
      { strategy: "bluegreen" },
      [["shop:rollout.strategy", 'is "bluegreen"', "canary, ab, blue-green"]],
    ],
    ["no steps", { steps: [] }, [["shop:rollout.steps", "is []", "at least 1"]]],
    ["steps that are a number", { steps: 5 }, [["shop:rollout.steps", "is 5"]]],
    ["a step of nothing", { steps: [0, 5] }, [["shop:rollout.steps[0]", "is 0", "from 1 to 99"]]],
    ["a step above everything", { steps: [5, 101] }, [["shop:rollout.steps[1]", "is 101"]]],
    ["a step of half a percent", { steps: [0.5] }, [["shop:rollout.steps[0]", "is 0.5"]]],
    [
      "steps that go back",
      { steps: [5, 50, 20] },
      [["shop:rollout.steps[2]", "is 20, not above the step before it (50)", "ascend"]],
    ],
    ["a step twice", { steps: [5, 5] }, [["shop:rollout.steps[1]", "is 5"]]],
    ["nothing but the promotion", { steps: [100] }, [["shop:rollout.steps", "is [100]", "a step below 100"]]],
    ["two schedules", { steps: [5], stepWeight: 5 }, [["shop:rollout", "has steps and stepWeight", "only one of"]]],
    [
      "a growth above its highest share",
      { stepWeight: 50, maxWeight: 20 },
      [["shop:rollout.stepWeight", "is 50, above maxWeight (20)"]],
    ],
    ["a highest share of nothing", { maxWeight: 20 }, [["shop:rollout.maxWeight", "is set without stepWeight"]]],
    [
      "a factor that does not grow",
      { exponential: { factor: 1 } },
      [["shop:rollout.exponential.factor", "is 1", "above 1"]],
    ],
    ["a factor that is no number", { exponential: { factor: "2" } }, [["shop:rollout.exponential.factor", 'is "2"']]],
    [
      "a start above the highest share",
      { exponential: { start: 50, maxWeight: 20 } },
      [["shop:rollout.exponential.start", "is 50, above maxWeight (20)"]],
    ],
    ["a hold that is no duration", { hold: "soon" }, [["shop:rollout.hold", 'is "soon"', "90s"]]],
    ["copies of no requests", { mirror: { percent: 0 } }, [["shop:rollout.mirror.percent", "is 0", "above 0"]]],
    ["copies of more than all requests", { mirror: { percent: 101 } }, [["shop:rollout.mirror.percent", "is 101"]]],
    ["A/B for nobody", { strategy: "ab" }, [["shop:rollout.match", "is missing", "strategy ab needs it"]]],
    [
      "A/B with steps",
      { strategy: "ab", match: MATCH, steps: [5] },
      [["shop:rollout.steps", "is set for strategy ab", "remove it"]],
    ],
    [
      "blue-green without trial",
      { strategy: "blue-green" },
      [["shop:rollout", "has neither mirror nor match", "set one of them"]],
    ],
    [
      "matched requests of a canary",
      { match: MATCH },
      [["shop:rollout.match", "is set for strategy canary", "ab and blue-green"]],
    ],
    ["iterations of nothing", { iterations: 3 }, [["shop:rollout.iterations", "is set without match"]]],
    [
      "a wrong match",
      { strategy: "ab", match: [{ header: {} }] },
      [["shop:rollout.match[0].header", "is an unknown argument", "headers"]],
    ],
    ["no match at all", { strategy: "ab", match: [] }, [["shop:rollout.match", "is []", "at least 1"]]],
    [
      "a gate of no kind",
      { gates: [{ name: "a", kind: "luck" }] },
      [["shop:rollout.gates[0].kind", 'is "luck"', "success-rate"]],
    ],
    ["two gates of one name", { gates: [RATE, RATE] }, [["shop:rollout.gates[1].name", 'is "rate"']]],
    ["a source that is a text", { source: "http://prometheus" }, [["shop:rollout.source", 'is "http://prometheus"']]],
    ["a message to nobody", { notify: [{ kind: "mail" }] }, [["shop:rollout.notify[0].kind", 'is "mail"', "webhook"]]],
    ["a threshold of nothing", { limits: { failureThreshold: 0 } }, [["shop:rollout.limits.failureThreshold", "is 0"]]],
    [
      "a failure that means nothing",
      { limits: { onFailure: "wait" } },
      [["shop:rollout.limits.onFailure", 'is "wait"', "rollBack, pause"]],
    ],
    [
      "a gate's failure that means nothing",
      { gates: [{ ...RATE, onFailure: true }] },
      [["shop:rollout.gates[0].onFailure", "is true", "rollBack, pause"]],
    ],
    [
      "an approval's failure",
      { gates: [{ name: "go", kind: "approval", onFailure: "pause" }] },
      [["shop:rollout.gates[0].onFailure", "is set for an approval", "a rejection always rolls back: remove it"]],
    ],
    ["a deadline at once", { limits: { deadline: 0 } }, [["shop:rollout.limits.deadline", "is 0"]]],
    [
      "a misspelt limit",
      { limits: { stepdeadline: 1 } },
      [["shop:rollout.limits.stepdeadline", "is an unknown argument", "stepDeadline"]],
    ],
    [
      "several mistakes at once",
      { steps: [0], hold: "x", gates: [{}] },
      [["shop:rollout.steps[0]"], ["shop:rollout.hold"], ["shop:rollout.gates[0].kind"]],
    ],
  ];
  for (const [name, settings, expected] of wrong) {
    it(`may not be ${name}`, () => assertProblems(problems(settings), expected));
  }

  it("are checked without an error of its own, whatever they are", () => {
    const rough = roughly({
      target: fc.constant("v1"),
      strategy: fc.constantFrom("canary", "ab", "blue-green"),
      steps: fc.array(anything()),
      exponential: roughly({ start: fc.integer(), factor: fc.double(), maxWeight: fc.integer() }),
      mirror: roughly({ percent: fc.double(), hold: fc.string() }),
      match: fc.array(anything()),
      gates: fc.array(roughly({ name: fc.string(), kind: fc.constantFrom("success-rate", "promql", "webhook") })),
      limits: roughly({ interval: fc.double(), deadline: fc.string() }),
      source: anything(),
      notify: anything(),
    });
    fc.assert(
      fc.property(fc.oneof(anything(), rough), (settings) => {
        for (const { path, what, allowed } of problems(settings)) {
          assert.ok(path.startsWith("shop:rollout") && what !== "" && allowed !== "");
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("settings with others over them", () => {
  const cases: [name: string, settings: RolloutSettings, overrides: RolloutSettings, expected: RolloutSettings][] = [
    ["keep what is not named", { hold: 5, target: "v1" }, { target: "v2" }, { hold: 5, target: "v2" }],
    ["have one schedule", { stepWeight: 5, maxWeight: 50, hold: 5 }, { steps: [10] }, { steps: [10], hold: 5 }],
    [
      "may name a part of a schedule anew",
      { stepWeight: 5, maxWeight: 50 },
      { maxWeight: 20 },
      { stepWeight: 5, maxWeight: 20 },
    ],
    ["are the same without any", { steps: [5] }, { steps: undefined }, { steps: [5] }],
  ];
  for (const [name, settings, overrides, expected] of cases) {
    it(name, () => assert.deepEqual(withOverrides(settings, overrides), expected));
  }
});
