import type { RolloutEvent } from "../../../../src/rollout/runner/event";

/** What ends a run; each has exactly one of them. */
export const TERMINAL = ["promoted", "rolledBack", "failed"];

export function typesOf(events: readonly RolloutEvent[]): string[] {
  return events.map(({ type }) => type);
}

/** Those of one type. */
export function only<T extends RolloutEvent["type"]>(
  events: readonly RolloutEvent[],
  type: T,
): Extract<RolloutEvent, { type: T }>[] {
  return events.filter((event): event is Extract<RolloutEvent, { type: T }> => event.type === type);
}
