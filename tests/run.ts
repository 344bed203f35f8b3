import { type SpawnOptions, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** How many tests ended how. */
interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const ROOT = resolve(__dirname, "..");

/** Packages of the sandbox's Go modules that have tests of their own; no more, for it would compile all of Kubernetes again. */
const GO_TESTS = [
  ["sandbox/go/kube", "./supervise"],
  ["sandbox/go/demo", "./..."],
  ["sandbox/go/istio", "./cmd/charts"],
];

const E2E = ["--require", "tsx/cjs", "--require", "tests/e2e/support/rootHooks.ts", "--timeout", "0"];
/** The sandbox's own tests make sandboxes of their own. */
const OWN_SANDBOXES = "tests/e2e/sandbox/**/*.test.ts";
/** Those that install Istio themselves come last: so the others share one from the first to the last of them. */
const ON_THE_SANDBOX = ["tests/e2e/**/!(trafficShifting|withoutEngine).test.ts", ...["trafficShifting", "withoutEngine"].map((name) => `tests/e2e/${name}.test.ts`)];

/**
 * Runs all suites, one after the other, and ends with their sum: `N passed, N failed, N skipped`. Side by side they would be
 * through sooner, but what sends traffic would measure the others' load.
 */
async function main(): Promise<number> {
  process.on("SIGINT", () => undefined); // the suites get it, too; the cluster is taken down after them
  const folder = mkdtempSync(join(tmpdir(), "canary-tests-"));
  const cases = { RENDERED_CASES: join(folder, "cases.json") }; // what the unit tests render is judged end to end, too
  const total = await inOrder([
    ["unit", () => mocha(["--require", "tsx/cjs", "--require", "tests/unit/support/judgedRenderers.ts", "tests/unit/**/*.test.ts"], cases)],
    ["sandbox programs in Go", goTests],
    ["end to end, the sandbox itself", () => mocha([...E2E, OWN_SANDBOXES])],
    ["end to end, on the sandbox", () => mocha([...E2E, "--ignore", OWN_SANDBOXES, ...ON_THE_SANDBOX], cases)],
  ]);
  rmSync(folder, { recursive: true, force: true });
  write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

function write(text: string): void {
  process.stdout.write(text);
}

async function inOrder(suites: readonly [name: string, run: () => Promise<Counts>][]): Promise<Counts> {
  const counts: Counts[] = [];
  for (const [name, run] of suites) {
    write(`\n=== ${name}\n`);
    const began = performance.now();
    counts.push(await run());
    write(`=== ${name}: ${Math.round((performance.now() - began) / 1000)} s\n`);
  }
  return sum(counts);
}

function sum(counts: readonly Counts[]): Counts {
  const of = (what: keyof Counts) => counts.reduce((total, each) => total + each[what], 0);
  return { passed: of("passed"), failed: of("failed"), skipped: of("skipped") };
}

/** A run that ends without its counts has crashed, and counts as one failure. */
async function mocha(args: readonly string[], env: Record<string, string> = {}): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), "canary-tests-"));
  const file = join(folder, "counts");
  try {
    const all = [join(ROOT, "node_modules/mocha/bin/mocha.js"), "--reporter", "tests/countingReporter.js", ...args];
    const { status } = await run(process.execPath, all, write, { cwd: ROOT, env: { ...process.env, ...env, TEST_COUNTS: file } });
    const [passed, failed, skipped] = readFileSync(file, { encoding: "utf8", flag: "a+" }).split(/\s/).map(Number);
    return Number.isInteger(skipped) && (status === 0 || failed > 0) ? { passed, failed, skipped } : { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function goTests(): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [module, packages] of GO_TESTS) {
    let output = "";
    const { error, status } = await run("go", ["test", "-json", packages], (text) => (output += text), { cwd: join(ROOT, module), env: { ...process.env, GOWORK: "off" } });
    if (error !== undefined) {
      write(`!!! SKIPPED: ${module}, because there is no go command (${error.message})\n`);
      counts.skipped++;
      continue;
    }
    const lines = output.split("\n");
    const results = lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as { Action: string; Test?: string; Output?: string });
    const ended = (action: string) => results.filter(({ Action, Test }) => Action === action && Test !== undefined).length;
    const failed = ended("fail");
    counts.passed += ended("pass");
    counts.failed += failed === 0 && status !== 0 ? 1 : failed;
    counts.skipped += ended("skip");
    write(`  ${module}: ${ended("pass")} passed, ${failed} failed\n`);
    if (status !== 0) {
      write(`${results.map(({ Output = "" }) => Output).join("")}${lines.filter((line) => !line.startsWith("{")).join("\n")}\n`);
    }
  }
  return counts;
}

/** Runs a program to its end. */
function run(program: string, args: readonly string[], take: (text: string) => void, options: SpawnOptions): Promise<{ status: number | null; error?: Error }> {
  return new Promise((done) => {
    const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", take);
    }
    child.on("error", (error) => done({ status: null, error }));
    child.on("close", (status) => done({ status }));
  });
}

void main().then((code) => (process.exitCode = code));
