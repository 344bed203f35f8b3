import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { RenderedCase } from "../../unit/support/renderedCases";

const ROOT = resolve(__dirname, "../../..");

/** The unit tests that render objects. */
const RENDERING = "tests/unit/{components,examples,program,traffic,workload}/**/*.test.ts";

/** Everything that the unit tests render: kept from the run before this one, where there was one, or else by running them. */
export async function tableCases(): Promise<RenderedCase[]> {
  const kept = process.env.RENDERED_CASES;
  if (kept !== undefined && existsSync(kept)) {
    return JSON.parse(await readFile(kept, "utf8"));
  }
  const folder = await mkdtemp(join(tmpdir(), "canary-cases-"));
  try {
    const file = join(folder, "cases.json");
    await runUnitTests({ ...process.env, RENDERED_CASES: file });
    return JSON.parse(await readFile(file, "utf8"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function runUnitTests(env: NodeJS.ProcessEnv): Promise<void> {
  const args = [join(ROOT, "node_modules/mocha/bin/mocha.js"), "--reporter", "dot", "--require", "tsx/cjs", "--require", "tests/unit/support/judgedRenderers.ts", RENDERING];
  return new Promise((done, failed) => {
    const tests = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [tests.stdout, tests.stderr]) {
      stream.on("data", (text) => void (said += text));
    }
    tests.on("error", failed);
    tests.on("close", (code) => (code === 0 ? done() : failed(new Error(`the unit tests that render the cases fail:\n${said}`))));
  });
}
