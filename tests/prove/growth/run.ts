import { findEngine, isEngine } from "../../../engine/engine";
import { createProgress } from "../../../sandbox/progress";
import { endCluster } from "../../e2e/support/cluster";
import { sharedMesh } from "../../e2e/support/mesh";
import { keepResult } from "../results";
import { type OnEngine, measureOnEngine } from "./onEngine";
import { measureRendering } from "./rendering";
import type { Rendering } from "./renderOne";
import { AXES, nameOf, type Size, SIZES } from "./size";

/** What was measured of stacks of one size. */
export interface Growth {
  size: Size;
  rendering?: Rendering;
  engine?: OnEngine;
}

/** Measures rendering at every size, and the engine at those of up to so many apps. */
export async function measureGrowth(mostApps: number): Promise<boolean> {
  const progress = createProgress();
  for (const [index, size] of SIZES.entries()) {
    progress.line(`rendering ${index + 1} of ${SIZES.length}: ${nameOf(size)}`);
    keepResult(`growth/rendering/${nameOf(size)}`, { size, rendering: await measureRendering(size) } satisfies Growth);
  }
  const engine = await findEngine();
  const sizes = [...AXES.apps, ...AXES.versions, ...AXES.routes].filter(({ apps }) => apps <= mostApps);
  if (sizes.length === 0) {
    return true;
  }
  if (!isEngine(engine)) {
    throw new Error(`Growth on the engine is measured with Pulumi's engine, and there is none: ${engine.reasons.join("; ")}`);
  }
  try {
    await sharedMesh(engine);
    for (const size of new Map(sizes.map((each) => [nameOf(each), each])).values()) {
      progress.line(`on the engine: ${nameOf(size)}`);
      keepResult(`growth/engine/${nameOf(size)}`, { size, engine: await measureOnEngine(size, engine) } satisfies Growth);
    }
  } finally {
    await endCluster();
  }
  return true;
}
