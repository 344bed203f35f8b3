import { spawnSync } from "node:child_process";
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

function main(): number {
  const folder = mkdtempSync(join(tmpdir(), "canary-tests-"));
  process.env.RENDERED_CASES = join(folder, "cases.json"); // what the unit tests render is judged end to end, too
  try {
    return runAll();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs all suites, one after the other, and ends with their sum: `N passed, N failed, N skipped`. */
function runAll(): number {
  const suites: [string, () => Counts][] = [
    ["unit", () => mocha("tests/unit/**/*.test.ts", "--require", "tsx/cjs", "--require", "tests/unit/support/judgedRenderers.ts")],
    ["sandbox programs in Go", goTests],
    ["end to end, on the sandbox", () => mocha("tests/e2e/**/*.test.ts", "--require", "tsx/cjs", "--require", "tests/e2e/support/rootHooks.ts", "--timeout", "0")],
  ];
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [name, run] of suites) {
    process.stdout.write(`\n=== ${name}\n`);
    const counts = run();
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
  }
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

/** A run that ends without its counts has crashed, and counts as one failure. */
function mocha(specs: string, ...more: string[]): Counts {
  const folder = mkdtempSync(join(tmpdir(), "canary-tests-"));
  const file = join(folder, "counts");
  try {
    const args = [join(ROOT, "node_modules/mocha/bin/mocha.js"), "--reporter", "tests/countingReporter.js", ...more, specs];
    const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: "inherit", env: { ...process.env, TEST_COUNTS: file } });
    const [passed, failed, skipped] = readFileSync(file, { encoding: "utf8", flag: "a+" }).split(/\s/).map(Number);
    return Number.isInteger(skipped) && (status === 0 || failed > 0) ? { passed, failed, skipped } : { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function goTests(): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [module, packages] of GO_TESTS) {
    const { error, stdout, stderr, status } = spawnSync("go", ["test", "-json", packages], { cwd: join(ROOT, module), encoding: "utf8", maxBuffer: 64 * 1024 * 1024, env: { ...process.env, GOWORK: "off" } });
    if (error !== undefined) {
      process.stdout.write(`!!! SKIPPED: ${module}, because there is no go command (${error.message})\n`);
      counts.skipped++;
      continue;
    }
    const results = stdout.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as { Action: string; Test?: string; Output?: string });
    const ended = (action: string) => results.filter(({ Action, Test }) => Action === action && Test !== undefined).length;
    const failed = ended("fail");
    counts.passed += ended("pass");
    counts.failed += failed === 0 && status !== 0 ? 1 : failed;
    counts.skipped += ended("skip");
    process.stdout.write(`  ${module}: ${ended("pass")} passed, ${failed} failed\n`);
    if (status !== 0) {
      process.stdout.write(`${results.map(({ Output = "" }) => Output).join("")}${stderr}\n`);
    }
  }
  return counts;
}

process.exitCode = main();
