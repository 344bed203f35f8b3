import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { GateDefinition, GateContext } from "../../../../src/rollout/gates/gate";
import { GATE_KINDS, makeGate, needsPrometheus } from "../../../../src/rollout/gates/kinds";
import type { MetricsSource, Span, VersionTraffic } from "../../../../src/rollout/metrics/source";
import { ValidationError } from "../../../../src/validation/problem";
import { question } from "./question";

class FakeMetrics implements MetricsSource {
  readonly description = "metrics";
  readonly asked: Span[] = [];
  constructor(
    private readonly answer: (signal: AbortSignal) => Promise<Record<string, VersionTraffic>>,
    readonly query?: MetricsSource["query"],
  ) {}
  async start(): Promise<void> {}
  traffic(span: Span, signal: AbortSignal): Promise<Record<string, VersionTraffic>> {
    this.asked.push(span);
    return this.answer(signal);
  }
  stop(): void {}
}

const surroundings = (metrics: MetricsSource, more: Partial<GateContext> = {}): GateContext => ({
  metrics,
  approval: () => undefined,
  ...more,
});
const never = new AbortController().signal;
const good = async () => ({
  v1: { requests: 4000, failures: 0, durations: [] },
  v2: { requests: 1000, failures: 0, durations: [] },
});

describe("a gate", () => {
  it("is asked at the phases of its kind, or of its definition", () => {
    const phases = (definition: GateDefinition) => makeGate(definition, surroundings(new FakeMetrics(good))).phases;
    assert.deepEqual(phases({ name: "a", kind: "success-rate" }), ["hold"]);
    assert.deepEqual(phases({ name: "a", kind: "webhook", url: "http://a" }), ["hold"]);
    assert.deepEqual(phases({ name: "a", kind: "webhook", url: "http://a", when: ["start", "promotion"] }), [
      "start",
      "promotion",
    ]);
    assert.deepEqual(phases({ name: "a", kind: "approval" }), ["promotion"]);
    assert.deepEqual(phases({ name: "a", kind: "approval", when: "step" }), ["step"]);
  });

  it("is refused where its definition is wrong", () => {
    assert.throws(() => makeGate({ name: "a", kind: "nothing" }, surroundings(new FakeMetrics(good))), ValidationError);
  });

  it("says whether it needs a Prometheus", () => {
    assert.deepEqual(
      GATE_KINDS.filter((kind) => needsPrometheus({ name: "a", kind })),
      ["promql"],
    );
  });

  it("looks at the time since the step's shares are in force, or at its window", async () => {
    const metrics = new FakeMetrics(good);
    await makeGate({ name: "a", kind: "success-rate" }, surroundings(metrics)).ask(
      question({ since: 1000, now: 91_000 }),
      never,
    );
    await makeGate({ name: "a", kind: "success-rate", window: "1m" }, surroundings(metrics)).ask(
      question({ since: 1000, now: 91_000 }),
      never,
    );
    await makeGate({ name: "a", kind: "success-rate", window: "10m" }, surroundings(metrics)).ask(
      question({ since: 1000, now: 91_000 }),
      never,
    );
    assert.deepEqual(metrics.asked, [
      { from: 1000, to: 91_000 },
      // What is judged, and what is evidence.
      { from: 31_000, to: 91_000 },
      { from: 1000, to: 91_000 },
      { from: 1000, to: 91_000 },
    ]);
  });

  it("counts as evidence only what came since its last answer, and not what came before the step's shares", async () => {
    const metrics = new FakeMetrics(good);
    const gate = makeGate({ name: "a", kind: "success-rate" }, surroundings(metrics));
    const first = await gate.ask(question({ since: 1000, now: 11_000 }), never);
    const again = await gate.ask(question({ since: 1000, now: 21_000, evidence: first.evidence }), never);
    await gate.ask(question({ since: 30_000, now: 41_000, step: 2, evidence: again.evidence }), never);
    assert.deepEqual(metrics.asked, [
      { from: 1000, to: 11_000 },
      { from: 1000, to: 21_000 },
      { from: 11_000, to: 21_000 },
      { from: 30_000, to: 41_000 },
    ]);
    assert.equal(first.evidence?.until, 11_000);
    assert.deepEqual(JSON.parse(JSON.stringify(again.evidence)), again.evidence);
  });

  it("gives no evidence where there is nothing new, so that it is asked for what is missing later", async () => {
    for (const kind of ["success-rate", "baseline"]) {
      const gate = makeGate({ name: "a", kind }, surroundings(new FakeMetrics(async () => ({}))));
      assert.equal((await gate.ask(question(), never)).evidence, undefined);
    }
  });

  it("answers with its name, and what its judge says", async () => {
    const all = await Promise.all(
      [
        { name: "ok", kind: "success-rate" },
        { name: "fast", kind: "latency", maxMs: 5 },
        { name: "as good", kind: "baseline" },
      ].map((each) => makeGate(each, surroundings(new FakeMetrics(good))).ask(question(), never)),
    );
    assert.deepEqual(
      all.map(({ gate, verdict }) => [gate, verdict]),
      [
        ["ok", "passed"],
        ["fast", "inconclusive"],
        ["as good", "passed"],
      ],
    );
    assert.equal(all[0].metrics.requests, 1000);
  });

  it("decides nothing where its source fails, in whatever way", async () => {
    const failing: (() => Promise<never>)[] = [
      async () => Promise.reject(new Error("no route to host")),
      () => {
        throw new Error("no route to host");
      },
      async () => Promise.reject("no route to host"),
      async () => Promise.reject(new AggregateError([new Error("no route to host")])),
    ];
    for (const answer of failing) {
      const { verdict, reason, metrics } = await makeGate(
        { name: "a", kind: "baseline" },
        surroundings(new FakeMetrics(answer)),
      ).ask(question(), never);
      assert.deepEqual([verdict, reason, metrics], ["inconclusive", "no route to host", {}]);
    }
  });

  it("waits no longer than it may, even for what ignores the signal", async () => {
    const deaf = new FakeMetrics(() => new Promise(() => undefined));
    const { verdict, reason } = await makeGate(
      { name: "a", kind: "baseline", timeoutSeconds: 0.1 },
      surroundings(deaf),
    ).ask(question(), never);
    assert.deepEqual([verdict, reason], ["inconclusive", "no response within 0.1 s"]);
  });

  it("gives up when the run is stopped, before and while it waits", async () => {
    const deaf = new FakeMetrics(() => new Promise(() => undefined));
    const gate = makeGate({ name: "a", kind: "baseline" }, surroundings(deaf));
    for (const when of ["before", "while"]) {
      const stop = new AbortController();
      if (when === "before") stop.abort();
      const asking = gate.ask(question(), stop.signal);
      stop.abort();
      const { verdict, reason } = await asking;
      assert.deepEqual([verdict, reason], ["inconclusive", "the run was stopped before there was a response"], when);
    }
  });

  it("tells its source when it gives up", async () => {
    let told: AbortSignal | undefined;
    const deaf = new FakeMetrics((signal) => ((told = signal), new Promise(() => undefined)));
    await makeGate({ name: "a", kind: "baseline", timeoutSeconds: 0.1 }, surroundings(deaf)).ask(question(), never);
    assert.equal(told?.aborted, true);
  });

  it("never passes, and never throws, on metrics that cannot be", async () => {
    const number = fc.oneof(fc.double(), fc.constantFrom(NaN, -1, Infinity, -Infinity, 0));
    const version = fc.record({
      requests: number,
      failures: number,
      durations: fc.array(fc.record({ upTo: number, count: number }), { maxLength: 4 }),
    });
    const impossible = ({ requests, failures, durations }: VersionTraffic) =>
      ![requests, failures].every((each) => Number.isFinite(each) && each >= 0) ||
      failures > requests ||
      requests < 50 ||
      durations.some(({ count }) => !(Number.isFinite(count) && count >= 0));
    await fc.assert(
      fc.asyncProperty(
        version.filter(impossible),
        version,
        fc.constantFrom<GateDefinition>(
          { name: "a", kind: "success-rate" },
          { name: "a", kind: "latency", maxMs: 1e9 },
          { name: "a", kind: "baseline", margin: 100, latency: { margin: 100 } },
        ),
        async (v2, v1, definition) => {
          const { verdict, metrics } = await makeGate(
            definition,
            surroundings(new FakeMetrics(async () => ({ v1, v2 }))),
          ).ask(question(), never);
          assert.notEqual(verdict, "passed");
          assert.ok(Object.values(metrics).every(Number.isFinite));
        },
      ),
    );
  });

  it("has no metrics that cannot be drawn", async () => {
    const query = async () => [Infinity];
    const { verdict, metrics } = await makeGate(
      { name: "a", kind: "promql", query: "1/0", min: 1 },
      surroundings(new FakeMetrics(good, query)),
    ).ask(question(), never);
    assert.deepEqual([verdict, metrics], ["passed", { min: 1 }]);
  });

  it("of a query is asked of its source, and decides nothing where that takes none", async () => {
    const asked: unknown[] = [];
    const query = async (text: string, at: number) => (asked.push([text, at]), [0.5]);
    const definition = { name: "a", kind: "promql", query: "rate(x{v='{{target}}'}[{{window}}])", max: 1 };
    assert.equal(
      (await makeGate(definition, surroundings(new FakeMetrics(good, query))).ask(question({ now: 60_000 }), never))
        .verdict,
      "passed",
    );
    assert.deepEqual(asked, [["rate(x{v='v2'}[60s])", 60_000]]);
    const without = await makeGate(definition, surroundings(new FakeMetrics(good))).ask(question(), never);
    assert.equal(without.verdict, "inconclusive");
    assert.match(without.reason, /metrics cannot run queries; gates of kind promql need a Prometheus/);
  });

  it("of a person is asked by its name and step", async () => {
    const approval = (gate: string, step: number) =>
      gate === "ship it" && step === 3 ? { approved: true, by: "ann" } : undefined;
    const gate = makeGate({ name: "ship it", kind: "approval" }, surroundings(new FakeMetrics(good), { approval }));
    assert.equal((await gate.ask(question({ step: 3 }), never)).verdict, "passed");
    assert.equal((await gate.ask(question({ step: 2 }), never)).verdict, "inconclusive");
  });
});
