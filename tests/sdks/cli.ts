import { delimiter, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { runChild } from "../run/child";
import { BROKEN, type Counts, sum, told } from "../run/counts";
import { runSuites, runUnitTests } from "../run/mochaRun";
import { marked, plainly, type Write } from "../run/output";
import { unitFiles } from "../run/unitFiles";
import { type Copy, copyWith } from "./installation";
import { type SdkSet, describeSet, sdkSets } from "./sdkSet";

const NAMES = sdkSets()
  .map(({ name }) => name)
  .join(" or ");

const USAGE = `Usage: npm run test:sdks -- [--no-e2e] [--only NAME]

Runs the type check, the unit tests and one end-to-end suite with the lowest SDKs that package.json allows, and with
the newest that are known to work, on the newest Node. They are installed into a cache, apart from the repository.

  --no-e2e     without the end-to-end suite
  --only NAME  one of them: ${NAMES}
`;

/** A suite that installs a mesh separately, creates an app and moves its traffic. */
const E2E_SUITE = "tests/e2e/existingMesh.test.ts";
const SANDBOX = "e2e-sdks";

const PASSED: Counts = { passed: 1, failed: 0, skipped: 0 };

/** Runs everything and ends with the sum: `N passed, N failed, N skipped`. */
async function main(args: string[]): Promise<number> {
  const options = optionsOf(args);
  if (typeof options === "string") {
    process.stderr.write(options);
    return 2;
  }
  process.on("SIGINT", () => undefined); // the suites get it, too; the copies are removed after them
  const { sets, hasE2e } = options;
  const copies: Copy[] = [];
  try {
    for (const set of sets) {
      plainly(`${describeSet(set)}\n`);
      copies.push(await copyWith(set, plainly));
    }
    // Each occupies one processor. Mocha's own --parallel does not work: its workers load a file after others have
    // unloaded modules.
    const checks = await Promise.all(sets.map((set, index) => checked(set, copies[index])));
    const traffic: Counts[] = [];
    for (const [index, { name }] of hasE2e ? [...sets.entries()] : []) {
      traffic.push(
        await part(`${name}, end to end`, async () => {
          const { env, ...place } = optionsFor(copies[index]);
          return (await runSuites([E2E_SUITE], marked(name), env, place)).counts;
        }),
      );
    }
    const total = sum([...checks, ...traffic]);
    plainly(`\n${told(total)}\n`);
    return total.failed === 0 && total.passed > 0 ? 0 : 1;
  } finally {
    copies.forEach((copy) => copy.remove());
  }
}

/** Runs a part, between a line with its name and one with its counts and its time. */
async function part(name: string, work: () => Promise<Counts>): Promise<Counts> {
  plainly(`\n=== ${name}\n`);
  const began = performance.now();
  const counts = await work();
  plainly(`=== ${name}: ${told(counts)} in ${Math.round((performance.now() - began) / 1000)} s\n`);
  return counts;
}

/** The type check, which counts as one test, and the unit tests. */
async function checked({ name }: SdkSet, copy: Copy): Promise<Counts> {
  const types = await part(`${name}, type check`, () => typeCheck(copy, marked(name)));
  const { env, ...place } = optionsFor(copy);
  const [files] = unitFiles(1);
  const unit = await part(`${name}, unit`, async () => (await runUnitTests(files, marked(name), env, place)).counts);
  return sum([types, unit]);
}

async function typeCheck(copy: Copy, write: Write): Promise<Counts> {
  const args = [join(copy.root, "node_modules/typescript/bin/tsc"), "--noEmit", "-p", "tsconfig.json"];
  const { status } = await runChild(copy.node, args, write, { cwd: copy.root });
  return status === 0 ? PASSED : BROKEN;
}

/** Processes that the tests start as `node` use that one, too. */
function optionsFor({ root, node }: Copy) {
  return { root, node, env: { PATH: [dirname(node), process.env.PATH].join(delimiter), E2E_SANDBOX: SANDBOX } };
}

/** The usage text if the call is wrong, preceded by what is wrong. */
function optionsOf(args: string[]): { sets: SdkSet[]; hasE2e: boolean } | string {
  try {
    const { values } = parseArgs({ args, options: { "no-e2e": { type: "boolean" }, only: { type: "string" } } });
    const sets = sdkSets().filter(({ name }) => values.only === undefined || name === values.only);
    return sets.length === 0
      ? `--only is ${values.only}; it can be ${NAMES}\n\n${USAGE}`
      : { sets, hasE2e: !values["no-e2e"] };
  } catch (error) {
    return `${(error as Error).message}\n\n${USAGE}`;
  }
}

void main(process.argv.slice(2)).then((code) => (process.exitCode = code));
