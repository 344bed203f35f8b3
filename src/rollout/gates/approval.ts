import { list, type Check } from "../../validation/shape";
import { oneOf } from "../../validation/values";
import { type GateDefinition, type GateQuestion, type GateSurroundings, Moment, Verdict } from "./gate";
import { type Judgement, passed, undecided } from "./judgement";

/** A person says yes: at the prompt, or by `canary approve` from another terminal. A no ends the run at once. */
export interface ApprovalGate extends GateDefinition {
  kind: "approval";
  /** When somebody has to: one or more of `start`, `step` (before each), `promotion`. @default ["promotion"] */
  at?: ApprovalMoment | ApprovalMoment[];
}

export type ApprovalMoment = Exclude<Moment, "hold">;

const at: Check = (value, findings) => {
  const moment = oneOf([Moment.Start, Moment.Step, Moment.Promotion]);
  (Array.isArray(value) ? list(moment, "a list of moments", 1) : moment)(value, findings);
};

export const APPROVAL_FIELDS = { at };

export function judgeApproval(gate: string, decision: ReturnType<GateSurroundings["approval"]>): Judgement {
  if (decision === undefined) {
    return undecided(`nobody has approved ${gate} yet; \`canary approve\` does`);
  }
  return decision.approved
    ? passed(`approved by ${decision.by}`)
    : { verdict: Verdict.Refused, reason: `refused by ${decision.by}`, figures: {} };
}

export function askedByPerson({ name }: ApprovalGate, approval: GateSurroundings["approval"]) {
  return async ({ step }: GateQuestion): Promise<Judgement> => judgeApproval(name, approval(name, step));
}
