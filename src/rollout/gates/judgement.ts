import { type GateResult, Verdict } from "./gate";

/** What a judge says: a gate's answer without the gate's name. */
export type Judgement = Omit<GateResult, "gate">;

export function passed(reason: string, figures: Judgement["figures"] = {}): Judgement {
  return { verdict: Verdict.Passed, reason, figures };
}

export function failed(reason: string, figures: Judgement["figures"] = {}): Judgement {
  return { verdict: Verdict.Failed, reason, figures };
}

export function undecided(reason: string, figures: Judgement["figures"] = {}): Judgement {
  return { verdict: Verdict.Undecided, reason, figures };
}
