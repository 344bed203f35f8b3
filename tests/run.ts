import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Counts, E2E, ROOT, UNIT, type Write, countsText, marked, mocha, run, suite, sum } from "./suites";

/** Packages of the sandbox's Go modules that have tests of their own; no more, for it would compile all of Kubernetes again. */
const GO_TESTS = [
  ["sandbox/go/kube", "./supervise"],
  ["sandbox/go/demo", "./..."],
  ["sandbox/go/istio", "./cmd/charts"],
];

/** The sandbox's own tests make sandboxes of their own. */
const OWN_SANDBOXES = "tests/e2e/sandbox/**/*.test.ts";
/** Those that install Istio themselves come last: so the others of their lane share one from the first to the last of them. */
const OWN_MESH = ["trafficShifting", "withoutEngine"].map((name) => `tests/e2e/${name}.test.ts`);
/** The package is packed out of one folder, bin: all that pack it are in one lane. */
const PACKAGE = "tests/e2e/package.test.ts";
/**
 * End-to-end suites wait for proxies, pods and holds most of the time: two lanes, each with a cluster of its own, are through in
 * two thirds of it, and leave each other enough of two cores.
 */
const LANES = {
  apps: ["tests/e2e/!(trafficShifting|withoutEngine|package).test.ts", ...OWN_MESH],
  ops: ["tests/e2e/{pipelines,preview,rollout}/*.test.ts", PACKAGE, "tests/e2e/faults/*.test.ts"],
};

/** Runs all suites and ends with their sum: `N passed, N failed, N skipped`. */
async function main(): Promise<number> {
  process.on("SIGINT", () => undefined); // the suites get it, too; the clusters are taken down after them
  const folder = mkdtempSync(join(tmpdir(), "canary-tests-"));
  const cases = { RENDERED_CASES: join(folder, "cases.json") }; // what the unit tests render is judged end to end, too
  const counts = [
    await suite("unit", (write) => mocha(UNIT, write, { env: cases })),
    await suite("sandbox programs in Go", goTests),
    await suite("end to end, the sandbox itself", (write) => mocha([...E2E, OWN_SANDBOXES], write)),
    ...(await Promise.all(Object.entries(LANES).map(([name, files]) => suite(`end to end, ${name}`, (write) => mocha([...E2E, ...files], marked(name, write), { env: { ...cases, E2E_SANDBOX: `e2e-${name}` } }))))),
  ];
  rmSync(folder, { recursive: true, force: true });
  const total = sum(counts);
  process.stdout.write(`\n${countsText(total)}\n`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

async function goTests(write: Write): Promise<Counts> {
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

void main().then((code) => (process.exitCode = code));
