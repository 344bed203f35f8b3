import { Command } from "commander";
import { decide } from "../../rollout/runner/decide";
import type { Session } from "../session";

/** `canary resume`: a paused run goes on. */
export function resumeCommand(session: Session): Command {
  return new Command("resume")
    .summary("let a paused run go on")
    .description(
      "Lets a paused run go on. A run whose process has ended is another thing: `canary rollout --continue` goes on with that.",
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
      const state = await decide(reference, { what: "resume" });
      session.answer(options, { run: state.run, paused: false }, `The run ${state.run} goes on.`);
    });
}
