import { type GateResult, Verdict } from "./gate";

/** What a judge says: a gate's answer without the gate's name. */
export type Assessment = Omit<GateResult, "gate">;

export function passed(reason: string, metrics: Assessment["metrics"] = {}): Assessment {
  return { verdict: Verdict.Passed, reason, metrics };
}

export function failed(reason: string, metrics: Assessment["metrics"] = {}): Assessment {
  return { verdict: Verdict.Failed, reason, metrics };
}

export function inconclusive(reason: string, metrics: Assessment["metrics"] = {}): Assessment {
  return { verdict: Verdict.Inconclusive, reason, metrics };
}
