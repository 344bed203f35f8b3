import { keptResults } from "../results";
import type { Contender } from "./contender";
import { CONTENDERS } from "./contenders";
import type { Measured } from "./measure";

/** A contender and its measurements, of one or more runs. */
export interface Result {
  contender: Contender;
  runs: readonly Measured[];
}

/** The stored results, in the document's order. */
export function rivalsResults(): Result[] {
  const kept = keptResults<Measured[]>("rivals");
  return CONTENDERS.flatMap((contender) => {
    const runs = kept.get(contender.name) ?? [];
    return runs.length === 0 ? [] : [{ contender, runs }];
  });
}
