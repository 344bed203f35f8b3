import { Command } from "commander";
import { sendCommand, lastRun } from "../../rollout/runner/commands";
import { CommandError } from "../errors";
import { ExitCode } from "../exitCodes";
import type { Session } from "../session";

/** `canary abort`: the run in progress goes back. */
export function abortCommand(session: Session): Command {
  return new Command("abort")
    .summary("roll the run in progress back")
    .description(
      "Tells the run in progress to stop at once and restore the weights from before it. The process of the run does that; this command returns immediately.",
    )
    .addHelpText(
      "after",
      `
Examples:
  canary abort --stack prod && canary status --watch --stack prod

Exit codes: 0 done, 1 failed, 2 no run is in progress.
The run itself ends with 4.`,
    )
    .action(async (_options: object, command: Command) => {
      const { options, reference } = await session.call(command);
      const last = await lastRun(reference);
      if (last !== undefined && last.state.outcome === undefined && !last.isAtWork) {
        throw new CommandError(
          `Run ${last.state.run} is no longer running; use \`canary rollback\` to restore the previous weights.`,
          ExitCode.Usage,
        );
      }
      const state = await sendCommand(reference, { what: "abort" });
      session.answer(options, { run: state.run, command: "abort" }, `Run ${state.run} is rolling back.`);
    });
}
