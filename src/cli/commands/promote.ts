import { Command } from "commander";
import { decide, lastRun } from "../../rollout/runner/decide";
import { noActiveRun } from "../../rollout/runner/noActiveRun";
import { formatWeights } from "../../rollout/weights";
import { CommandError } from "../errors";
import { ExitCode } from "../exitCodes";
import type { Session } from "../session";

/** `canary promote`: the run in progress goes straight to its end. */
export function promoteCommand(session: Session): Command {
  return new Command("promote")
    .summary("have the run in progress promote its target now")
    .description(
      "Has the run in progress leave out the steps that are left and give its target everything. No gate is asked any more.",
    )
    .addHelpText(
      "after",
      `
Examples:
  canary promote --stack prod
  canary promote --stack prod --yes       where there is no terminal

Exit codes: 0 the run has been told, 1 failed, 2 no run is in progress.`,
    )
    .action(async (_options: object, command: Command) => {
      const { options, reference } = await session.call(command);
      const last = await lastRun(reference);
      if (last === undefined || last.state.outcome !== undefined) {
        throw noActiveRun(reference.stack, last?.state, "nothing to promote");
      }
      if (!last.isAtWork) {
        throw new CommandError(
          `The run ${last.state.run} has no process any more: \`canary rollout --continue\` goes on with it.`,
          ExitCode.Usage,
        );
      }
      if (
        !(await session.confirm(
          `bring ${last.state.plan.app} to ${formatWeights(last.state.plan.promotion.weights)} at once`,
          options,
        ))
      ) {
        return session.line("Nothing was changed.");
      }
      const state = await decide(reference, { what: "promote" });
      session.answer(options, { run: state.run, command: "promote" }, `The run ${state.run} goes to its promotion.`);
    });
}
