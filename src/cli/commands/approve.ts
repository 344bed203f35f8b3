import { Command } from "commander";
import { awaitedApprovals, sendCommand, lastRun } from "../../rollout/runner/commands";
import { UsageError } from "../errors";
import type { Session } from "../session";

/** `canary approve`: a person's answer to a gate that waits for one. */
export function approveCommand(session: Session): Command {
  return new Command("approve")
    .argument("[gate]", "the gate, if several are waiting")
    .summary("approve or reject a gate that waits for a person")
    .description(
      "Approves the gate of the run in progress that waits for a person; with --reject, rejects it, which rolls the run back.",
    )
    .option("--reject", "reject the gate: the run rolls back at once")
    .addHelpText(
      "after",
      `
Examples:
  canary approve --stack prod
  canary approve security-review --stack prod
  canary approve --reject --stack prod

Exit codes: 0 done, 1 failed, 2 no gate waits for a person.`,
    )
    .action(async (gate: string | undefined, _options: object, command: Command) => {
      const { options, reference } = await session.call<{ reject?: boolean }>(command);
      const last = await lastRun(reference);
      const waiting = last === undefined ? [] : awaitedApprovals(last.state).map((each) => each.gate);
      if (gate === undefined && waiting.length > 1) {
        throw new UsageError(`${waiting.length} gates are waiting; name one of ${waiting.join(", ")}.`);
      }
      const what = options.reject ? "reject" : "approve";
      const state = await sendCommand(reference, { what, gate });
      const decided = state.decisions.at(-1);
      session.answer(
        options,
        { run: state.run, ...decided },
        `${decided?.gate} is ${options.reject ? "rejected; the run rolls back" : "approved"} (run ${state.run}).`,
      );
    });
}
