import { setTimeout } from "node:timers/promises";
import { Command } from "commander";
import { decide, lastRun } from "../../rollout/runner/decide";
import { noActiveRun } from "../../rollout/runner/noActiveRun";
import { formatWeights } from "../../rollout/weights";
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
    .summary("bring the weights back to what they were before the last run")
    .description(
      `Brings the weights back to what they were before the last run: one in progress, one whose process has ended, one whose way back failed, or one that was promoted. It comes back when that is done.`,
    )
    .addHelpText(
      "after",
      `
Examples:
  canary rollback --stack prod
  canary rollback --stack prod --yes      where there is no terminal

Exit codes: 0 rolled back, 1 failed, 2 there is nothing to roll back, 5 another run has the stack.`,
    )
    .action(async (_options: object, command: Command) => {
      const { options, reference, situation } = await session.call(command);
      const context = await openStackContext(reference);
      const last = await lastRun({ context });
      if (last === undefined || last.state.outcome === "rolledBack") {
        throw noActiveRun(reference.stack, last?.state, "nothing to roll back");
      }
      const { plan, run } = last.state;
      if (
        !(await session.confirm(
          `bring ${plan.app} back to ${formatWeights(plan.before.weights)}, as before the run ${run}`,
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
              situation,
              begin: (listener) => rollback({ context, situation, listener }),
            })
          ).outcome;
      session.exitCode = outcome === "rolledBack" ? ExitCode.Done : ExitCode.Failed;
      if (last.isAtWork) {
        session.answer(
          options,
          { run, outcome },
          outcome === "rolledBack"
            ? `The run ${run} is rolled back.`
            : `The run ${run} has ended otherwise: ${outcome}.`,
        );
      }
    });
}

/** The process at work does it. */
async function abortAndWait(stack: StackSelection): Promise<Outcome | undefined> {
  await decide(stack, { what: "abort" });
  for (;;) {
    const last = await lastRun(stack);
    if (last?.state.outcome !== undefined || last?.isAtWork !== true) {
      return last?.state.outcome;
    }
    await setTimeout(LOOK_EVERY_MS);
  }
}
