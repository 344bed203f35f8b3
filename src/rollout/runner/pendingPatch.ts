import type { AppReference } from "../../config/stackClusters";
import type { Weights } from "../weights";
import type { RolloutEvent } from "./event";

/**
 * The weights that apps' routes were given ahead of an `up`, as long as no `up` has recorded them: the cluster may have
 * them, the stack's state does not, and an `up` with the weights of before would find nothing to do.
 */
export type PendingPatches = readonly (AppReference & { weights: Weights })[];

/** What is pending after one more event; an `up` records whatever it finds of all the stack's apps. */
export function pendingAfter(before: PendingPatches, event: RolloutEvent): PendingPatches {
  switch (event.type) {
    case "patching": {
      const { app, namespace, weights } = event;
      return [...before.filter((each) => !isOf(each, event)), { app, namespace, weights }];
    }
    case "prepared":
    case "shifted":
    case "rolledBack":
    case "recorded":
      return [];
    default:
      return before;
  }
}

/** The same after all events of a stack's journal, whatever their run. */
export function pendingPatches(events: readonly RolloutEvent[]): PendingPatches {
  return events.reduce<PendingPatches>(pendingAfter, []);
}

/** The weights that are pending of one app; undefined if none are. */
export function pendingOf(pending: PendingPatches, app: AppReference): Weights | undefined {
  return pending.find((each) => isOf(each, app))?.weights;
}

/** Whether something is pending of other apps than these. */
export function isPendingElsewhere(pending: PendingPatches, apps: readonly AppReference[]): boolean {
  return pending.some((each) => !apps.some((app) => isOf(each, app)));
}

function isOf(one: AppReference, other: AppReference): boolean {
  return one.app === other.app && one.namespace === other.namespace;
}
