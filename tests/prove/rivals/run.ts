import { createProgress } from "../../../sandbox/progress";
import { endCluster } from "../../e2e/support/cluster";
import { keepResult } from "../results";
import type { Contender } from "./contender";
import { prepareGround } from "./ground";
import { measure, type Measured } from "./measure";

/**
 * Measures contenders one after the other, and all of them again for each further run, on the same cluster and mesh. A
 * failure does not keep the others from being measured.
 */
export async function measureRivals(contenders: readonly Contender[], runs: number): Promise<boolean> {
  const progress = createProgress();
  let sound = true;
  try {
    const ground = await prepareGround();
    try {
      const measured = new Map(contenders.map(({ name }): [string, Measured[]] => [name, []]));
      for (const contender of Array.from({ length: runs }, () => contenders).flat()) {
        const done = measured.get(contender.name) as Measured[];
        try {
          done.push(await measure(contender, ground, progress));
          keepResult(`rivals/${contender.name}`, done);
          progress.line(`${contender.name}: measured${runs > 1 ? `, ${done.length} of ${runs} times` : ""}`);
        } catch (error) {
          progress.line(
            `${contender.name} could not be measured: ${error instanceof Error ? error.message : String(error)}`,
          );
          sound = false;
        }
      }
    } finally {
      await ground.close();
    }
  } finally {
    await endCluster();
  }
  return sound;
}
