import { keptResults } from "../results";
import type { Contender } from "./contender";
import { CONTENDERS } from "./contenders";
import type { Measured } from "./measure";

/** A contender and what was measured of it. */
export interface Result {
  contender: Contender;
  measured: Measured;
}

/** The results that are kept, in the document's order. */
export function rivalsResults(): Result[] {
  const kept = keptResults<Measured>("rivals");
  return CONTENDERS.flatMap((contender) => {
    const measured = kept.get(contender.name);
    return measured === undefined ? [] : [{ contender, measured }];
  });
}
