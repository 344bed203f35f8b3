import assert from "node:assert/strict";
import fc from "fast-check";
import type { RolloutEvent } from "../../../../src/rollout/runner/event";
import { Phase } from "../../../../src/rollout/gates/gate";
import { sentence } from "../../../../src/rollout/report/sentence";
import { reportHtml } from "../../../../src/rollout/report/html";
import { reportMarkdown } from "../../../../src/rollout/report/markdown";
import { buildTimeline } from "../../../../src/rollout/report/timeline";
import { events, pausedRun, PLAN, promotedRun, rolledBackRun, RUN, success } from "../support/runs";

const markdownOf = (journal: readonly RolloutEvent[], run?: string) => reportMarkdown(buildTimeline(journal, run));
const htmlOf = (journal: readonly RolloutEvent[], run?: string) => reportHtml(buildTimeline(journal, run));

const HOSTILE = `<script>alert("1")</script> & 'x' | \`code\` @everyone https://evil.example [a](b) \u0000\ud800 end`;

describe("a sample in one sentence", () => {
  const sampled = (phase: Phase): RolloutEvent => ({
    type: "sampled",
    step: 0,
    phase,
    results: [],
    run: RUN,
    at: "2026-03-01T12:00:00.000Z",
  });

  it("tells gates that have not answered from none", () => {
    assert.match(sentence(sampled(Phase.Hold), PLAN), /: no gate has answered yet$/);
    assert.match(sentence(sampled(Phase.Step), PLAN), /: no gates$/);
    assert.match(sentence(sampled(Phase.Hold), { ...PLAN, gates: [] }), /: no gates$/);
    const own = { ...PLAN, gates: [{ kind: "code", name: "own" }] } as unknown as typeof PLAN;
    assert.match(sentence(sampled(Phase.Step), own), /: no gate has answered yet$/);
  });
});

describe("a run's report", () => {
  it("tells a promoted run: outcome, what users saw, steps, every decision", () => {
    const page = markdownOf(promotedRun());
    assert.match(page, /^# Promoted: v2 of shop takes 100% of the traffic$/m);
    assert.match(page, /^- users saw: 6 of 13,000 requests failed \(0\.05%\)$/m);
    assert.match(page, /^\| v2 \| 3,600 \| 0 \| 100% \|$/m);
    assert.match(
      page,
      /^\| 50% \| v1 50, v2 50 \| v1 50\.4, v2 49\.6 \| 2 s \| 1 s \| 50 s \| 3,000 \| 0 \| 18\.5 ms \|$/m,
    );
    assert.match(page, /^\| \+1:09 \| promotion \| go inconclusive \| 2 times, last: nobody has decided yet \|  \|$/m);
    assert.match(page, /^\| \+1:24 \| promotion \| go approved \| by grace@\u200blaptop \|  \|$/m);
  });

  it("tells why a run went back, with the metrics of the gate", () => {
    const page = markdownOf(rolledBackRun());
    assert.match(page, /^# Rolled back \(gate\): success failed 2 times in a row: 94\.9% of 1000 requests/m);
    assert.match(
      page,
      /^\| \+0:58 \|  \| rolling back \| success failed .* \| success\.percent 94\.9, success\.requests 1,000 \|$/m,
    );
    assert.match(page, /\| converged \| unverified: 12 requests are too few \|/);
  });

  it("tells a run that a failed gate has paused, and a wait but once though gates of the hold are asked in between", () => {
    const page = markdownOf(pausedRun());
    assert.match(page, /^# In progress: v2 of shop$/m);
    assert.match(
      page,
      /^\| \+1:49 \|  \| paused \| success: 94\.9% of 1000 requests succeeded; need at least 99% \| success\.percent 94\.9, success\.requests 1,000 \|$/m,
    );
    assert.match(page, /^\| \+1:19 \| promotion \| go inconclusive \| 3 times, last: nobody has decided yet \|  \|$/m);
    // What was counted while the approval was awaited belongs to the step whose weights were in force.
    assert.match(page, /^\| 50% \| .* \| 5,000 \| 52 \| 18\.5 ms \|$/m);
    assert.match(htmlOf(pausedRun()), />paused</);
  });

  it("tells one run of a journal: the last, or the one that is asked for", () => {
    const earlier: RolloutEvent[] = rolledBackRun().map((event) => ({ ...event, run: "20260228T000000Z-0000" }));
    const journal = [...earlier, ...promotedRun()];
    assert.match(markdownOf(journal), /^# Promoted/);
    assert.match(markdownOf(journal, "20260228T000000Z-0000"), /^# Rolled back/);
    assert.throws(() => markdownOf(journal, "no such run"), /none of them is "started"/);
  });

  it("describes a run in progress, one without any metrics, and one whose rollback failed", () => {
    const [started] = promotedRun();
    assert.match(markdownOf([started]), /^# In progress: v2 of shop$[^]*users saw: not known/m);
    assert.match(htmlOf([started]), /no measurements/);
    const failed = events(
      [0, { type: "started", plan: PLAN, by: "x" }],
      [5, { type: "rollingBack", reason: "failure", why: "up failed" }],
      [9, { type: "failed", why: "the API server is away" }],
    );
    assert.match(markdownOf(failed), /^# Failed: the API server is away$/m);
  });

  it("is one page that loads nothing, runs nothing and can be read in the dark", () => {
    const page = htmlOf(rolledBackRun());
    assert.doesNotMatch(page, /<script|<link|<img|<iframe|@import|url\(|\son\w+=/i);
    assert.deepEqual([...page.matchAll(/(?:src|href)=/g)], []);
    assert.match(page, /default-src 'none'/);
    assert.match(page, /prefers-color-scheme:dark/);
  });

  it("draws every version's desired and actual share, success rate and p99, and a band for each step", () => {
    const page = htmlOf(rolledBackRun());
    assert.equal([...page.matchAll(/class="desired v[01]"/g)].length, 2);
    assert.equal([...page.matchAll(/class="line v[01]"/g)].length, 6);
    assert.equal([...page.matchAll(/class="band (?:even|odd)"/g)].length, 2);
    assert.equal([...page.matchAll(/class="band back"/g)].length, 1);
    assert.match(page, /v2: 94\.9%/);
  });

  it("does not close a gap in a line where no measurements", () => {
    const told = promotedRun().map((event) =>
      event.type === "sampled" && event.step === 0 && event.at.includes(":24.")
        ? { ...event, traffic: { v1: { requests: 10, failures: 0 } } }
        : event,
    );
    const [target] = [...htmlOf(told).matchAll(/class="line v1" d="([^"]*)"/g)].map(([, path]) => path).slice(-1);
    assert.equal([...target.matchAll(/M/g)].length, 2);
  });

  it("lets nothing that others say become markup", () => {
    const told = rolledBackRun().map((event) => {
      switch (event.type) {
        case "started":
          return {
            ...event,
            by: HOSTILE,
            plan: {
              ...PLAN,
              app: HOSTILE,
              steps: PLAN.steps.map((step) => ({ ...step, name: HOSTILE })),
              before: { ...PLAN.before, weights: { v1: 100, [HOSTILE]: 0 } },
            },
          };
        case "shifting":
          return { ...event, name: HOSTILE };
        case "sampled":
          return {
            ...event,
            results: [{ ...success("failed", 1, 1), gate: HOSTILE, reason: HOSTILE, metrics: { [HOSTILE]: 1 } }],
          };
        case "rollingBack":
          return { ...event, why: HOSTILE };
        default:
          return event;
      }
    });
    const page = htmlOf(told);
    assert.doesNotMatch(page, /<script|\u0000|[\ud800-\udbff](?![\udc00-\udfff])/);
    assert.deepEqual(unbalanced(page), []);
    const text = markdownOf(told);
    assert.doesNotMatch(text, /<script|@everyone|https:\/\/|(?<!\\)\[a/);
    const rows = text.split("\n").filter((line) => line.startsWith("|"));
    assert.ok(
      rows.every(
        (row) => /^\|/.test(row) && [3, 4, 5, 6, 9].some((cells) => row.split(/(?<!\\)\|/).length === cells + 2),
      ),
      "a text has made a cell of its own",
    );
  });

  it("is well-formed whatever names and reasons there are", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), fc.string({ unit: "binary" }), (name, reason) => {
        const told = (gate: string, why: string) =>
          rolledBackRun().map((event) =>
            event.type === "sampled"
              ? { ...event, results: [{ ...success("failed", 1, 1), gate, reason: why }] }
              : event,
          );
        assert.deepEqual(unbalanced(htmlOf(told(name, reason))), []);
        assert.equal(
          markdownOf(told(name, reason)).split("\n").length,
          markdownOf(told("gate", "reason")).split("\n").length,
        );
      }),
      { numRuns: 15 },
    );
  });

  it("takes the order of events for granted, not their clocks", () => {
    const told = promotedRun().map((event, index) =>
      index === 5 ? { ...event, at: "2026-03-01T11:59:00.000Z" } : event,
    );
    assert.doesNotMatch(htmlOf(told), /NaN|Infinity|undefined/);
    assert.match(markdownOf(told), new RegExp(RUN));
  });
});

/** Tags that are opened and not closed, or the other way round. */
function unbalanced(page: string): string[] {
  const open: string[] = [];
  for (const [, close, name, own] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)(?:\s[^<>]*?)?(\/?)>/gi)) {
    if (own === "/" || ["meta"].includes(name)) {
      continue;
    }
    if (close === "" || open.at(-1) !== name) {
      open.push(close + name);
    } else {
      open.pop();
    }
  }
  return open;
}
