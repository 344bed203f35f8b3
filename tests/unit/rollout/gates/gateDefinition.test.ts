import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { GateDefinition } from "../../../../src/rollout/gates/gate";
import { GATE_KINDS, checkGate, checkGates } from "../../../../src/rollout/gates/kinds";
import { anything } from "../../arbitraries";
import { type Expected, assertProblems, problemsOf } from "../../problems";

const check = (definition: unknown) => problemsOf((findings) => checkGate(definition, findings), "gates[0]");

describe("the definition of a gate", () => {
  const sound: [name: string, definition: GateDefinition][] = [
    ["a success rate with its defaults", { name: "ok", kind: "success-rate" }],
    [
      "a success rate with all its fields",
      {
        name: "ok",
        kind: "success-rate",
        min: 99.9,
        confidence: 0.99,
        minRequests: 100,
        of: "app",
        window: "1m",
        timeoutSeconds: 5,
      },
    ],
    ["a latency", { name: "fast enough", kind: "latency", maxMs: 500 }],
    [
      "a latency with all its fields",
      {
        name: "p95",
        kind: "latency",
        maxMs: 0.5,
        percentile: 95,
        confidence: 0.5,
        minRequests: 1,
        of: "target",
        window: "30s",
        timeoutSeconds: 0.5,
      },
    ],
    ["a baseline", { name: "as-good", kind: "baseline" }],
    [
      "a baseline with all its fields",
      {
        name: "b",
        kind: "baseline",
        margin: 0,
        confidence: 0.99,
        minRequests: 10,
        latency: { percentile: 90, margin: 3 },
        window: "2m",
        timeoutSeconds: 1,
      },
    ],
    [
      "a query",
      {
        name: "q",
        kind: "promql",
        query: "up{app='{{app}}'}[{{ window }}]",
        min: -1,
        max: 1,
        window: "5m",
        timeoutSeconds: 1,
      },
    ],
    ["a webhook", { name: "w", kind: "webhook", url: "https://gate.example.com/check" }],
    [
      "a webhook with all its fields",
      {
        name: "w",
        kind: "webhook",
        url: { secret: "gateUrl" },
        when: ["start", "step", "hold", "promotion"],
        headers: { authorization: { secret: "t" }, "x-a": "b" },
        retries: 0,
        timeoutSeconds: 600,
      },
    ],
    ["an approval", { name: "ship it", kind: "approval" }],
    ["an approval before each step", { name: "a", kind: "approval", when: "step" }],
  ];
  for (const [name, definition] of sound) {
    it(`may be ${name}`, () => assertProblems(check(definition), []));
  }

  const wrong: [name: string, definition: unknown, problems: Expected[]][] = [
    ["nothing", undefined, [["gates[0]", "is undefined", "name, kind"]]],
    ["a text", "success-rate", [["gates[0]", 'is "success-rate"']]],
    ["a list", [], [["gates[0]", "is []"]]],
    [
      "without a kind",
      { name: "a" },
      [["gates[0].kind", "is missing", "success-rate, latency, baseline, promql, webhook, approval"]],
    ],
    [
      "of a kind that there is not",
      { name: "a", kind: "sucess-rate" },
      [["gates[0].kind", 'is "sucess-rate"', "one of success-rate, latency"]],
    ],
    ["of a kind that objects have by nature", { name: "a", kind: "constructor" }, [["gates[0].kind", "one of"]]],
    ["without a name", { kind: "approval" }, [["gates[0].name", "is missing"]]],
    ["with an empty name", { name: "", kind: "approval" }, [["gates[0].name", 'is ""', "a name of at most 63"]]],
    [
      "with another kind's field",
      { name: "a", kind: "approval", min: 1 },
      [["gates[0].min", "is an unknown argument", "name, kind, when"]],
    ],
    [
      "with a misspelt field",
      { name: "a", kind: "success-rate", minimum: 1 },
      [["gates[0].minimum", "is an unknown argument", "minRequests"]],
    ],
    [
      "with a share beyond 100",
      { name: "a", kind: "success-rate", min: 101 },
      [["gates[0].min", "is 101", "from 0 to 100"]],
    ],
    [
      "with half a request",
      { name: "a", kind: "success-rate", minRequests: 0.5 },
      [["gates[0].minRequests", "a whole number"]],
    ],
    ["without a request", { name: "a", kind: "baseline", minRequests: 0 }, [["gates[0].minRequests", "1 or more"]]],
    ["of another version", { name: "a", kind: "success-rate", of: "v1" }, [["gates[0].of", "one of target, app"]]],
    [
      "with a window that is a number",
      { name: "a", kind: "success-rate", window: 60 },
      [["gates[0].window", "a duration"]],
    ],
    ["a latency without the longest", { name: "a", kind: "latency" }, [["gates[0].maxMs", "is missing", "in ms"]]],
    [
      "the 100th percentile",
      { name: "a", kind: "latency", maxMs: 1, percentile: 100 },
      [["gates[0].percentile", "less than 100"]],
    ],
    [
      "a baseline that is certain",
      { name: "a", kind: "baseline", confidence: 1 },
      [["gates[0].confidence", "0.999999"]],
    ],
    [
      "a success rate that is sure in percent",
      { name: "a", kind: "success-rate", confidence: 95 },
      [["gates[0].confidence", "is 95", "such as 0.95"]],
    ],
    [
      "a latency that is certain",
      { name: "a", kind: "latency", maxMs: 5, confidence: 1 },
      [["gates[0].confidence", "0.999999"]],
    ],
    [
      "a baseline in percent",
      { name: "a", kind: "baseline", confidence: 95 },
      [["gates[0].confidence", "is 95", "such as 0.95"]],
    ],
    [
      "a baseline's latency in ms",
      { name: "a", kind: "baseline", latency: { maxMs: 5 } },
      [["gates[0].latency.maxMs", "is an unknown argument", "percentile, margin"]],
    ],
    ["a query without bounds", { name: "a", kind: "promql", query: "up" }, [["gates[0]", "sets nothing", "min, max"]]],
    [
      "a query without a number between its bounds",
      { name: "a", kind: "promql", query: "up", min: 2, max: 1 },
      [["gates[0].min", "more than max"]],
    ],
    ["without a query", { name: "a", kind: "promql", min: 1 }, [["gates[0].query", "is missing"]]],
    [
      "a query with an unknown name",
      { name: "a", kind: "promql", min: 1, query: "up{v='{{version}}'}" },
      [["gates[0].query", "{{version}}", "{{app}}, {{namespace}}, {{target}}, {{window}}"]],
    ],
    ["a bound that is no number", { name: "a", kind: "promql", query: "up", min: NaN }, [["gates[0].min", "is NaN"]]],
    ["a webhook nowhere", { name: "a", kind: "webhook" }, [["gates[0].url", "is missing"]]],
    [
      "a webhook of another protocol",
      { name: "a", kind: "webhook", url: "ftp://a.example.com" },
      [["gates[0].url", "http:// or https://"]],
    ],
    [
      "a webhook at no phase",
      { name: "a", kind: "webhook", url: "http://a", when: [] },
      [["gates[0].when", "at least 1"]],
    ],
    [
      "a webhook after the run",
      { name: "a", kind: "webhook", url: "http://a", when: ["after"] },
      [["gates[0].when[0]", "start, step, hold, promotion"]],
    ],
    [
      "a webhook with an impossible header",
      { name: "a", kind: "webhook", url: "http://a", headers: { "x y": "1" } },
      [['gates[0].headers["x y"]', "a header name"]],
    ],
    [
      "an approval while a step is held",
      { name: "a", kind: "approval", when: "hold" },
      [["gates[0].when", "one of start, step, promotion"]],
    ],
    [
      "several mistakes",
      { name: 5, kind: "latency", maxMs: 0, of: 1 },
      [["gates[0].name"], ["gates[0].maxMs"], ["gates[0].of"]],
    ],
  ];
  for (const [name, definition, problems] of wrong) {
    it(`may not be ${name}`, () => assertProblems(check(definition), problems));
  }

  it("does not show a header's text in what is wrong with it", () => {
    const [problem] = check({
      name: "a",
      kind: "webhook",
      url: "http://a",
      headers: { authorization: "Bearer hunter2\n" },
    });
    assert.ok(!JSON.stringify(problem).includes("hunter2"));
    assert.ok(!JSON.stringify(check({ name: "a", kind: "webhook", url: "htp://hooks/hunter2" })).includes("hunter2"));
  });

  it("has a name of its own among the others", () => {
    const all = [
      { name: "a", kind: "approval" },
      { name: "b", kind: "approval" },
      { name: "a", kind: "baseline" },
    ];
    assertProblems(
      problemsOf((findings) => checkGates(all, findings), "gates"),
      [["gates[2].name", 'is "a", also the name of gate 0']],
    );
    assertProblems(
      problemsOf((findings) => checkGates({}, findings), "gates"),
      [["gates", "a list of gates"]],
    );
  });

  it("is looked at without an exception, whatever it is", () => {
    const strange = fc.oneof(
      anything(),
      fc.record({
        name: anything(),
        kind: fc.constantFrom(...GATE_KINDS),
        query: anything(),
        when: anything(),
        url: anything(),
        headers: anything(),
        latency: anything(),
        min: anything(),
      }),
    );
    fc.assert(fc.property(strange, (definition) => void check(definition)));
  });
});
