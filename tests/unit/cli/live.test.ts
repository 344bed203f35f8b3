import assert from "node:assert/strict";
import fc from "fast-check";
import { bar, cropped } from "../../../src/cli/live/bar";
import { jsonProgress, liveProgress, plainProgress } from "../../../src/cli/live/progress";
import { liveLines } from "../../../src/cli/live/view";
import { paint } from "../../../src/cli/terminal";
import { columns, displayWidth } from "../../../src/internal/table";
import { pausedRun, promotedRun, rolledBackRun, START } from "../rollout/support/runs";
import { FakeTerminal } from "./fakeTerminal";

const PLAIN = paint({ colours: false });

describe("the live view of a run", () => {
  it("shows the step, desired and actual shares, the gates' last verdicts, and what is left of the hold", () => {
    assert.deepEqual(liveLines(promotedRun().slice(0, 5), START + 10_000, PLAIN), [
      "shop: v2 (canary, run 20260301T120000Z-a1b2, 10 s)",
      "  ▸ 10%  · 50%  · promotion",
      `  v1  desired 90%  actual 90%  ${"█".repeat(36)}`,
      "  v2  desired 10%  actual 10%  ████",
      "  success  passed  100% of 200 requests succeeded; need at least 99%",
      "  holding 10%: 24 s to go",
    ]);
  });

  it("shows a rollback and its reason", () => {
    const lines = liveLines(rolledBackRun().slice(0, -1), START + 59_000, PLAIN);
    assert.match(lines[1], /✔ 10% {2}✘ 50%/);
    assert.match(lines.join("\n"), /success {2}failed ×2/);
    assert.match(lines.at(-1) ?? "", /rolling back to v1 100, v2 0: success failed 2 times/);
  });

  it("shows which gate has paused it, and what may be done", () => {
    const lines = liveLines(pausedRun(), START + 120_000, PLAIN);
    assert.match(lines.join("\n"), /success {2}failed ×2 {5}94\.9%/);
    assert.equal(
      lines.at(-1),
      "  paused for 11 s because success failed (resume, abort or promote): before promotion: evaluating the gates",
    );
  });

  it("has lines at every moment of a run", () => {
    for (const run of [promotedRun(), rolledBackRun(), pausedRun()]) {
      run.forEach((_, index) =>
        assert.doesNotMatch(liveLines(run.slice(0, index + 1), START + 70_000, PLAIN).join("\n"), /undefined|NaN/),
      );
    }
    assert.deepEqual(liveLines([], START, PLAIN), []);
  });

  it("is drawn over itself, below what has happened", () => {
    const terminal = new FakeTerminal(true);
    const progress = liveProgress(terminal, [], () => START);
    const [first, second] = promotedRun();
    progress.show(first);
    const drawn = terminal.written.split("\n").length - 2;
    terminal.written = "";
    progress.show(second);
    assert.ok(
      terminal.written.startsWith(`\u001b[${drawn}A\u001b[J12:00:01 10%: shifting to v1 90, v2 10\n`),
      JSON.stringify(terminal.written.slice(0, 60)),
    );
    progress.suspend();
    terminal.written = "";
    progress.show(promotedRun()[2]);
    assert.doesNotMatch(terminal.written, /\u001b/, "nothing moves while a person is asked");
    progress.stop();
  });
});

describe("progress without a terminal", () => {
  it("tells a sentence for each event, and of gates' answers those that differ", () => {
    const terminal = new FakeTerminal();
    const progress = plainProgress(terminal);
    promotedRun().forEach((event) => progress.show(event));
    const lines = terminal.written.trim().split("\n");
    assert.equal(lines[0], "12:00:00 ada@build-7 rolls out v2 of shop (canary): 10%, 50%, promotion");
    assert.equal(lines.filter((line) => line.includes("success passed")).length, 2, "once a step");
    assert.equal(lines.filter((line) => line.includes("go inconclusive")).length, 1);
    assert.equal(lines.at(-1), "12:01:28 v2 of shop promoted after 1 min 28 s; 6 of 13,000 requests failed (0.05%)");
  });

  it("tells a wait once, though gates of two phases are asked in turns", () => {
    const terminal = new FakeTerminal();
    const progress = plainProgress(terminal);
    pausedRun().forEach((event) => progress.show(event));
    const lines = terminal.written.trim().split("\n");
    assert.equal(lines.filter((line) => line.includes("go inconclusive")).length, 1);
    assert.equal(lines.filter((line) => line.includes("50%: success failed (94.9%")).length, 1);
    assert.equal(
      lines.at(-1),
      "12:01:49 paused because success failed (94.9% of 1000 requests succeeded; need at least 99%); `canary resume`, `canary abort` or `canary promote` decides",
    );
  });

  it("as JSON is the events and nothing else", () => {
    const terminal = new FakeTerminal();
    const progress = jsonProgress(terminal);
    promotedRun().forEach((event) => progress.show(event));
    progress.stop();
    assert.deepEqual(
      terminal.written
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
      promotedRun(),
    );
  });
});

describe("lines of a terminal", () => {
  it("are as wide as they are said to be", () => {
    assert.deepEqual([bar(1, 4), bar(0.5, 4), bar(0.01, 8), bar(0, 4), bar(1.2, 2)], ["████", "██", "▏", "", "██"]);
    assert.deepEqual(
      columns([
        ["a", "bb", "c"],
        ["\u001b[1maaa\u001b[0m", "b", ""],
      ]),
      ["a    bb  c", "\u001b[1maaa\u001b[0m  b"],
    );
  });

  it("are cut to the width, with what would move the cursor left out", () => {
    assert.equal(cropped("\u001b[31mabcdef\u001b[0m", 4), "\u001b[31mabc…\u001b[0m");
    assert.doesNotMatch(cropped("a\u001b[2Jb\rc\nd", 80), /\u001b\[2J|\r|\n/);
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.integer({ min: 1, max: 50 }),
        (text, width) => displayWidth(cropped(text, width)) <= width,
      ),
    );
  });
});
