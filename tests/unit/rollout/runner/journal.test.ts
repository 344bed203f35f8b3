import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { Journal, eventsOfLastRun } from "../../../../src/rollout/runner/journal";
import { planOf } from "./plans";

const NOW = Date.UTC(2030, 0, 1);

describe("the journal", () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "canary-journal-"));
    file = join(folder, "Pulumi.dev.rollout.jsonl");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is empty before its first event, and reads back what was written", () => {
    const journal = Journal.at(file);
    assert.deepEqual(journal.readAll(), []);
    journal.append("one", { type: "paused", by: "zoë" }, NOW);
    assert.deepEqual(journal.readNew(), [{ type: "paused", by: "zoë", run: "one", at: "2030-01-01T00:00:00.000Z" }]);
    assert.deepEqual(journal.readNew(), []);
  });

  it("reads what another process appends, each event once", () => {
    const [mine, other] = [Journal.at(file), Journal.at(file)];
    mine.append("one", { type: "paused", by: "a" }, NOW);
    mine.readNew();
    other.append("one", { type: "resumed", by: "b" }, NOW);
    assert.deepEqual(
      mine.readNew().map(({ type }) => type),
      ["resumed"],
    );
    assert.deepEqual(
      mine.readAll().map(({ type }) => type),
      ["paused", "resumed"],
    );
  });

  it("passes over a torn last line, wherever it was torn, and goes on after it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (bytes) => {
        writeFileSync(file, "");
        const journal = Journal.at(file);
        journal.append("one", { type: "started", plan: planOf([10]), by: "ü" }, NOW);
        const whole = readFileSync(file);
        journal.append("one", { type: "logged", level: "info", text: "grüße ".repeat(50) }, NOW);
        const torn = readFileSync(file);
        const cut = whole.length + 1 + (bytes % (torn.length - whole.length - 2));
        writeFileSync(file, torn.subarray(0, cut));
        const later = Journal.at(file);
        assert.deepEqual(
          later.readAll().map(({ type }) => type),
          ["started"],
        );
        later.append("one", { type: "takenOver", by: "b" }, NOW);
        assert.deepEqual(
          later.readNew().map(({ type }) => type),
          ["takenOver"],
        );
        assert.deepEqual(
          Journal.at(file)
            .readAll()
            .map(({ type }) => type),
          ["started", "takenOver"],
        );
      }),
    );
  });

  it("waits for the end of a line that is being written", () => {
    const journal = Journal.at(file);
    const line = `${JSON.stringify({ type: "paused", by: "a", run: "one", at: "2030-01-01T00:00:00.000Z" })}\n`;
    appendFileSync(file, line.slice(0, 20));
    assert.deepEqual(journal.readNew(), []);
    appendFileSync(file, line.slice(20));
    assert.equal(journal.readNew().length, 1);
  });

  it("passes over lines that are no events", () => {
    writeFileSync(file, 'nonsense\n{"type":"paused"}\nnull\n[]\n\n');
    assert.deepEqual(Journal.at(file).readAll(), []);
  });

  it("keeps every line of several processes that write at once", async function () {
    this.timeout("60s");
    const script = `const { Journal } = require(${JSON.stringify(resolve("src/rollout/runner/journal"))});
      const journal = Journal.at(${JSON.stringify(file)});
      for (let index = 0; index < 50; index++) journal.append(process.argv[1], { type: "logged", level: "info", text: "x".repeat(index * 40) }, 0);`;
    const writers = ["a", "b", "c"];
    await Promise.all(
      writers.map((name) => promisify(execFile)(process.execPath, ["--require", "tsx/cjs", "-e", script, name])),
    );
    const events = Journal.at(file).readAll();
    for (const name of writers) {
      const mine = events.filter(({ run }) => run === name);
      assert.deepEqual(
        mine.map((event) => (event as { text?: string }).text?.length),
        Array.from({ length: 50 }, (_, index) => index * 40),
      );
    }
  });

  it("knows the events of the run that was started last", () => {
    const journal = Journal.at(file);
    const plan = planOf([10]);
    journal.append("one", { type: "started", plan, by: "a" }, NOW);
    journal.append("two", { type: "started", plan, by: "a" }, NOW);
    journal.append("one", { type: "paused", by: "late" }, NOW);
    journal.append("two", { type: "paused", by: "a" }, NOW);
    assert.deepEqual(
      eventsOfLastRun(journal.readAll()).map(({ run, type }) => `${run} ${type}`),
      ["two started", "two paused"],
    );
    assert.deepEqual(eventsOfLastRun([]), []);
  });
});
