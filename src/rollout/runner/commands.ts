import { currentUser } from "./currentUser";
import type { Happening, RolloutEvent } from "./event";
import { eventsOfLastRun } from "./journal";
import { noActiveRun } from "./noActiveRun";
import { pendingPatches, type PendingPatches } from "./pendingPatch";
import { contextOf, type StackSelection } from "./stackContext";
import type { LockHolder } from "./stackLock";
import { fold, type RunState, Stage } from "./state";

/** The last run of a stack: the one in progress, or the one that ended last. */
export interface LastRun {
  state: RunState;
  /** All its events. */
  events: RolloutEvent[];
  /** Who has the stack for it; undefined if no run is in progress. */
  holder?: LockHolder;
  /** Whether a process is at work on it. One on another machine is taken to be. */
  isAtWork: boolean;
}

/** How the last run of a stack stands; undefined if there has been none. */
export async function lastRun(selection: StackSelection): Promise<LastRun | undefined> {
  const context = await contextOf(selection);
  const { lock } = context;
  const events = eventsOfLastRun(context.openJournal().readAll());
  const state = fold(events);
  return state && { state, events, holder: lock.holder(), isAtWork: lock.isLocked() };
}

/**
 * The weights that routes were given ahead of an `up` that never recorded them, because its process has ended; none
 * where a process is at work.
 */
export async function unrecordedWeights(selection: StackSelection): Promise<PendingPatches> {
  const context = await contextOf(selection);
  return context.lock.isLocked() ? [] : pendingPatches(context.openJournal().readAll());
}

/** What a person can ask of a run in progress. */
export type RunCommand =
  /** About a gate; without a name about the one that waits for it. */
  { what: "approve" | "reject"; gate?: string } | { what: "pause" | "resume" | "abort" | "promote" };

/**
 * Sends a command to the run in progress, from any process on the machine where its journal is. It takes effect when the
 * runner has read it, within a second.
 *
 * @throws NoActiveRunError if there is no run in progress, or nothing that the command fits
 */
export async function sendCommand(
  selection: StackSelection,
  command: RunCommand,
  by = currentUser(),
): Promise<RunState> {
  const context = await contextOf(selection);
  const journal = context.openJournal();
  const state = fold(eventsOfLastRun(journal.readAll()));
  if (state === undefined || state.stage === Stage.Ended) {
    throw noActiveRun(context.stack, state, `nothing to ${command.what}`);
  }
  journal.append(state.run, happeningOf(state, command, by, context.stack), Date.now());
  return fold(eventsOfLastRun(journal.readAll())) as RunState;
}

/** The gates that wait for a person, with the step that they are asked about. */
export function awaitedApprovals({ opinions, plan, step }: RunState): { gate: string; step: number }[] {
  const people = plan.gates.filter(({ kind }) => kind === "approval").map(({ name }) => name);
  return Object.entries(opinions).flatMap(([phase, byGate]) =>
    Object.values(byGate)
      .filter(({ result }) => result.verdict === "inconclusive" && people.includes(result.gate))
      .map(({ result }) => ({ gate: result.gate, step: phase === "start" ? -1 : step })),
  );
}

function happeningOf(state: RunState, command: RunCommand, by: string, stack: string): Happening {
  switch (command.what) {
    case "approve":
    case "reject": {
      const waiting = awaitedApprovals(state).find(({ gate }) => command.gate === undefined || command.gate === gate);
      if (waiting === undefined) {
        throw noActiveRun(
          stack,
          state,
          command.gate === undefined
            ? "no gate is waiting for a person"
            : `gate ${command.gate} is not waiting for a person`,
        );
      }
      return { type: "decided", ...waiting, approved: command.what === "approve", by };
    }
    case "pause":
      return { type: "paused", by };
    case "resume":
      return { type: "resumed", by };
    default:
      return { type: "commanded", command: command.what, by };
  }
}
