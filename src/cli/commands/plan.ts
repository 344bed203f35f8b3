import { Command } from "commander";
import { planReport, planText } from "../../rollout/plan/planText";
import { redactPlan } from "../../rollout/plan/redact";
import { planOf } from "../../rollout/runner/inputs";
import { openStackContext } from "../../rollout/runner/stackContext";
import { overSettings, type PlanOptions, withPlanOptions } from "../planOptions";
import type { Session } from "../session";

/** `canary plan`: what a run would do. */
export function planCommand(session: Session): Command {
  return withPlanOptions(new Command("plan"))
    .summary("show what a rollout would do, and how long it would take")
    .description(
      "Prints the steps of a rollout with every version's weight, the gates of each phase, and the time it takes. Changes nothing and does not contact the cluster.",
    )
    .addHelpText(
      "after",
      `
Flags override --settings, which overrides the stack's config under \`rollout\`.

Examples:
  canary plan
  canary plan --steps 1,5,25 --hold 10m --gate '{name: ok, kind: success-rate, min: 99.5}'
  canary plan --strategy ab --match '{headers: {x-user: {exact: test}}}' --iterations 3 --json

Exit codes: 0 done, 1 failed, 2 usage error or invalid settings, 6 nothing to roll out.`,
    )
    .action(async (_options: object, command: Command) => {
      const { options, reference, appSelection } = await session.call<PlanOptions>(command);
      const context = await openStackContext(reference);
      const settings = await overSettings(context, appSelection, options);
      const plan = redactPlan(await planOf(context, { appSelection, settings }));
      if (options.json) {
        session.json(planReport(plan));
      } else {
        session.line(planText(plan));
      }
    });
}
