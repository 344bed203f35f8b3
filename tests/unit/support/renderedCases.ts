import { appendFileSync } from "node:fs";
import { join } from "node:path";
import type { Recording } from "../../../src/render/recorder";
import { type Manifest, render } from "../../../src/render/steps";
import { CLOSED_SECRET } from "../../../src/render/secretMark";
import { UNKNOWN_VALUE } from "../../../src/render/unknownMark";
import type { IstioObject } from "./crdSchemas";

/** Objects that a unit test renders. */
export interface RenderedCase {
  /** The test's full title, of the first that renders them. */
  test: string;
  /**
   * One object of Istio's without a name; or everything that an app or a program brings to the cluster, each with its
   * name.
   */
  objects: (IstioObject | Manifest)[];
}

/** The folder that the cases of this run are written to; without it nothing is kept. */
const FOLDER = process.env.RENDERED_CASES;

/**
 * The cases that are kept of one test. Tables have a few each; what a property draws at random are thousands of the
 * same kind.
 */
const MOST_PER_TEST = 25;

const seen = new Set<string>();
const counts = new Map<string, number>();
let running = "before the tests";
/** Tests whose objects are nobody's: by their file's end or their title's start. */
const NOBODYS: readonly [at: RegExp, why: string][] = [
  [/fuzz\.test\.ts$/, "apps drawn at random, many rendered as if they were one program: they contradict each other"],
  [/^the warnings about traffic policies/, "policies that are warned of, or drawn at random with nothing in them"],
  [/^a prototype in the place of data/, "fields that no pod has, passed through as `extra`"],
];

let isKept = true;

/** Has what is rendered from now on belong to the test that begins. */
export function nameTests(this: Mocha.Context): void {
  running = this.currentTest?.fullTitle() ?? running;
  isKept = !NOBODYS.some(([at]) => at.test(this.currentTest?.file ?? "") || at.test(running));
}

/** Keeps an object that was rendered by itself. */
export function keepRendered(object: IstioObject | undefined): void {
  keep(object === undefined ? [] : [object]);
}

/**
 * Keeps what a recorded program brings to the cluster, if our components are what it brings, and gives the recording
 * on.
 */
export function keepRecording(recording: Recording): Recording {
  if (FOLDER !== undefined && recording.resources.some(({ type }) => type.startsWith("canary-app:index:"))) {
    keep(render(recording.resources).flatMap(({ manifest }) => manifest ?? []));
  }
  return recording;
}

function keep(objects: readonly (IstioObject | Manifest)[]): void {
  const count = counts.get(running) ?? 0;
  const key = JSON.stringify(objects);
  if (
    FOLDER === undefined ||
    !isKept ||
    objects.length === 0 ||
    count >= MOST_PER_TEST ||
    seen.has(key) ||
    !reachesCluster(objects, key)
  ) {
    return;
  }
  counts.set(running, count + 1);
  seen.add(key);
  // One JSON line each, in a file of this process: several run the unit tests at once.
  appendFileSync(join(FOLDER, `${process.pid}.jsonl`), `${JSON.stringify({ test: running, objects })}\n`);
}

/** What is not known yet before an update is no object for the cluster; nor is one whose text stands for a secret. */
function reachesCluster(objects: readonly (IstioObject | Manifest)[], text: string): boolean {
  return (
    !['"__pulumiUnknown"', JSON.stringify(UNKNOWN_VALUE)].some((mark) => text.includes(mark)) &&
    !objects.some((object) => Object.values(object).includes(CLOSED_SECRET))
  );
}
