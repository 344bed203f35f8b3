import assert from "node:assert/strict";
import { liveLines } from "../../../../src/cli/live/view";
import { lastRunLines } from "../../../../src/cli/live/statusLines";
import { paint } from "../../../../src/cli/terminal";
import { MessageBuilder } from "../../../../src/rollout/notify/message";
import type { Plan } from "../../../../src/rollout/plan/plan";
import { reportHtml } from "../../../../src/rollout/report/html";
import { reportMarkdown } from "../../../../src/rollout/report/markdown";
import { sentence } from "../../../../src/rollout/report/sentence";
import { buildTimeline } from "../../../../src/rollout/report/timeline";
import { fold, type RunState } from "../../../../src/rollout/runner/state";
import { eventProblems } from "../support/eventTypes";
import { rolledBackRun, START, togetherRun } from "../support/runs";

const PLAIN = paint({ colours: false });
const RUN_EVENTS = togetherRun();
const [STARTED] = RUN_EVENTS;
const PLAN = (STARTED as { plan: Plan }).plan;

describe("what people see of a run of several apps", () => {
  it("are events as their types say", () => {
    assert.deepEqual(eventProblems(RUN_EVENTS), []);
  });

  it("are sentences that name all apps", () => {
    const lines = RUN_EVENTS.map((event) => sentence(event, PLAN));
    for (const line of [
      "ada@build-7 rolls out v2 of shop and v3 of cart (canary): 10%, 50%, promotion",
      "10%: shifting to shop: v1 90, v2 10; cart: v2 90, v3 10",
      "10%: converged after 1 s: shop: v1 90.4, v2 9.6; cart: v2 90.5, v3 9.5",
      "promotion: convergence not verified: cart: no requests within 30 s (shop: v1 0, v2 100)",
      "v2 of shop and v3 of cart promoted after 1 min 28 s; 6 of 13,000 requests failed (0.05%)",
    ]) {
      assert.ok(lines.includes(line), `${line}\nin\n${lines.join("\n")}`);
    }
    const back = { ...rolledBackRun().at(-1), type: "rolledBack", reason: "gate", seconds: 2 } as const;
    assert.match(
      sentence(back as (typeof RUN_EVENTS)[number], PLAN),
      /^rolled back to shop: v1 100, v2 0; cart: v2 100, v3 0 in 2 s/,
    );
  });

  it("says what was seen where the run's own share has not changed", () => {
    const event = {
      ...RUN_EVENTS[3],
      type: "converged",
      step: 0,
      seconds: 1,
      others: { cart: { v2: 90, v3: 10 } },
    } as const;
    const { actual: _, ...unchanged } = { actual: undefined, ...event };
    assert.equal(
      sentence({ ...unchanged, actual: undefined } as (typeof RUN_EVENTS)[number], PLAN),
      "10%: converged after 1 s: cart: v2 90, v3 10",
    );
  });

  it("is a report with the steps of the other app, and what users of each got", () => {
    const page = reportMarkdown(buildTimeline(RUN_EVENTS));
    assert.match(page, /^# Promoted: v2 of shop and v3 of cart take 100% of the traffic$/m);
    assert.match(page, /of shop in namespace shop and cart in namespace carts, started by/);
    assert.match(page, /^\| cart v3 \| 60 \| 6 \| 90% \|$/m);
    assert.match(page, /^\| shop v2 \| 3,600 \| 0 \| 100% \|$/m);
    assert.match(page, /^## Apps that took the same steps$/m);
    assert.match(page, /^\| 50% \| cart \| v2 50, v3 50 \| v2 49\.5, v3 50\.5 \| 30 \| 3 \| 7 ms \|$/m);
    assert.match(page, /^\| promotion \| cart \| v2 0, v3 100 \| — \| — \| — \| — \|$/m);
    const html = reportHtml(buildTimeline(RUN_EVENTS));
    assert.match(html, /<h2>Apps that took the same steps<\/h2>/);
    assert.match(html, /<td>cart<\/td><td>v2 90, v3 10<\/td>/);
    assert.doesNotMatch(reportMarkdown(buildTimeline(rolledBackRun())), /took the same steps|shop v1/);
  });

  it("is a live view with the shares of each app", () => {
    const lines = liveLines(RUN_EVENTS.slice(0, 5), START + 10_000, PLAIN);
    assert.match(lines[0], /^shop: v2, cart: v3 \(canary, run /);
    assert.match(lines.join("\n"), /^ {2}shop {2}v2 {2}desired 10% {2}actual 10% {2}████$/m);
    assert.match(lines.join("\n"), /^ {2}cart {2}v3 {2}desired 10% {2}actual 10% {2}████$/m);
    RUN_EVENTS.forEach((_, index) =>
      assert.doesNotMatch(liveLines(RUN_EVENTS.slice(0, index + 1), START + 70_000, PLAIN).join("\n"), /undefined|NaN/),
    );
  });

  it("is a status that names all targets", () => {
    const last = { state: fold(RUN_EVENTS) as RunState, events: RUN_EVENTS, holder: undefined, isAtWork: false };
    assert.match(lastRunLines(last, START, PLAIN)[0], /: v2 of shop and v3 of cart promoted; users saw 6 of 13,000/);
  });

  it("are messages that name all apps", () => {
    const builder = new MessageBuilder("prod");
    const messages = RUN_EVENTS.flatMap((event) => builder.messages(event));
    const [first] = messages;
    assert.deepEqual(first.facts[0], ["apps", "shop in namespace shop and cart in namespace carts"]);
    assert.deepEqual(first.facts[2], ["now", "shop: v1 100, v2 0; cart: v2 100, v3 0"]);
    assert.deepEqual(messages.find(({ about }) => about === "step")?.facts[2], [
      "weights",
      "shop: v1 90, v2 10; cart: v2 90, v3 10",
    ]);
  });
});
