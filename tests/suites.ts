import { type SpawnOptions, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** How many tests ended how. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export type Write = (text: string) => void;

/** The repository. */
export const ROOT = resolve(__dirname, "..");

/** Mocha's arguments for the unit tests, and for end-to-end suites, whose files come after them. */
export const UNIT = [
  "--require",
  "tsx/cjs",
  "--require",
  "tests/unit/support/judgedRenderers.ts",
  "tests/unit/**/*.test.ts",
];
export const E2E = ["--require", "tsx/cjs", "--require", "tests/e2e/support/rootHooks.ts", "--timeout", "0"];

/** Runs a suite between a line that names it and one with its counts and its time. */
export async function suite(name: string, run: (write: Write) => Promise<Counts>): Promise<Counts> {
  const write: Write = (text) => void process.stdout.write(text);
  write(`\n=== ${name}\n`);
  const began = performance.now();
  const counts = await run(write);
  const seconds = Math.round((performance.now() - began) / 1000);
  write(`=== ${name}: ${countsText(counts)} in ${seconds} s\n`);
  return counts;
}

export function countsText({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** Lines that say which lane they are of, where two print at once. */
export function marked(lane: string, write: Write): Write {
  let begun = "";
  return (text) => {
    const lines = `${begun}${text}`.split("\n");
    begun = lines.pop() ?? "";
    write(lines.map((line) => `${lane} | ${line}\n`).join(""));
  };
}

export function sum(counts: readonly Counts[]): Counts {
  const of = (what: keyof Counts) => counts.reduce((total, each) => total + each[what], 0);
  return { passed: of("passed"), failed: of("failed"), skipped: of("skipped") };
}

/** Where mocha runs, and with which environment beside this process's. */
export interface MochaOptions {
  /** The repository, or a copy of it. @default this one */
  root?: string;
  /** @default this process's */
  node?: string;
  env?: Record<string, string>;
}

/** A run that ends without its counts has crashed, and counts as one failure. */
export async function mocha(args: readonly string[], write: Write, options: MochaOptions = {}): Promise<Counts> {
  const { root = ROOT, node = process.execPath, env = {} } = options;
  const folder = mkdtempSync(join(tmpdir(), "canary-tests-"));
  const file = join(folder, "counts");
  try {
    const all = [join(root, "node_modules/mocha/bin/mocha.js"), "--reporter", "tests/countingReporter.js", ...args];
    const { status } = await run(node, all, write, { cwd: root, env: { ...process.env, ...env, TEST_COUNTS: file } });
    const [passed, failed, skipped] = readFileSync(file, { encoding: "utf8", flag: "a+" }).split(/\s/).map(Number);
    const isWhole = Number.isInteger(skipped) && (status === 0 || failed > 0);
    return isWhole ? { passed, failed, skipped } : { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a program to its end; gives what it prints to `take`. */
export function run(
  program: string,
  args: readonly string[],
  take: Write,
  options: SpawnOptions,
): Promise<{ status: number | null; error?: Error }> {
  return new Promise((done) => {
    const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", take);
    }
    child.on("error", (error) => done({ status: null, error }));
    child.on("close", (status) => done({ status }));
  });
}
