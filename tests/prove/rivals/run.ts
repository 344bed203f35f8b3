import { createProgress } from "../../../sandbox/progress";
import { endCluster } from "../../e2e/support/cluster";
import { keepResult } from "../results";
import type { Contender } from "./contender";
import { prepareGround } from "./ground";
import { measure } from "./measure";

/** Measures contenders one after the other, on the same cluster and mesh. One that fails keeps none of the others from being measured. */
export async function measureRivals(contenders: readonly Contender[]): Promise<boolean> {
  const progress = createProgress();
  let sound = true;
  try {
    const ground = await prepareGround();
    try {
      for (const contender of contenders) {
        try {
          keepResult(`rivals/${contender.name}`, await measure(contender, ground, progress));
          progress.line(`${contender.name}: measured`);
        } catch (error) {
          progress.line(`${contender.name} could not be measured: ${error instanceof Error ? error.message : String(error)}`);
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
