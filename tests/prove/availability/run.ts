import { createProgress } from "../../../sandbox/progress";
import { useEngine } from "../../../sandbox/engine/findEngine";
import { endCluster } from "../../e2e/support/cluster";
import { sharedMesh } from "../../e2e/support/mesh";
import { keepResult } from "../results";
import type { Kind } from "./kind";
import { Load } from "./load/load";
import { type Extent, failuresOf, measure } from "./measure";
import { failedText, requestsOf } from "./table";

/** Makes kinds of change under load, one after the other; returns whether no request failed. */
export async function proveAvailability(kinds: readonly Kind[], extent: Extent): Promise<boolean> {
  const engine = await useEngine();
  const progress = createProgress();
  const ending = new AbortController();
  const end = () => ending.abort();
  process.once("SIGINT", end).once("SIGTERM", end);
  let sound = true;
  try {
    const place = { engine, mesh: await sharedMesh(engine) };
    const load = await Load.ready(place.mesh);
    try {
      for (const kind of kinds) {
        if (ending.signal.aborted) {
          return false;
        }
        const step = progress.step(`${kind.name}: ${kind.changes}`);
        try {
          const result = await measure(kind, place, load, extent, step, ending.signal);
          step.done(`${requestsOf(result).toLocaleString("en-US")} requests, ${failedText(result)} failed`);
          keepResult(`availability/${kind.name}`, result);
          sound &&= Object.keys(failuresOf(result)).length === 0;
        } catch (error) {
          step.failed();
          progress.line(error instanceof Error ? error.message : String(error));
          sound = false;
        }
      }
    } finally {
      await load.close();
    }
    return sound;
  } finally {
    process.off("SIGINT", end).off("SIGTERM", end);
    await endCluster();
  }
}
