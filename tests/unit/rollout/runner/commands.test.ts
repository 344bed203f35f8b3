import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StackLock } from "../../../../src/rollout/runner/stackLock";
import { type RunCommand, sendCommand, lastRun } from "../../../../src/rollout/runner/commands";
import type { Happening } from "../../../../src/rollout/runner/event";
import { Journal } from "../../../../src/rollout/runner/journal";
import { NoActiveRunError } from "../../../../src/rollout/runner/noActiveRun";
import { resumeRollout, rollback, startRollout } from "../../../../src/rollout/runner/rollouts";
import { planOf } from "./plans";

const NOW = Date.UTC(2030, 0, 1);
const PLAN = planOf(
  [10],
  [
    { name: "go", kind: "approval", when: "start" },
    { name: "all", kind: "approval" },
  ],
);

describe("deciding about a stack's run", () => {
  let folder: string;
  let beside: string;
  const reference = () => ({ workDir: folder, stack: "dev" });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "canary-commands-"));
    beside = join(folder, "Pulumi.dev");
    writeFileSync(join(folder, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function happened(...happenings: Happening[]): void {
    const journal = Journal.at(`${beside}.rollout.jsonl`);
    happenings.forEach((happening) => journal.append("one", happening, NOW));
  }

  function waits(gate: string, phase: string): Happening {
    return {
      type: "sampled",
      step: 0,
      phase,
      results: [{ gate, verdict: "inconclusive", reason: "nobody", metrics: {} }],
    };
  }

  function lastLine(): unknown {
    return JSON.parse(readFileSync(`${beside}.rollout.jsonl`, "utf8").trim().split("\n").at(-1) as string);
  }

  it("writes what a person decides into the journal", async () => {
    happened({ type: "started", plan: PLAN, by: "ann" });
    for (const [what, type] of [
      ["pause", "paused"],
      ["resume", "resumed"],
    ] as const) {
      await sendCommand(reference(), { what }, "eve");
      const { type: written, by, run } = lastLine() as { type: string; by: string; run: string };
      assert.deepEqual([written, by, run], [type, "eve", "one"]);
    }
    for (const what of ["promote", "abort"] as const) {
      const state = await sendCommand(reference(), { what }, "eve");
      assert.deepEqual(state.command, { name: what, by: "eve" });
    }
  });

  it("approves the gate that waits, at the step at which it waits", async () => {
    happened({ type: "started", plan: PLAN, by: "ann" }, waits("go", "start"));
    const { decisions } = await sendCommand(reference(), { what: "approve" }, "eve");
    assert.deepEqual(decisions, [{ gate: "go", step: -1, approved: true, by: "eve" }]);
    happened(
      { type: "shifting", step: 1, name: "100%", weights: {} },
      {
        type: "sampled",
        step: 1,
        phase: "promotion",
        results: [{ gate: "all", verdict: "inconclusive", reason: "nobody", metrics: {} }],
      },
    );
    assert.deepEqual((await sendCommand(reference(), { what: "reject", gate: "all" }, "eve")).decisions.at(-1), {
      gate: "all",
      step: 1,
      approved: false,
      by: "eve",
    });
  });

  it("says so when there is nothing to decide", async () => {
    const cases: [RunCommand, RegExp][] = [
      [{ what: "approve" }, /no gate is waiting for a person; run one is in progress/],
      [{ what: "approve", gate: "all" }, /gate all is not waiting for a person/],
    ];
    await assert.rejects(sendCommand(reference(), { what: "pause" }), /Stack "dev": nothing to pause; it has no runs/);
    happened({ type: "started", plan: PLAN, by: "ann" });
    for (const [command, message] of cases) {
      await assert.rejects(
        sendCommand(reference(), command),
        (error: Error) => error instanceof NoActiveRunError && message.test(error.message),
      );
    }
    happened({ type: "promoted", seconds: 1 });
    await assert.rejects(
      sendCommand(reference(), { what: "abort" }),
      /nothing to abort; the last run, one, has ended \(promoted\)/,
    );
  });

  it("tells how the last run stands, and whether a process is at work on it", async () => {
    assert.equal(await lastRun(reference()), undefined);
    happened({ type: "started", plan: PLAN, by: "ann" });
    const left = await lastRun(reference());
    assert.deepEqual([left?.state.stage, left?.isAtWork, left?.holder], ["entering", false, undefined]);
    new StackLock(`${beside}.rollout.lock`, "dev").acquire("one", "ann", NOW, false);
    const held = await lastRun(reference());
    assert.deepEqual([held?.isAtWork, held?.holder?.by], [true, "ann"]);
  });

  it("starts none beside a run that is at work, or was not ended; resumes and takes back none that is not there", async () => {
    await assert.rejects(resumeRollout(reference()), /no run to resume; it has no runs/);
    await assert.rejects(rollback(reference()), /nothing to roll back; it has no runs/);
    happened({ type: "started", plan: PLAN, by: "ann" });
    await assert.rejects(
      startRollout(reference()),
      /locked by run one of ann since 2030-01-01T00:00:00.000Z; it has not ended: continue it with `canary rollout --continue`/,
    );
    new StackLock(`${beside}.rollout.lock`, "dev").acquire("one", "ann", NOW, false);
    await assert.rejects(startRollout(reference()), /wait until it ends, or abort it/);
    happened({ type: "rolledBack", reason: "gate", seconds: 1 });
    await assert.rejects(resumeRollout(reference()), /no run to resume; the last run, one, has ended \(rolledBack\)/);
    await assert.rejects(rollback(reference()), /nothing to roll back; the last run, one, has ended \(rolledBack\)/);
  });

  it("takes no promotion back after which somebody has changed the config", async () => {
    happened({ type: "started", plan: PLAN, by: "ann" }, { type: "promoted", seconds: 1 });
    writeFileSync(`${beside}.yaml`, "config:\n  shop:weights: { v1: 50, v2: 50 }\n");
    await assert.rejects(rollback(reference()), /weights was changed after the promotion/);
  });
});
