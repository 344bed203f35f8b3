import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createProgram } from "../../../src/cli/program";
import { Session } from "../../../src/cli/session";
import { createProgress } from "../../../sandbox/progress";
import { ensureTool } from "../../../sandbox/tools";
import { FakeTerminal } from "../../unit/cli/fakeTerminal";
import { GITHUB_EXAMPLE } from "./githubJob";
import { GITLAB_EXAMPLE, gitlabCi } from "./gitlabJob";

const run = promisify(execFile);

/** Runs something on a copy of a folder in a git repository of its own: both readers look at what a repository has. */
async function onCopy<T>(folder: string, work: (copy: string) => Promise<T>): Promise<T> {
  const copy = await mkdtemp(join(tmpdir(), "canary-pipeline-"));
  try {
    await cp(folder, copy, { recursive: true });
    await run("git", ["init", "--quiet", "--initial-branch", "main"], { cwd: copy });
    await run("git", ["remote", "add", "origin", "https://host.example.com/acme/shop.git"], { cwd: copy });
    await run("git", ["add", "--all"], { cwd: copy });
    await run(
      "git",
      ["-c", "user.name=ada", "-c", "user.email=ada@example.com", "commit", "--quiet", "--message", "the example"],
      { cwd: copy },
    );
    return await work(copy);
  } finally {
    await rm(copy, { recursive: true });
  }
}

async function misspell(file: string, word: string, wrong: string): Promise<void> {
  const text = await readFile(file, "utf8");
  assert.ok(text.includes(word));
  await writeFile(file, text.replace(word, wrong));
}

describe("the workflows for GitHub Actions", function () {
  this.timeout("10m");
  let actionlint: string;
  const lint = (folder: string) => run(actionlint, ["-no-color"], { cwd: folder });
  const refuses =
    (message: RegExp) =>
    ({ stdout }: Error & { stdout: string }) =>
      message.test(stdout);

  before(async () => {
    actionlint = (await ensureTool("actionlint", createProgress())).path;
  });

  it("are sound to actionlint, with what they call", () =>
    onCopy(GITHUB_EXAMPLE, async (copy) => assert.equal((await lint(copy)).stdout, "")));

  for (const [file, word, wrong, message] of [
    ["workflows/canary-deliver.yml", "timeout-minutes", "timeout-minuets", /timeout-minuets/],
    ["workflows/canary.yml", "rollout: true", "rolls: true", /input "rolls" is not defined/],
    ["workflows/canary-preview.yml", "inputs.max-warnings", "inputs.max", /"max" is not defined/],
  ] as const) {
    it(`would not be with ${wrong} for ${word}`, () =>
      onCopy(GITHUB_EXAMPLE, async (copy) => {
        await misspell(join(copy, ".github", file), word, wrong);
        await assert.rejects(lint(copy), refuses(message));
      }));
  }
});

describe("the pipeline for GitLab", function () {
  this.timeout("5m");
  const expand = (folder: string) => gitlabCi({ clone: folder, env: process.env }, {}, "--preview");

  it("is sound to the schema of GitLab's pipelines, with what it includes", () =>
    onCopy(GITLAB_EXAMPLE, async (copy) => assert.match((await expand(copy)).stdout, /deliver prod:/)));

  for (const [file, word, wrong, message] of [
    ["ci/canary.yml", "interruptible: true", "interruptible: sometimes", /interruptible/],
    [".gitlab-ci.yml", "rollout: true", "rollout: maybe", /rollout/],
    [".gitlab-ci.yml", "stack: prod", "stacks: prod", /stack/],
  ] as const) {
    it(`would not be with ${wrong}`, () =>
      onCopy(GITLAB_EXAMPLE, async (copy) => {
        await misspell(join(copy, file), word, wrong);
        await assert.rejects(expand(copy), message);
      }));
  }
});

describe("the pipelines of both", () => {
  const program = createProgram(new Session(new FakeTerminal(), {}));

  for (const folder of [join(GITHUB_EXAMPLE, ".github"), GITLAB_EXAMPLE]) {
    it(`call commands that there are, with options that they have: ${folder.split("/").at(-1)}`, async () => {
      const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".yml"));
      const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
      const calls = texts.flatMap((text) =>
        [...text.matchAll(/(?:npx|bin\/)\s?canary ([^>|\n]*)/g)].map(([, words]) => words.trim().split(/\s+/)),
      );
      assert.deepEqual(
        [...new Set(calls.map(([name]) => name))].sort().filter((name) => name !== "report"),
        ["plan", "preview", "render", "rollout"],
      );
      for (const [name, ...words] of calls) {
        const command = program.commands.find((each) => each.name() === name);
        const known = [...(command?.options ?? []), ...program.options].flatMap(({ long, short }) => [long, short]);
        words
          .filter((word) => /^-\w|^--\w/.test(word))
          .forEach((word) => assert.ok(known.includes(word), `${name} ${word}`));
      }
    });
  }
});
