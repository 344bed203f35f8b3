import { Command } from "commander";
import { sendCommand } from "../../rollout/runner/commands";
import type { Session } from "../session";

/** `canary pause`: the run in progress stays at its step. */
export function pauseCommand(session: Session): Command {
  return new Command("pause")
    .summary("keep the run in progress at its step")
    .description(
      "Keeps the run in progress at its step until `canary resume`. Its gates are still evaluated, and one that fails still rolls the run back. The step's deadline is suspended meanwhile; the run's is not.",
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
      const state = await sendCommand(reference, { what: "pause" });
      session.answer(
        options,
        { run: state.run, paused: true },
        `Run ${state.run} is paused; \`canary resume\` continues it.`,
      );
    });
}
