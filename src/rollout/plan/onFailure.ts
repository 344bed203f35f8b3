import { OnFailure } from "../gates/gate";
import type { Plan } from "./plan";

/** What is to happen when the gate of this name has failed `limits.failureThreshold` times in a row. */
export function onFailureOf({ gates, limits }: Plan, name: string): OnFailure {
  return gates.find((gate) => gate.name === name)?.onFailure ?? limits.onFailure ?? OnFailure.RollBack;
}
