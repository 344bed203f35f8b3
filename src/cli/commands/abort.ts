import { Command } from "commander";
import { decide, lastRun } from "../../rollout/runner/decide";
import { CommandError } from "../errors";
import { ExitCode } from "../exitCodes";
import type { Session } from "../session";

/** `canary abort`: the run in progress goes back. */
export function abortCommand(session: Session): Command {
  return new Command("abort")
    .summary("send the run in progress back")
    .description(
      "Has the run in progress give up at once and bring the weights back to what they were before it. It is the process of the run that does it: this command comes back at once.",
    )
    .addHelpText(
      "after",
      `
Examples:
  canary abort --stack prod && canary status --watch --stack prod

Exit codes: 0 the run has been told, 1 failed, 2 no run is in progress.
The run itself ends with 4.`,
    )
    .action(async (_options: object, command: Command) => {
      const { options, reference } = await session.call(command);
      const last = await lastRun(reference);
      if (last !== undefined && last.state.outcome === undefined && !last.isAtWork) {
        throw new CommandError(
          `The run ${last.state.run} has no process any more that could go back: \`canary rollback\` does it.`,
          ExitCode.Usage,
        );
      }
      const state = await decide(reference, { what: "abort" });
      session.answer(options, { run: state.run, command: "abort" }, `The run ${state.run} goes back.`);
    });
}
