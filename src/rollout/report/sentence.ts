import { phasesOf } from "../gates/kinds";
import type { Plan } from "../plan/plan";
import { sharesText, targetsText } from "../plan/planApps";
import { formatWeights } from "../weights";
import type { RolloutEvent, UsersSaw } from "../runner/event";
import { clusterText, type NamedCluster } from "../../internal/kubernetes/namedCluster";
import { count, duration, percent } from "../../internal/format";

/** An event in one sentence for people, without its time. */
export function sentence(event: RolloutEvent, plan: Plan): string {
  switch (event.type) {
    case "started":
      return `${event.by} rolls out ${targetsText(plan)} (${plan.strategy})${on(event.cluster)}: ${[...plan.steps, plan.promotion].map(({ name }) => name).join(", ")}`;
    case "prepared":
      return `the stack is up, ${plan.others === undefined ? `${plan.target} is` : `${targetsText(plan)} are`} ready after ${duration(event.seconds)}`;
    case "shifting":
      return `${event.name}: shifting to ${sharesText(plan, event)}`;
    case "patching":
      return `the routes are given ${formatWeights(event.weights, plan.versions)} at once, ahead of the up`;
    case "patched":
      return `the routes have them after ${duration(event.seconds)}; the up records them`;
    case "recorded":
      return "the up has recorded what the routes have";
    case "shifted":
      return `${stepName(plan, event.step)}: applied after ${duration(event.seconds)}`;
    case "converged":
      return `${stepName(plan, event.step)}: ${convergence(event, plan)}`;
    case "sampled":
      return `${stepName(plan, event.step)}: ${verdicts(event, plan)}`;
    case "held":
      return `${stepName(plan, event.step)}: held, ${plan.steps[event.step]?.goesOnUndecided ? "no gate failed" : "all gates passed"}`;
    case "paused":
      return event.gate === undefined
        ? `paused by ${event.by}`
        : `paused because ${event.gate} failed (${event.why ?? ""}); \`canary resume\`, \`canary abort\` or \`canary promote\` decides`;
    case "resumed":
      return `${event.type} by ${event.by}`;
    case "decided":
      return `${event.gate} ${event.approved ? "approved" : "rejected"} by ${event.by} (${stepName(plan, event.step)})`;
    case "commanded":
      return `${event.by} requested ${event.command}`;
    case "takenOver":
      return `${event.by} continues the run${on(event.cluster)}`;
    case "rollingBack":
      return `rolling back (${event.reason}): ${event.why}`;
    case "rolledBack":
      return `rolled back to ${sharesText(plan, plan.before)} in ${duration(event.seconds)}${seen(event.users)}`;
    case "promoted":
      return `${targetsText(plan)} promoted after ${duration(event.seconds)}${seen(event.users)}`;
    case "failed":
      return `failed: ${event.why}${seen(event.users)}`;
    case "logged":
      return event.text;
  }
}

/** The verdicts of the gates. One that takes long to answer has its verdict in a later event. */
function verdicts({ results, phase }: RolloutEvent & { type: "sampled" }, plan: Plan): string {
  if (results.length > 0) {
    return results.map(({ gate, verdict, reason }) => `${gate} ${verdict} (${reason})`).join("; ");
  }
  const hasGates = plan.gates.some((gate) => phasesOf(gate)?.some((each) => each === phase) ?? true);
  return hasGates ? "no gate has answered yet" : "no gates";
}

function convergence(event: RolloutEvent & { type: "converged" }, plan: Plan): string {
  const { seconds, actual, others, matched, unverified } = event;
  const shares = sharesText(plan, { weights: actual, others }, 1);
  if (!isVerified(event)) {
    const why = unverified ?? "metrics are not available";
    return `convergence not verified: ${why}${shares === "" ? "" : ` (${shares})`}`;
  }
  const matching = matched === undefined ? "" : ` (about ${percent(matched / 100)} of the requests match)`;
  return `converged after ${duration(seconds)}: ${shares}${matching}`;
}

/** Whether the traffic was seen to follow, of all apps whose shares have changed. */
export function isVerified({
  actual,
  others,
  unverified,
}: Pick<RolloutEvent & { type: "converged" }, "actual" | "others" | "unverified">): boolean {
  return (actual !== undefined || others !== undefined) && unverified === undefined;
}

/** How a step is called; the promotion follows the last one. */
export function stepName(plan: Plan, step: number): string {
  return step < 0 ? "before the first step" : (plan.steps[step] ?? plan.promotion).name;
}

/** What users saw: `102 of 10,100 requests failed (1%)`. */
export function usersText({ requests, failures }: UsersSaw): string {
  return `${count(failures)} of ${count(requests)} requests failed${requests === 0 ? "" : ` (${percent(failures / requests)})`}`;
}

/** Which cluster it is, where that is known. */
function on(cluster: NamedCluster | undefined): string {
  return cluster === undefined ? "" : ` on ${clusterText(cluster)}`;
}

function seen(users: UsersSaw | undefined): string {
  return users === undefined ? "" : `; ${usersText(users)}`;
}
