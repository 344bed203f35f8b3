import { list, type Check } from "../../validation/shape";
import { oneOf } from "../../validation/values";
import { type GateDefinition, type GateInput, type GateContext, Phase, Verdict } from "./gate";
import { type Assessment, passed, inconclusive } from "./assessment";

/** A person says yes: at the prompt, or by `canary approve` from another terminal. A no ends the run at once. */
export interface ApprovalGate extends GateDefinition {
  kind: "approval";
  /** When somebody has to: one or more of `start`, `step` (before each), `promotion`. @default ["promotion"] */
  when?: ApprovalPhase | ApprovalPhase[];
  /** Nothing to choose: a rejection always rolls back. */
  onFailure?: never;
}

export type ApprovalPhase = Exclude<Phase, "hold">;

const when: Check = (value, findings) => {
  const phase = oneOf([Phase.Start, Phase.Step, Phase.Promotion]);
  (Array.isArray(value) ? list(phase, "a list of phases", 1) : phase)(value, findings);
};

const onFailure: Check = (_, findings) =>
  findings.add("is set for an approval", "a rejection always rolls back: remove it");

export const APPROVAL_FIELDS = { when, onFailure };

export function evaluateApproval(gate: string, decision: ReturnType<GateContext["approval"]>): Assessment {
  if (decision === undefined) {
    return inconclusive(`${gate} is not approved yet; use \`canary approve\``);
  }
  return decision.approved
    ? passed(`approved by ${decision.by}`)
    : { verdict: Verdict.Rejected, reason: `rejected by ${decision.by}`, metrics: {} };
}

export function approvalGate({ name }: ApprovalGate, approval: GateContext["approval"]) {
  return async ({ step }: GateInput): Promise<Assessment> => evaluateApproval(name, approval(name, step));
}
