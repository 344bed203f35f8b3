import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { checkRollout } from "../../../src/rollout/plan/checkRollout";
import { Findings } from "../../../src/validation/problem";
import { eventProblems, eventTypes } from "../rollout/support/eventTypes";
import { promotedRun, rolledBackRun } from "../rollout/support/runs";

describe("docs/rollout.md", function () {
  this.timeout(120_000);
  let text: string;

  before(async () => {
    text = await readFile(join(__dirname, "../../../docs/rollout.md"), "utf8");
  });

  it("has an example of every type of event, as the types have it, under its name", () => {
    const examples = [...text.matchAll(/^### (\w+)\n[^#]*?```json\n(.*?)\n```/gms)].map(([, name, json]) => ({
      name,
      event: JSON.parse(json) as { type: string },
    }));
    assert.deepEqual(examples.map(({ event }) => event.type).sort(), eventTypes());
    assert.deepEqual(
      examples.filter(({ name, event }) => name !== event.type),
      [],
    );
    assert.deepEqual(eventProblems(examples.map(({ event }) => event)), []);
  });

  it("is held against types that see a missing field, a wrong one and one too many", () => {
    assert.deepEqual(eventProblems([...promotedRun(), ...rolledBackRun()]), []);
    const [started] = promotedRun();
    const wrong = [
      { ...started, by: undefined },
      { ...started, by: "more", more: 1 },
      { ...started, type: "begun" },
      { type: "held", step: "1", run: "r", at: "a" },
    ];
    const problems = eventProblems(wrong);
    wrong.forEach((event) =>
      assert.ok(
        problems.some((problem) => problem.startsWith(JSON.stringify(event).slice(0, 50))),
        JSON.stringify(event).slice(0, 80),
      ),
    );
  });

  it("shows settings that are sound", () => {
    const [, yaml] = /```yaml\n(.*?)\n```/s.exec(text) ?? [];
    const findings = Findings.at("rollout");
    checkRollout(parse(yaml).config["shop:rollout"], findings);
    assert.deepEqual(findings.all(), []);
  });

  it("links to what is there", async () => {
    for (const [, target] of text.matchAll(/\]\(([^)#]+)(?:#[\w-]+)?\)/g)) {
      await assert.doesNotReject(
        readFile(join(__dirname, "../../../docs", target)).catch((error: NodeJS.ErrnoException) =>
          error.code === "EISDIR" ? "" : Promise.reject(error),
        ),
        target,
      );
    }
  });
});
