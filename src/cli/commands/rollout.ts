import { Command } from "commander";
import { reportHtml } from "../../rollout/report/html";
import { reportMarkdown } from "../../rollout/report/markdown";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { planText } from "../../rollout/plan/planText";
import { buildTimeline } from "../../rollout/report/timeline";
import type { RolloutResult } from "../../rollout/runner/launch";
import type { PlannedRollout } from "../../rollout/runner/plannedRollout";
import { planRollout, resumeRollout, startRollout } from "../../rollout/runner/rollouts";
import { openStackContext } from "../../rollout/runner/stackContext";
import { ExitCode, EXIT_CODES_HELP } from "../exitCodes";
import { overSettings, type PlanOptions, withPlanOptions } from "../planOptions";
import { runInForeground } from "../runInForeground";
import type { GlobalOptions, Session } from "../session";

interface RolloutFlags extends PlanOptions {
  continue?: boolean;
  report?: string;
}

/** `canary rollout`: takes a run to its end. */
export function rolloutCommand(session: Session): Command {
  return withPlanOptions(new Command("rollout"))
    .summary("roll a version out to all users step by step, or back")
    .description(
      `Rolls a version out to all users: for each step it sets the weights in the stack's config, runs \`up\`, waits until the traffic has converged, holds the step while the gates are evaluated, and then continues or rolls back.`,
    )
    .option("--continue", "continue a run whose process has ended, as it was planned")
    .option(
      "--report <folder>",
      "write the run's report to this folder when it has ended, as report.md and report.html",
    )
    .addHelpText(
      "after",
      `
Ctrl-C asks what to do; a second one rolls back at once. Without a terminal, SIGINT and SIGTERM roll back.
With --json every event is one line on standard output; see docs/rollout.md.

Examples:
  canary rollout
  canary rollout --steps 5,25,50 --hold 5m --yes --json
  canary rollout --continue --yes

${EXIT_CODES_HELP}`,
    )
    .action(async (_options: object, command: Command) => {
      const { options, reference, appSelection } = await session.call<RolloutFlags>(command);
      const context = await openStackContext(reference);
      const settings = await overSettings(context, appSelection, options);
      const given = { context, appSelection, settings };
      let planned: PlannedRollout | undefined;
      if (!options.continue) {
        planned = await planRollout(given);
        if (!options.json) {
          session.line(`${planText(planned.plan)}\n`);
        }
      }
      const what = options.continue ? "continue the run" : `move real traffic of the stack "${reference.stack}"`;
      if (!(await session.confirm(what, options))) {
        return session.line("Nothing was changed.");
      }
      const result = await runInForeground(session, options, {
        ...given,
        begin: (listener) =>
          planned === undefined ? resumeRollout({ ...given, listener }) : startRollout(planned, { listener }),
      });
      await writeReport(options, result);
      session.exitCode = exitCodeOf(result);
    });
}

/** How a run's end is told to the shell. */
export function exitCodeOf({ outcome, reason }: Pick<RolloutResult, "outcome" | "reason">): ExitCode {
  switch (outcome) {
    case "promoted":
      return ExitCode.Done;
    case "rolledBack":
      return reason === "person" || reason === "terminated" ? ExitCode.Aborted : ExitCode.RolledBack;
    default:
      return ExitCode.Failed;
  }
}

async function writeReport({ report }: RolloutFlags & GlobalOptions, { events }: RolloutResult): Promise<void> {
  if (report !== undefined) {
    const timeline = buildTimeline(events);
    await mkdir(report, { recursive: true });
    await writeFile(join(report, "report.md"), reportMarkdown(timeline));
    await writeFile(join(report, "report.html"), reportHtml(timeline));
  }
}
