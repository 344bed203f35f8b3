import type { Weights } from "../weights";
import type { RolloutEvent } from "./event";

/**
 * The weights that an app's routes were given ahead of an `up`, as long as no `up` has recorded them: the cluster may
 * have them, the stack's state does not, and an `up` with the weights of before would find nothing to do.
 *
 * @param before What was known before the event.
 */
export function pendingPatch(before: Weights | undefined, event: RolloutEvent): Weights | undefined {
  switch (event.type) {
    case "patching":
      return event.weights;
    case "prepared":
    case "shifted":
    case "rolledBack":
    case "recorded":
      return undefined;
    default:
      return before;
  }
}

/** The same after all events of a stack's journal, whatever their run. */
export function pendingPatchOf(events: readonly RolloutEvent[]): Weights | undefined {
  return events.reduce<Weights | undefined>(pendingPatch, undefined);
}
