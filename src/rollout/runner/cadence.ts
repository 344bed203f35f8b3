import { needsRequests } from "../gates/kinds";
import { Phase } from "../gates/gate";
import type { RunState } from "./state";

/** The shortest time between two samples, in ms: reading all proxies takes a part of it. */
const SHORTEST_MS = 1000;

/**
 * How long after a sample the gates of the weights in force are asked again, in ms: the plan's interval. Where a gate
 * that judges requests has failed, and one more failure decides, it is asked as soon as there are new figures: users are
 * answered by the target meanwhile. A Prometheus has new figures only when it has scraped the proxies again.
 */
export function sampleEvery({ plan, opinions }: Pick<RunState, "plan" | "opinions">): number {
  const interval = plan.limits.intervalSeconds * 1000;
  const said = opinions[Phase.Hold] ?? {};
  const isNearEnd = plan.gates.some(({ name, kind }) => {
    const opinion = said[name];
    return (
      needsRequests({ kind }) &&
      opinion?.result.verdict === "failed" &&
      opinion.failuresInARow === plan.limits.failureThreshold - 1
    );
  });
  return isNearEnd && plan.source?.prometheus === undefined ? Math.min(interval, SHORTEST_MS) : interval;
}
