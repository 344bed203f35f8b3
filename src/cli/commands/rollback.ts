import { setTimeout } from "node:timers/promises";
import { Command } from "commander";
import { sendCommand, lastRun } from "../../rollout/runner/commands";
import { noActiveRun } from "../../rollout/runner/noActiveRun";
import { appsText, sharesText } from "../../rollout/plan/planApps";
import { rollback } from "../../rollout/runner/rollouts";
import { openStackContext, type StackSelection } from "../../rollout/runner/stackContext";
import type { Outcome } from "../../rollout/runner/state";
import { ExitCode } from "../exitCodes";
import { runInForeground } from "../runInForeground";
import type { Session } from "../session";

const LOOK_EVERY_MS = 300;

/** `canary rollback`: back to before the last run. */
export function rollbackCommand(session: Session): Command {
  return new Command("rollback")
    .summary("restore the weights from before the last run")
    .description(
      `Restores the weights from before the last run, whether it is in progress, its process has ended, its rollback failed, or it was promoted. Returns when that is done.`,
    )
    .addHelpText(
      "after",
      `
Examples:
  canary rollback --stack prod
  canary rollback --stack prod --yes      without a terminal

Exit codes: 0 rolled back, 1 failed, 2 nothing to roll back, 5 the stack is locked by another run.`,
    )
    .action(async (_options: object, command: Command) => {
      const { options, reference, appSelection } = await session.call(command);
      const context = await openStackContext(reference);
      const last = await lastRun({ context });
      if (last === undefined || last.state.outcome === "rolledBack") {
        throw noActiveRun(reference.stack, last?.state, "nothing to roll back");
      }
      const { plan, run } = last.state;
      if (
        !(await session.confirm(
          `restore ${appsText(plan)} to ${sharesText(plan, plan.before)}, as before run ${run}`,
          options,
        ))
      ) {
        return session.line("Nothing was changed.");
      }
      const outcome = last.isAtWork
        ? await abortAndWait({ context })
        : (
            await runInForeground(session, options, {
              context,
              appSelection,
              begin: (listener) => rollback({ context, appSelection, listener }),
            })
          ).outcome;
      session.exitCode = outcome === "rolledBack" ? ExitCode.Done : ExitCode.Failed;
      if (last.isAtWork) {
        session.answer(
          options,
          { run, outcome },
          outcome === "rolledBack"
            ? `Run ${run} was rolled back.`
            : `Run ${run} was not rolled back; it ended as ${outcome}.`,
        );
      }
    });
}

/** The process at work does it. */
async function abortAndWait(stack: StackSelection): Promise<Outcome | undefined> {
  await sendCommand(stack, { what: "abort" });
  for (;;) {
    const last = await lastRun(stack);
    if (last?.state.outcome !== undefined || last?.isAtWork !== true) {
      return last?.state.outcome;
    }
    await setTimeout(LOOK_EVERY_MS);
  }
}
