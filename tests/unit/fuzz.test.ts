import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as fc from "fast-check";
import { CanaryApp, type CanaryAppArgs } from "../../components";
import { checkCanaryApp } from "../../components/checkCanaryApp";
import { type Recording, record } from "../../src/render/recorder";
import type { Manifest } from "../../src/render/steps";
import { Findings, ValidationError } from "../../src/validation/problem";
import { type Tree, argumentTrees } from "./support/argumentTrees";
import { type IstioObject, requireCrdSchemas } from "./support/crdSchemas";
import { Istioctl } from "./support/istioctl";

/** How many trees of arguments are tried. */
const TREES = Number(process.env.FUZZ_TREES || 2000);

/** How many are tried in one recording; a recording of its own for each would take most of the time. */
const BATCH = 50;

/** How many of a batch are recorded; registering resources takes nearly all the time, so by default it is a few. */
const RECORDED = process.env.FUZZ_TREES === undefined ? 5 : BATCH;

describe(`${TREES} random trees of arguments`, function () {
  this.timeout(60_000 + TREES * 50);

  it("are either refused with the path of what is wrong, or become objects that Istio's definitions and its validation take", async function () {
    const schemas = requireCrdSchemas(this);
    const validation = new Validation();
    const tried = { accepted: 0, refused: 0 };
    const batches = fc.array(argumentTrees(), { minLength: BATCH, maxLength: BATCH });
    const property = fc.asyncProperty(batches, async (trees) => {
      const sound = trees.filter((tree) => !isRefused(tree));
      tried.accepted += sound.length;
      tried.refused += trees.length - sound.length;
      for (const { type, name, inputs } of (await recordAll(sound.slice(0, RECORDED))).resources) {
        if (/^kubernetes:(networking|security)\.istio\.io\//.test(type)) {
          const tree = sound[Number(/\d+/.exec(name)?.[0])];
          assert.deepEqual(
            schemas.objections(inputs as IstioObject),
            [],
            `${type} of ${JSON.stringify(tree)}: ${JSON.stringify(inputs)}`,
          );
          await validation.add(inputs as Manifest, tree);
        }
      }
    });
    await fc.assert(property, { numRuns: Math.ceil(TREES / BATCH), endOnFailure: true });
    await validation.end();
    // Trees of which nearly all go one way would prove nothing about the other.
    const least = (tried.accepted + tried.refused) / 10;
    assert.ok(tried.accepted > least && tried.refused > least, `${tried.accepted} accepted, ${tried.refused} refused`);
  });
});

/** What Istio only warns of, and so do we. */
const OUR_WARNINGS = /^warning: outlier detection policy must be provided for failover/;

/**
 * Has many objects at once validated by Istio's own tool, where it is in the cache: to start it takes as long as to ask
 * about hundreds.
 */
class Validation {
  private readonly istioctl = Istioctl.cached();
  private readonly seen = new Set<string>();
  private waiting: { object: Manifest; tree: Tree }[] = [];

  constructor() {
    if (this.istioctl === undefined) {
      process.stdout.write(
        "\n    !!! NOT VALIDATED: istioctl is not in the sandbox's cache; the end-to-end tests put it there\n\n",
      );
    }
  }

  async add(object: Manifest, tree: Tree): Promise<void> {
    const key = JSON.stringify([object.kind, object.spec]);
    if (this.istioctl !== undefined && !this.seen.has(key)) {
      this.seen.add(key);
      this.waiting.push({
        object: { ...object, metadata: { name: `object-${this.waiting.length}`, namespace: "fuzz" } },
        tree,
      });
      await (this.waiting.length === 2000 ? this.end() : undefined);
    }
  }

  /** Fails if one of the objects since the last time is not valid. */
  async end(): Promise<void> {
    const asked = this.waiting;
    this.waiting = [];
    const told = asked.length === 0 ? [] : ((await this.istioctl?.validate(asked.map(({ object }) => object))) ?? []);
    const [first] = told.filter(({ text }) => !OUR_WARNINGS.test(text));
    const found = first && asked.find(({ object }) => first.object.endsWith(`/${object.metadata.name}`));
    assert.ok(
      first === undefined,
      `${first?.text}: ${JSON.stringify(found?.object)} of ${JSON.stringify(found?.tree)}`,
    );
  }
}

/** Whether an app with these arguments is refused; fails if that is told in any other way than it should be. */
function isRefused(tree: Tree): boolean {
  const findings = Findings.at();
  try {
    checkCanaryApp("app", tree as unknown as CanaryAppArgs, findings);
  } catch (error) {
    assert.fail(
      `the check failed with ${error instanceof Error ? error.stack : String(error)}\non ${JSON.stringify(tree)}`,
    );
  }
  for (const { path, what, allowed } of findings.all()) {
    assert.ok(
      /^[A-Za-z[]/.test(path) && path !== "the arguments" && what !== "" && allowed !== "",
      `"${path} ${what}; ${allowed}" about ${JSON.stringify(tree)}`,
    );
  }
  return findings.all().length > 0;
}

/**
 * Records apps with these arguments, all of which have passed the check. Fails if one is refused after all, early or
 * late.
 */
async function recordAll(trees: readonly Tree[]): Promise<Recording> {
  const listeners = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0; // Pulumi's runtime takes a stack for every promise, which is most of its time
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => process.once("unhandledRejection", reject));
    const hung = new Promise<never>(
      (_, reject) => (timer = setTimeout(() => reject(new Error("it has not ended within 60 s")), 60_000)),
    );
    const program = () => trees.forEach((tree, index) => create(`app${index}`, tree));
    return await Promise.race([record(program, { project: "test", stack: "dev" }), late, hung]);
  } catch (error) {
    const told =
      error instanceof ValidationError ? error.message : error instanceof Error ? error.stack : String(error);
    assert.fail(
      `after the check had passed: ${told}${trees.length === 1 ? `\non ${JSON.stringify(trees[0])}` : `\n${await culprit(trees)}`}`,
    );
  } finally {
    clearTimeout(timer);
    Error.stackTraceLimit = stackTraceLimit;
    process.removeAllListeners("unhandledRejection");
    listeners.forEach((listener) => process.on("unhandledRejection", listener));
  }
}

/** Each app is on a cluster of its own: two of one program cannot have the same hosts, nor an Istio each. */
function create(name: string, tree: Tree): void {
  try {
    new CanaryApp(name, tree as unknown as CanaryAppArgs, { provider: new k8s.Provider(name) });
  } catch (error) {
    // An app whose namespace is one of Istio's is refused once both are known.
    if (!(error instanceof ValidationError) || !/makes that namespace, too/.test(error.message)) {
      throw error;
    }
  }
}

/** The first tree of a failed batch that fails alone. */
async function culprit(trees: readonly Tree[]): Promise<string> {
  for (const tree of trees) {
    try {
      await record(() => undefined, { project: "test", stack: "dev" }); // or Pulumi waits for what the last one left open
      await recordAll([tree]);
    } catch (error) {
      return (error as Error).message;
    }
  }
  return `on none of these alone: ${JSON.stringify(trees)}`;
}
