import { delimiter, dirname, join } from "node:path";
import { runChild } from "../run/child";
import { BROKEN, type Counts, sum, told } from "../run/counts";
import type { Failure } from "../run/failures";
import { type MochaResult, runSuites, runUnitTests } from "../run/mochaRun";
import { marked, plainly, type Write } from "../run/output";
import { unitFiles } from "../run/unitFiles";
import { type Copy, copyWith } from "./installation";
import { type SdkSet, describeSet } from "./sdkSet";

/** A suite that installs a mesh separately, creates an app and moves its traffic. */
const E2E_SUITE = "tests/e2e/existingMesh.test.ts";
const SANDBOX = "e2e-sdks";

const PASSED: Counts = { passed: 1, failed: 0, skipped: 0 };

/** Counts, and the failures among them whose names are known. */
type Part = Pick<MochaResult, "counts" | "failures">;

/** Runs the type check, the unit tests and, unless `hasE2e` is false, the end-to-end suite with each of the sets. */
export async function runWithSdks(sets: readonly SdkSet[], hasE2e: boolean): Promise<MochaResult> {
  const copies: Copy[] = [];
  try {
    for (const set of sets) {
      plainly(`${describeSet(set)}\n`);
      copies.push(await copyWith(set, plainly));
    }
    // Each occupies one processor. Mocha's own --parallel does not work: its workers load a file after others have
    // unloaded modules.
    const parts = (await Promise.all(sets.map((set, index) => checked(set, copies[index])))).flat();
    for (const [index, { name }] of hasE2e ? [...sets.entries()] : []) {
      const { env, ...place } = optionsFor(copies[index]);
      parts.push(await part(`${name}, end to end`, () => runSuites([E2E_SUITE], marked(name), env, place)));
    }
    return {
      counts: sum(parts.map(({ counts }) => counts)),
      suites: [],
      failures: parts.flatMap(({ failures }) => failures),
    };
  } finally {
    copies.forEach((copy) => copy.remove());
  }
}

/** Runs a part, between a line with its name and one with its counts and its time; its failures get its name. */
async function part(name: string, work: () => Promise<Part>): Promise<Part> {
  plainly(`\n=== ${name}\n`);
  const began = performance.now();
  const { counts, failures } = await work();
  plainly(`=== ${name}: ${told(counts)} in ${Math.round((performance.now() - began) / 1000)} s\n`);
  return { counts, failures: failures.map((failure) => ({ ...failure, test: `${name}: ${failure.test}` })) };
}

/** The type check, which counts as one test, and the unit tests. */
async function checked({ name }: SdkSet, copy: Copy): Promise<Part[]> {
  const types = await part(`${name}, type check`, () => typeCheck(copy, marked(name)));
  const { env, ...place } = optionsFor(copy);
  const [files] = unitFiles(1);
  return [types, await part(`${name}, unit`, () => runUnitTests(files, marked(name), env, place))];
}

async function typeCheck(copy: Copy, write: Write): Promise<Part> {
  let output = "";
  const take: Write = (text) => {
    output += text;
    write(text);
  };
  const args = [join(copy.root, "node_modules/typescript/bin/tsc"), "--noEmit", "-p", "tsconfig.json"];
  const { status } = await runChild(copy.node, args, take, { cwd: copy.root });
  const failures: Failure[] = status === 0 ? [] : [{ test: "tsc", message: output }];
  return { counts: status === 0 ? PASSED : BROKEN, failures };
}

/** Processes that the tests start as `node` use that one, too. */
function optionsFor({ root, node }: Copy) {
  return { root, node, env: { PATH: [dirname(node), process.env.PATH].join(delimiter), E2E_SANDBOX: SANDBOX } };
}
