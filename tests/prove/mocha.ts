import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../demo/programStack";

/**
 * Runs end-to-end suites in a process of their own, on the proofs' sandbox; returns whether all of their tests passed.
 */
export async function passes(files: readonly string[], env: Record<string, string> = {}): Promise<boolean> {
  const options = [
    "--no-config",
    "--require",
    "tsx/cjs",
    "--require",
    "tests/e2e/support/rootHooks.ts",
    "--timeout",
    "0",
  ];
  const args = [join(PROJECT_ROOT, "node_modules/mocha/bin/mocha.js"), ...options, ...files];
  const suites = spawn(process.execPath, args, {
    cwd: PROJECT_ROOT,
    env: { ...process.env, ...env },
    stdio: "inherit",
  });
  const [code] = (await once(suites, "exit")) as [number | null];
  return code === 0;
}
