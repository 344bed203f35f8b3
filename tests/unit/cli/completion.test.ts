import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../../src/cli/run";
import { FakeTerminal } from "./fakeTerminal";

async function script(shell: string): Promise<string> {
  const terminal = new FakeTerminal();
  assert.equal(await run(["completion", shell], terminal, {}), 0);
  return terminal.written;
}

describe("completion", () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "canary-completion-"));
    ["Pulumi.dev.yaml", "Pulumi.prod.yaml", "settings.yaml"].forEach((name) => writeFileSync(join(folder, name), ""));
  });

  after(() => rmSync(folder, { recursive: true }));

  /** What bash would offer for a line whose last word is being typed. */
  async function offered(...words: string[]): Promise<string[]> {
    const file = join(folder, "completion.bash");
    writeFileSync(file, await script("bash"));
    const program =
      'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _canary; printf "%s\\n" "${COMPREPLY[@]}"';
    const text = execFileSync("bash", ["--norc", "-c", program, file, "canary", ...words], {
      cwd: folder,
      encoding: "utf8",
    });
    return text
      .split("\n")
      .filter((line) => line !== "")
      .sort();
  }

  for (const [words, expected] of [
    [["ro"], ["rollback", "rollout"]],
    [
      ["--stack", ""],
      ["dev", "prod"],
    ],
    [["--stack", "p"], ["prod"]],
    [["--verb"], ["--verbose"]],
    [["rollout", "--verb"], ["--verbose"]],
    [["--stack", "dev", "pa"], ["pause"]],
    [
      ["plan", "--strategy", ""],
      ["ab", "blue-green", "canary"],
    ],
    [
      ["plan", "--step"],
      ["--step-deadline", "--step-weight", "--steps"],
    ],
    [
      ["plan", "--stack", ""],
      ["dev", "prod"],
    ],
    [["rollout", "--settings", "s"], ["settings.yaml"]],
    [
      ["completion", ""],
      ["bash", "fish", "zsh"],
    ],
    [["help", "prom"], ["promote"]],
    [["approve", "--rej"], ["--reject"]],
    [["-s", "dev", "status", "--wa"], ["--watch"]],
    [["plan", "--hold", ""], []],
  ] as const) {
    it(`offers ${expected.join(", ") || "nothing"} for «canary ${words.join(" ")}»`, async () => {
      assert.deepEqual(await offered(...words), expected);
    });
  }

  it("has a script for every shell that the shell can read", async () => {
    for (const [shell, ...check] of [
      ["bash", "-n"],
      ["zsh", "-n"],
      ["fish", "--no-execute"],
    ]) {
      const file = join(folder, `completion.${shell}`);
      writeFileSync(file, await script(shell));
      const { error, status, stderr } = spawnSync(shell, [...check, file], { encoding: "utf8" });
      assert.ok(error !== undefined || status === 0, `${shell}: ${stderr}`); // only bash is sure to be there
    }
  });
});
