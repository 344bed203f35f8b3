import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { createProgress } from "../../../sandbox/progress";
import { ensureTool } from "../../../sandbox/tools";
import { PROJECT_ROOT } from "../../../engine/programStack";
import { createProgram } from "../../../cli/program";
import { Session } from "../../../cli/session";
import { FakeTerminal } from "../../unit/cli/fakeTerminal";

const WORKFLOW = join(PROJECT_ROOT, "examples/rollout-github-actions/rollout.yml");

describe("the workflow for GitHub Actions", function () {
  this.timeout("10m");
  let actionlint: string;

  before(async () => {
    actionlint = (await ensureTool("actionlint", createProgress())).path;
  });

  it("is sound to actionlint", async () => {
    await promisify(execFile)(actionlint, ["-no-color", WORKFLOW]);
  });

  it("would not be if a step were misspelt", async () => {
    const folder = await mkdtemp(join(tmpdir(), "canary-workflow-"));
    try {
      const wrong = join(folder, "rollout.yml");
      await writeFile(wrong, (await readFile(WORKFLOW, "utf8")).replace("timeout-minutes", "timeout-minuets"));
      await assert.rejects(promisify(execFile)(actionlint, ["-no-color", wrong]), ({ stdout }: Error & { stdout: string }) => stdout.includes("timeout-minuets"));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("calls commands that there are, with options that they have", async () => {
    const { jobs } = parse(await readFile(WORKFLOW, "utf8")) as { jobs: { rollout: { steps: { run?: string }[] } } };
    const calls = jobs.rollout.steps.flatMap(({ run = "" }) => [...run.matchAll(/npx canary ([^>|\n]*)/g)].map(([, words]) => words.trim().split(/\s+/)));
    const program = createProgram(new Session(new FakeTerminal(), {}));
    assert.ok(calls.length >= 3);
    for (const [name, ...words] of calls) {
      const command = program.commands.find((each) => each.name() === name);
      const known = [...(command?.options ?? []), ...program.options].flatMap(({ long, short }) => [long, short]);
      words.filter((word) => word.startsWith("-")).forEach((word) => assert.ok(known.includes(word), `${name} ${word}`));
    }
  });
});
