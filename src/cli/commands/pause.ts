import { Command } from "commander";
import { decide } from "../../rollout/runner/decide";
import type { Session } from "../session";

/** `canary pause`: the run in progress stays at its step. */
export function pauseCommand(session: Session): Command {
  return new Command("pause")
    .summary("have the run in progress stay at its step")
    .description(
      "Has the run in progress stay at its step until `canary resume`. While a step is held its gates go on being asked, and one that fails still sends the run back. The step's deadline waits, the whole run's does not.",
    )
    .addHelpText(
      "after",
      `
Examples:
  canary pause --stack prod

Exit codes: 0 done, 1 failed, 2 no run is in progress.`,
    )
    .action(async (_options: object, command: Command) => {
      const { options, reference } = await session.call(command);
      const state = await decide(reference, { what: "pause" });
      session.answer(
        options,
        { run: state.run, paused: true },
        `The run ${state.run} is paused; \`canary resume\` lets it go on.`,
      );
    });
}
