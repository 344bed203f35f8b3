import { Command } from "commander";
import { sendCommand } from "../../rollout/runner/commands";
import type { Session } from "../session";

/** `canary resume`: a paused run goes on. */
export function resumeCommand(session: Session): Command {
  return new Command("resume")
    .summary("continue a paused run")
    .description(
      "Continues a paused run. A gate that failed and paused it is evaluated anew, by the requests from then on. For a run whose process has ended, use `canary rollout --continue`.",
    )
    .addHelpText(
      "after",
      `
Examples:
  canary resume --stack prod

Exit codes: 0 done, 1 failed, 2 no run is in progress.`,
    )
    .action(async (_options: object, command: Command) => {
      const { options, reference } = await session.call(command);
      const state = await sendCommand(reference, { what: "resume" });
      session.answer(options, { run: state.run, paused: false }, `Run ${state.run} continues.`);
    });
}
