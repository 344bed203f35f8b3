import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { RenderedCase } from "../../unit/support/renderedCases";

const ROOT = resolve(__dirname, "../../..");

/** The unit tests that render objects. */
const RENDERING = "tests/unit/{components,examples,istio,render,workload}/**/*.test.ts";

/**
 * Everything that the unit tests render: kept from the run before this one, where there was one, or else by running
 * them.
 */
export async function tableCases(): Promise<RenderedCase[]> {
  const kept = await casesIn(process.env.RENDERED_CASES);
  if (kept.length > 0) {
    return kept;
  }
  const folder = await mkdtemp(join(tmpdir(), "canary-cases-"));
  try {
    await runUnitTests({ ...process.env, RENDERED_CASES: folder });
    return await casesIn(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What the processes of unit tests have written into a folder. */
async function casesIn(folder: string | undefined): Promise<RenderedCase[]> {
  const names = folder === undefined ? [] : await readdir(folder);
  const texts = await Promise.all(names.map((name) => readFile(join(folder ?? "", name), "utf8")));
  return texts
    .flatMap((text) => text.split("\n"))
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as RenderedCase);
}

function runUnitTests(env: NodeJS.ProcessEnv): Promise<void> {
  const args = [join(ROOT, "node_modules/mocha/bin/mocha.js"), "--reporter", "dot", RENDERING];
  return new Promise((done, failed) => {
    const tests = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [tests.stdout, tests.stderr]) {
      stream.on("data", (text) => void (said += text));
    }
    tests.on("error", failed);
    tests.on("close", (code) =>
      code === 0 ? done() : failed(new Error(`the unit tests that render the cases fail:\n${said}`)),
    );
  });
}
