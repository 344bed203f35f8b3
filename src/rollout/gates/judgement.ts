import { type GateResult, Verdict } from "./gate";

/** What a judge says: a gate's answer without the gate's name. */
export type Judgement = Omit<GateResult, "gate">;

export function passed(reason: string, metrics: Judgement["metrics"] = {}): Judgement {
  return { verdict: Verdict.Passed, reason, metrics };
}

export function failed(reason: string, metrics: Judgement["metrics"] = {}): Judgement {
  return { verdict: Verdict.Failed, reason, metrics };
}

export function inconclusive(reason: string, metrics: Judgement["metrics"] = {}): Judgement {
  return { verdict: Verdict.Inconclusive, reason, metrics };
}
