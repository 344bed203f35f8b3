import { type Plan, Trial } from "../plan/plan";
import type { UsersSaw } from "./event";

/**
 * The versions' metrics at a step whose answers users got: while the target gets copies of requests, its own are left
 * out. Nobody gets a copy's answer, and no counter tells copies from other requests.
 */
export function answeredToUsers<Metrics>(
  traffic: Readonly<Record<string, Metrics>>,
  plan: Plan,
  step: number,
): Readonly<Record<string, Metrics>> {
  return plan.steps[step]?.trial === Trial.Mirrored
    ? Object.fromEntries(Object.entries(traffic).filter(([version]) => version !== plan.target))
    : traffic;
}

/** Whether the metrics of a whole run hold copies. */
export function hasCopies({ steps }: Plan): boolean {
  return steps.some(({ trial }) => trial === Trial.Mirrored);
}

/** All versions' metrics together. */
export function total(traffic: Readonly<Record<string, UsersSaw>>): UsersSaw {
  return Object.values(traffic).reduce<UsersSaw>(plus, { requests: 0, failures: 0 });
}

/** Two metrics together. */
export function plus(one: UsersSaw, other: UsersSaw): UsersSaw {
  return { requests: one.requests + other.requests, failures: one.failures + other.failures };
}
