import { useEngine } from "../../../sandbox/engine/findEngine";
import { createProgress } from "../../../sandbox/progress";
import { endCluster } from "../../e2e/support/cluster";
import { sharedMesh } from "../../e2e/support/mesh";
import { keepResult } from "../results";
import { type OnEngine, measureOnEngine } from "./onEngine";
import { measureRendering } from "./rendering";
import type { Rendering } from "./renderOne";
import { LARGE, nameOf, type Size, SIZES } from "./size";

/** The measurements of stacks of one size. */
export interface Growth {
  size: Size;
  rendering?: Rendering;
  engine?: OnEngine;
}

/** Measures rendering for every size. */
export async function measureRenderings(): Promise<void> {
  const progress = createProgress();
  for (const [index, size] of SIZES.entries()) {
    progress.line(`rendering ${index + 1} of ${SIZES.length}: ${nameOf(size)}`);
    keepResult(`growth/rendering/${nameOf(size)}`, { size, rendering: await measureRendering(size) } satisfies Growth);
  }
}

/** Measures the engine for the sizes in which only one dimension grows, within these numbers of apps. */
export async function measureOnCluster(leastApps: number, mostApps: number): Promise<void> {
  const engine = await useEngine();
  const progress = createProgress();
  try {
    await sharedMesh(engine);
    for (const size of SIZES.filter(
      (each) => !LARGE.includes(each) && each.apps >= leastApps && each.apps <= mostApps,
    )) {
      progress.line(`on the engine: ${nameOf(size)}`);
      keepResult(`growth/engine/${nameOf(size)}`, {
        size,
        engine: await measureOnEngine(size, engine),
      } satisfies Growth);
    }
  } finally {
    await endCluster();
  }
}
