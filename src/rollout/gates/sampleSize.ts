import { counted } from "../../internal/format";
import type { VersionTraffic } from "../metrics/source";
import { merged, observations } from "./histogram";
import { type Assessment, inconclusive } from "./assessment";
import type { Proportion } from "./proportions";

/** Every version's traffic in the span that is judged, by its name. */
export type Traffic = Readonly<Record<string, VersionTraffic>>;

/** Whose requests a gate looks at. */
export const Of = {
  /** The version that is to take over. */
  Target: "target",
  /** All versions': what users see as a whole. */
  App: "app",
} as const;
export type Of = (typeof Of)[keyof typeof Of];

/** The traffic of all these versions as one; undefined if none of them has metrics. */
export function together(traffics: readonly VersionTraffic[]): VersionTraffic | undefined {
  if (traffics.length === 0) {
    return undefined;
  }
  return {
    requests: traffics.reduce((sum, { requests }) => sum + requests, 0),
    failures: traffics.reduce((sum, { failures }) => sum + failures, 0),
    durations: merged(traffics.map(({ durations }) => durations)),
  };
}

/** The traffic of the target, or of all versions. */
export function trafficOf(traffic: Traffic, target: string, of: Of): VersionTraffic | undefined {
  return of === Of.Target ? traffic[target] : together(Object.values(traffic));
}

/** The traffic that a gate looks at; an assessment where that is too little. */
export function enough(traffic: Traffic, target: string, of: Of, least: number): VersionTraffic | Assessment {
  const who = of === Of.Target ? `version ${target}` : "the app";
  return sufficient(trafficOf(traffic, target, of), who, least);
}

/** The same traffic, if it is there, sound and enough; otherwise what to say about it. */
export function sufficient(seen: VersionTraffic | undefined, who: string, least: number): VersionTraffic | Assessment {
  if (seen === undefined) {
    return inconclusive(`no metrics for ${who}`);
  }
  if (!isSound(seen)) {
    return inconclusive(`invalid metrics for ${who}: ${seen.failures} of ${seen.requests} requests failed`);
  }
  if (seen.requests < least || seen.requests === 0) {
    return inconclusive(`only ${counted(seen.requests, "request")} for ${who}; need at least ${Math.max(1, least)}`, {
      requests: seen.requests,
    });
  }
  return seen;
}

/** As {@link sufficient}, for what is judged by durations. */
export function sufficientDurations(seen: VersionTraffic, who: string, least: number): Assessment | undefined {
  const known = observations(seen.durations);
  if (known === 0 || known < least) {
    return inconclusive(`only ${counted(known, "latency sample")} for ${who}; need at least ${Math.max(1, least)}`, {
      requests: known,
    });
  }
  return undefined;
}

/** Whether it is an assessment already, and no traffic. */
export function isAssessment(given: VersionTraffic | Assessment): given is Assessment {
  return "verdict" in given;
}

/** The failed ones of its requests. */
export function failuresOf({ requests, failures }: VersionTraffic): Proportion {
  return { hits: failures, of: requests };
}

/** Whether it can be what was counted. */
export function isSound({ requests, failures, durations }: VersionTraffic): boolean {
  return [requests, failures, ...durations.map(({ count }) => count)].every(isCount) && failures <= requests;
}

function isCount(number: number): boolean {
  return Number.isFinite(number) && number >= 0;
}
