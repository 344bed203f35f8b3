import type { Plan } from "../plan/plan";
import { redactPlan } from "../plan/redact";
import type { RunOptions } from "./options";
import type { PlanBasis } from "./planBasis";
import type { StackContext } from "./stackContext";

/** What a planned rollout holds for its start. */
export interface PlannedContents {
  context: StackContext;
  options: RunOptions;
  /** With the texts that may be secrets. */
  plan: Plan;
  basis: PlanBasis;
}

/** A rollout that can be shown, and then started exactly as it was shown, by `startRollout`. */
export class PlannedRollout {
  /** What it would do, as others may read it: without texts of gates and the source that may be secrets. */
  readonly plan: Plan;
  /** Neither printed nor turned into JSON. */
  readonly #contents: PlannedContents;

  constructor(contents: PlannedContents) {
    this.plan = redactPlan(contents.plan);
    this.#contents = contents;
  }

  /** What a planned rollout holds, for whoever starts it. */
  static contentsOf(planned: PlannedRollout): PlannedContents {
    return planned.#contents;
  }
}
