import { Command } from "commander";
import { sendCommand, lastRun } from "../../rollout/runner/commands";
import { noActiveRun } from "../../rollout/runner/noActiveRun";
import { appsText, sharesText } from "../../rollout/plan/planApps";
import { CommandError } from "../errors";
import { ExitCode } from "../exitCodes";
import type { Session } from "../session";

/** `canary promote`: the run in progress goes straight to its end. */
export function promoteCommand(session: Session): Command {
  return new Command("promote")
    .summary("promote the target of the run in progress now")
    .description(
      "Tells the run in progress to skip its remaining steps and send all requests to its target. No more gates are evaluated.",
    )
    .addHelpText(
      "after",
      `
Examples:
  canary promote --stack prod
  canary promote --stack prod --yes       without a terminal

Exit codes: 0 done, 1 failed, 2 no run is in progress.`,
    )
    .action(async (_options: object, command: Command) => {
      const { options, reference } = await session.call(command);
      const last = await lastRun(reference);
      if (last === undefined || last.state.outcome !== undefined) {
        throw noActiveRun(reference.stack, last?.state, "nothing to promote");
      }
      if (!last.isAtWork) {
        throw new CommandError(
          `Run ${last.state.run} is no longer running; use \`canary rollout --continue\` to continue it.`,
          ExitCode.Usage,
        );
      }
      const { plan } = last.state;
      if (!(await session.confirm(`set ${appsText(plan)} to ${sharesText(plan, plan.promotion)} at once`, options))) {
        return session.line("Nothing was changed.");
      }
      const state = await sendCommand(reference, { what: "promote" });
      session.answer(options, { run: state.run, command: "promote" }, `Run ${state.run} is promoting its target.`);
    });
}
