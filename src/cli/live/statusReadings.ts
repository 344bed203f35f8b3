import { setTimeout } from "node:timers/promises";
import { duration } from "../../internal/format";
import type { LastRun } from "../../rollout/runner/commands";
import type { AppStatus, StatusReader } from "../../rollout/runner/statusReader";
import type { PendingPatches } from "../../rollout/runner/pendingPatch";

/** How often a person at a terminal sees how far the counting is, in ms. */
const GLIMPSE_MS = 500;

/** When readings are made, and which of them are shown. */
export interface Schedule {
  /** The time to each reading, in ms. */
  every: number;
  /** Whether there is more than one. */
  again: boolean;
  /** With so many requests the first reading is made earlier. @default never */
  enough?: number;
  /** Whether what is known is shown until the first reading. */
  isShown: boolean;
}

/** An app and its last run at one time. */
export interface Reading {
  appStatus: AppStatus;
  last: LastRun | undefined;
  /** What routes may have without an `up` that has recorded it. */
  unrecorded: PendingPatches;
  /** What is being waited for, where this is not the reading itself. */
  waiting?: string;
}

/** Reads an app, as a StatusReader does. */
export type Reader = Pick<StatusReader, "first" | "count" | "look">;

/** One reading after another, each with the metrics since the one before; before the first, what is known already. */
export async function* readings(
  reader: Reader,
  around: () => Promise<Pick<Reading, "last" | "unrecorded">>,
  schedule: Schedule,
  signal: AbortSignal,
): AsyncGenerator<Reading> {
  let since = Date.now();
  for await (const { appStatus, waiting } of glimpses(reader, since, schedule, signal)) {
    yield { appStatus, ...(await around()), waiting };
  }
  for (let wait = 0; await passed(wait, signal); wait = schedule.every) {
    const now = Date.now(); // the reading that is made now is where the next span begins
    const appStatus = await reader.look(since);
    yield { appStatus, ...(await around()) };
    if (!schedule.again) {
      return;
    }
    since = now;
  }
}

/** Begins to count, and comes to its end when the first reading is due. Gives what is known meanwhile, if that is shown. */
async function* glimpses(
  reader: Reader,
  since: number,
  { every, enough = Infinity, isShown }: Schedule,
  signal: AbortSignal,
): AsyncGenerator<Pick<Reading, "appStatus" | "waiting">> {
  if (isShown) {
    yield { appStatus: await reader.first(), waiting: "reading the proxies" };
  }
  await reader.count();
  if (isShown) {
    yield { appStatus: await reader.first(), waiting: "counting requests" };
  }
  const end = Date.now() + every;
  const looks = isShown || enough < Infinity;
  for (let left = every; left > 0 && (await passed(looks ? Math.min(GLIMPSE_MS, left) : left, signal));) {
    left = end - Date.now();
    if (looks && left > 0) {
      const appStatus = await reader.look(since);
      if ([appStatus, ...(appStatus.others ?? [])].every((app) => requestsOf(app) >= enough)) {
        return;
      }
      if (isShown) {
        yield { appStatus, waiting: `counting requests for up to ${duration(left / 1000)} more` };
      }
    }
  }
}

function requestsOf({ versions }: AppStatus): number {
  return versions.reduce((sum, { requests = 0 }) => sum + requests, 0);
}

/** Waits; tells whether it was not ended early. */
async function passed(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  await setTimeout(milliseconds, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}
