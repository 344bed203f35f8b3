import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exitCodeOf } from "../../../src/cli/commands/rollout";
import { wantedShares } from "../../../src/cli/commands/set";
import { createProgram } from "../../../src/cli/program";
import { run } from "../../../src/cli/run";
import { Session } from "../../../src/cli/session";
import type { RolloutEvent } from "../../../src/rollout";
import { pausedRun, promotedRun, rolledBackRun, RUN } from "../rollout/support/runs";
import { call, FakeTerminal, inProject } from "./fakeTerminal";

const COMMANDS = [
  "status",
  "plan",
  "rollout",
  "approve",
  "pause",
  "resume",
  "abort",
  "rollback",
  "promote",
  "set",
  "report",
  "preview",
  "render",
  "completion",
];

async function withJournal<T>(
  events: readonly RolloutEvent[],
  work: (folder: string, journal: () => Promise<RolloutEvent[]>) => Promise<T>,
): Promise<T> {
  return inProject(async (folder) => {
    const file = join(folder, "Pulumi.dev.rollout.jsonl");
    await writeFile(file, events.map((event) => `${JSON.stringify(event)}\n`).join(""));
    return work(folder, async () =>
      (await readFile(file, "utf8"))
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as RolloutEvent),
    );
  });
}

describe("the canary command", () => {
  it("has all its commands, each with help that tells what it does, examples, and its exit codes", async () => {
    assert.deepEqual(
      createProgram(new Session(new FakeTerminal(), {})).commands.map((command) => command.name()),
      COMMANDS,
    );
    for (const name of COMMANDS) {
      const terminal = new FakeTerminal();
      assert.equal(await run([name, "--help"], terminal, {}), 0);
      assert.match(terminal.written, new RegExp(`Usage: canary ${name}[^]*Examples:\n  .*canary ${name}`), name);
      if (name !== "completion") {
        assert.match(terminal.written, /Exit codes:/, name);
        assert.match(terminal.written, /Global Options:[^]*--stack/, name);
      }
    }
  });

  it("says what is wrong with a call, and ends with 2", async () => {
    for (const [args, said] of [
      [[], /Usage: canary/],
      [["rolout"], /unknown command 'rolout'[^]*Did you mean rollout/],
      [["plan", "--stepz", "5"], /unknown option '--stepz'[^]*Did you mean --steps/],
      [["plan", "--strategy", "rainbow"], /Allowed choices are canary, ab, blue-green/],
      [["plan", "--steps", "5,x"], /expected a number/],
      [["plan", "--gate", "{name: [}"], /expected YAML/],
      [["completion", "tcsh"], /Allowed choices are bash, zsh, fish/],
      [["status", "--window", "0"], /a number of seconds from 0\.5/],
      [["plan", "--stack", "dev", "--cwd", "/"], /Pulumi\.yaml/],
    ] as const) {
      const terminal = new FakeTerminal();
      const code = await run(args, terminal, {});
      assert.equal(code, args.includes("--cwd" as never) ? 1 : 2, args.join(" "));
      assert.match(terminal.errors + terminal.written, said, args.join(" "));
    }
  });

  it("says how to name a stack where there is none", async () => {
    await inProject(async (folder) => {
      const terminal = new FakeTerminal();
      assert.equal(await run(["plan", "--cwd", folder], terminal, { PATH: "" }), 2);
      assert.match(
        terminal.errors,
        /No stack given.*pulumi is not found on PATH: install Pulumi's CLI.*to PATH\. Or name the stack with --stack or PULUMI_STACK\.$/m,
      );
      assert.equal(await run(["plan", "--cwd", folder], new FakeTerminal(), { PULUMI_STACK: "dev" }), 0);
    });
  });

  it("tells a version that has everything from settings that are wrong, by the exit code", async () => {
    const everything = { "shop:weights": { v1: 0, v2: 100 } };
    await inProject(async (folder) => {
      const terminal = new FakeTerminal();
      assert.equal(await call(terminal, folder, "plan"), 6);
      assert.match(terminal.errors, /^Nothing to roll out: v2 has all traffic already/);
    }, everything);
    await inProject(
      async (folder) => {
        const terminal = new FakeTerminal();
        assert.equal(await call(terminal, folder, "plan"), 2);
        assert.match(terminal.errors, /shop:rollout\.holds/);
      },
      { ...everything, "shop:rollout": { holds: "5s" } },
    );
  });

  it("plans by the stack's config, then a file, then the flags", async () => {
    const config = {
      "shop:rollout": {
        steps: [10, 20],
        hold: 30,
        gates: [
          { name: "ok", kind: "success-rate", min: 99 },
          { name: "fast", kind: "latency", maxMs: 300 },
        ],
      },
    };
    await inProject(async (folder) => {
      const plan = async (...args: string[]) => {
        const terminal = new FakeTerminal();
        assert.equal(await call(terminal, folder, "plan", "--json", ...args), 0, terminal.errors);
        const { steps, gates, limits } = JSON.parse(terminal.written);
        return {
          shares: steps.map(({ weights }: { weights: { v2: number } }) => weights.v2),
          holds: steps.map(({ holdSeconds }: { holdSeconds: number }) => holdSeconds),
          gates,
          limits,
        };
      };
      assert.deepEqual((await plan()).shares, [10, 20]);
      await writeFile(join(folder, "fast.yaml"), "stepWeight: 25\nmaxWeight: 75\nhold: 1m\n");
      const filed = await plan("--settings", join(folder, "fast.yaml"));
      assert.deepEqual(
        [filed.shares, filed.holds],
        [
          [25, 50, 75],
          [60, 60, 60],
        ],
      );
      const flagged = await plan(
        "--settings",
        join(folder, "fast.yaml"),
        "--steps",
        "5",
        "--hold",
        "90s",
        "--failure-threshold",
        "7",
        "--on-failure",
        "pause",
        "--gate",
        "{name: ok, kind: success-rate, min: 50}",
        "--gate",
        "{name: go, kind: approval}",
      );
      assert.deepEqual([flagged.shares, flagged.holds, flagged.limits.failureThreshold], [[5], [90], 7]);
      assert.equal(flagged.limits.onFailure, "pause");
      assert.deepEqual(
        flagged.gates.map(({ name, min }: { name: string; min?: number }) => [name, min]),
        [
          ["fast", undefined],
          ["ok", 50],
          ["go", undefined],
        ],
      );
    }, config);
  });

  it("refuses wrong settings with their key, before anything is asked", async () => {
    await inProject(async (folder) => {
      const terminal = new FakeTerminal(true, ["y"]);
      assert.equal(await call(terminal, folder, "rollout", "--max-weight", "10"), 2);
      assert.match(terminal.errors, /shop:rollout\.maxWeight .*stepWeight/);
      assert.equal(await call(terminal, folder, "plan", "--on-failure", "wait"), 2);
      assert.match(
        terminal.errors,
        /--on-failure <action>' argument 'wait' is invalid\. Allowed choices are rollBack, pause/,
      );
      assert.equal(await call(terminal, folder, "plan", "--settings", "no-such-file"), 2);
      assert.deepEqual(terminal.asked, []);
    });
  });

  it("asks before it moves traffic, and takes anything but yes for a no", async () => {
    await inProject(async (folder) => {
      const before = await readFile(join(folder, "Pulumi.dev.yaml"), "utf8");
      for (const args of [["rollout"], ["set", "v1=0", "v2=100"]]) {
        const person = new FakeTerminal(true, ["what?"]);
        assert.equal(await call(person, folder, ...args), 0);
        assert.match(person.asked.join(), /Continue\? \[y\/N\]/);
        assert.match(person.written, /Nothing was changed\.$/m);
        const nobody = new FakeTerminal();
        assert.equal(await call(nobody, folder, ...args), 2);
        assert.match(nobody.errors, /Re-run with --yes/);
      }
      assert.equal(await readFile(join(folder, "Pulumi.dev.yaml"), "utf8"), before);
    });
  });

  it("tells by status which gate has paused the run", async () => {
    await withJournal(pausedRun(), async (folder) => {
      const terminal = new FakeTerminal();
      assert.equal(await call(terminal, folder, "status", "--offline"), 0, terminal.errors);
      assert.match(terminal.written, /because success failed \(resume, abort or promote\): before promotion/);
      const asData = new FakeTerminal();
      assert.equal(await call(asData, folder, "status", "--offline", "--json"), 0, asData.errors);
      const { paused, failedGates } = JSON.parse(asData.written).lastRun;
      assert.deepEqual(
        [paused, failedGates],
        [true, [{ gate: "success", why: "94.9% of 1000 requests succeeded; need at least 99%" }]],
      );
    });
  });

  it("shows config and journal without asking the cluster", async () => {
    await withJournal(rolledBackRun(), async (folder) => {
      const terminal = new FakeTerminal();
      assert.equal(await call(terminal, folder, "status", "--offline"), 0, terminal.errors);
      assert.match(
        terminal.written,
        /v1 +100% +—[^]*Last run 20260301T120000Z-a1b2: v2 of shop rolled back \(gate\): success failed .*; users saw 102 of 10,100 requests failed/,
      );
    });
  });

  it("writes down what a person decides for the run to read", async () => {
    const waiting = promotedRun().slice(
      0,
      promotedRun().findIndex(({ type }) => type === "decided"),
    );
    await withJournal(waiting, async (folder, journal) => {
      const terminal = new FakeTerminal();
      assert.equal(await call(terminal, folder, "approve"), 0, terminal.errors);
      const decided = (await journal()).at(-1);
      assert.ok(
        decided?.type === "decided" &&
          decided.gate === "go" &&
          decided.approved &&
          decided.step === 2 &&
          decided.run === RUN,
        JSON.stringify(decided),
      );
      assert.equal(await call(terminal, folder, "pause"), 0);
      assert.equal((await journal()).at(-1)?.type, "paused");
      assert.equal(await call(terminal, folder, "abort"), 2, "its process is no more");
      assert.match(terminal.errors, /is no longer running; use `canary rollback`/);
    });
  });

  it("says that there is nothing to decide where no run is in progress", async () => {
    await withJournal(promotedRun(), async (folder, journal) => {
      for (const name of ["approve", "pause", "resume", "abort", "promote"]) {
        const terminal = new FakeTerminal();
        assert.equal(await call(terminal, folder, name, "--yes"), 2, name);
        assert.match(terminal.errors, /has ended \(promoted\)/, name);
      }
      assert.equal((await journal()).length, promotedRun().length);
    });
  });

  it("writes a run's report, or its events", async () => {
    const earlier = rolledBackRun().map((event) => ({ ...event, run: "20260228T000000Z-0000" }));
    await withJournal([...earlier, ...promotedRun()], async (folder) => {
      const terminal = new FakeTerminal();
      await call(terminal, folder, "report");
      assert.match(terminal.written, /^# Promoted/);
      const file = join(folder, "report.html");
      assert.equal(
        await call(new FakeTerminal(), folder, "report", "20260228T000000Z-0000", "--format", "html", "--out", file),
        0,
      );
      assert.match(await readFile(file, "utf8"), /<h1>Rolled back/);
      const events = new FakeTerminal();
      await call(events, folder, "report", "--json");
      assert.deepEqual(
        events.written
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line)),
        promotedRun(),
      );
      assert.equal(await call(new FakeTerminal(), folder, "report", "no-such-run"), 2);
    });
  });

  it("ends as the run did", () => {
    assert.deepEqual(
      (
        [
          ["promoted"],
          ["rolledBack", "gate"],
          ["rolledBack", "deadline"],
          ["rolledBack", "failure"],
          ["rolledBack", "person"],
          ["rolledBack", "terminated"],
          ["failed", "gate"],
        ] as const
      ).map(([outcome, reason]) => exitCodeOf({ outcome, reason })),
      [0, 3, 3, 3, 4, 4, 1],
    );
  });

  it("takes shares as one number or by name", () => {
    assert.equal(wantedShares(["25"]), 25);
    assert.deepEqual(wantedShares(["v1=90", "v2=10%"]), { v1: 90, v2: 10 });
    for (const [words, said] of [
      [["x"], /"x" is not a valid weight/],
      [["25", "75"], /"25" is not a valid weight/],
      [["v1=1.5"], /not a valid weight/],
      [["v1=1", "v1=99"], /v1 is given twice/],
    ] as const) {
      assert.throws(() => wantedShares(words), said);
    }
  });

  it("refuses shares that are none before it asks", async () => {
    await inProject(async (folder) => {
      for (const [args, said] of [
        [["v1=90"], /v2 is missing/],
        [["v1=90", "v2=20"], /sums to 110/],
        [["v1=90", "v3=10"], /v3 names no declared version/],
        [["101"], /weight is 101/],
      ] as const) {
        const terminal = new FakeTerminal(true, ["y"]);
        assert.equal(await call(terminal, folder, "set", ...args), 2);
        assert.match(terminal.errors, said);
        assert.deepEqual(terminal.asked, []);
      }
    });
  });
});
