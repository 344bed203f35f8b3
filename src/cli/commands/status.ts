import { setTimeout } from "node:timers/promises";
import { Command, InvalidArgumentError } from "commander";
import { lastRun, type LastRun, unrecordedWeights } from "../../rollout/runner/commands";
import type { Weights } from "../../rollout/weights";
import type { StackReference } from "../../rollout/runner/stackContext";
import type { AppStatus, StatusReader } from "../../rollout/runner/statusReader";
import { startStatusReaders } from "../../rollout/runner/statusReaders";
import { cropped } from "../live/bar";
import { appStatusLines, lastRunLines, unrecordedLines } from "../live/statusLines";
import type { GlobalOptions, Session } from "../session";

interface StatusOptions {
  watch?: boolean;
  window: number;
  offline?: boolean;
}

/** `canary status`: how the app and its last run stand. */
export function statusCommand(session: Session): Command {
  return new Command("status")
    .summary("show desired and actual shares, health, and the last run")
    .description(
      "Shows every version's desired share (from the stack's config), its actual share, failures and latency (counted for a few seconds), its pods, and the state of the last run.",
    )
    .option("-w, --watch", "refresh until Ctrl-C")
    .option("--window <seconds>", "how long to count requests", seconds, 5)
    .option("--offline", "use only the config and the journal, not the cluster")
    .addHelpText(
      "after",
      `
Examples:
  canary status
  canary status --watch --stack prod
  canary status --json --window 30 | jq '.versions[] | {version, desired, actual}'

Exit codes: 0 done, 1 failed, 2 usage error or invalid config.`,
    )
    .action(async (_options: object, command: Command) => {
      const { options, reference, appSelection } = await session.call<StatusOptions>(command);
      const opened = Date.now();
      const readers = await startStatusReaders({ ...reference, appSelection, offline: options.offline });
      const end = new AbortController();
      const stop = (): void => end.abort();
      process.once("SIGINT", stop);
      try {
        const print = printerFor(session, reference.stack, options);
        const schedule = { since: opened, every: intervalOf(options), signal: end.signal };
        for await (const reading of readings(readers, reference, schedule)) {
          print(reading);
          if (options.watch !== true) {
            return;
          }
        }
      } finally {
        process.off("SIGINT", stop);
        readers.forEach((reader) => reader.stop());
      }
    });
}

/** The time between two readings, in ms: that in which requests are counted, if they are. */
function intervalOf({ offline, window, watch }: StatusOptions): number {
  if (!offline) {
    return window * 1000;
  }
  return watch === true ? 1000 : 0;
}

/** A stack's apps and its last run at one time. */
interface Reading {
  /** The stack's own app first, then those that its rollouts name beside it. */
  apps: readonly AppStatus[];
  last: LastRun | undefined;
  /** What the routes have without an `up` that has recorded it. */
  unrecorded: Weights | undefined;
}

interface Schedule {
  /** From when on the first reading counts, in ms since the epoch. */
  since: number;
  /** The time to each reading, in ms. */
  every: number;
  /** Ends it, also while it waits. */
  signal: AbortSignal;
}

/** One reading after another, each with the metrics since the one before. */
async function* readings(
  readers: readonly StatusReader[],
  reference: StackReference,
  { since, every, signal }: Schedule,
): AsyncGenerator<Reading> {
  while (await passed(every, signal)) {
    const now = Date.now(); // the reading that is made now is where the next span begins
    const apps = await Promise.all(readers.map((reader) => reader.look(since)));
    yield { apps, last: await lastRun(reference), unrecorded: await unrecordedWeights(reference) };
    since = now;
  }
}

/** Waits; tells whether it was not ended early. */
async function passed(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  await setTimeout(milliseconds, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}

type Printer = (reading: Reading) => void;

function printerFor(session: Session, stack: string, { json, watch }: StatusOptions & GlobalOptions): Printer {
  if (json === true) {
    return (reading) => session.json(asData(stack, reading));
  }
  const lines = ({ apps, last, unrecorded }: Reading) => [
    ...apps.flatMap((appStatus) => [...appStatusLines(stack, appStatus, session.paint), ""]),
    ...lastRunLines(last, Date.now(), session.paint),
    ...unrecordedLines(unrecorded, session.paint),
  ];
  return watch === true && session.terminal.isInteractive
    ? overItself(session, lines)
    : (reading) => lines(reading).forEach((line) => session.line(line));
}

/** Prints each reading in the place of the one before. */
function overItself({ terminal }: Session, lines: (reading: Reading) => string[]): Printer {
  let drawn = 0;
  return (reading) => {
    const fitting = lines(reading).map((line) => `${cropped(line, terminal.width() - 1)}\n`);
    const clear = drawn === 0 ? "" : `\u001b[${drawn}A\u001b[J`;
    terminal.out(clear + fitting.join(""));
    drawn = fitting.length;
  };
}

/** What `--json` prints. */
function asData(stack: string, { apps: [own, ...others], last, unrecorded }: Reading): object {
  const run = last && {
    run: last.state.run,
    by: last.state.by,
    target: last.state.plan.target,
    stage: last.state.stage,
    outcome: last.state.outcome ?? null,
    step: last.state.step,
    paused: last.state.pausedAt !== undefined,
    failedGates: last.state.failedGates,
    isAtWork: last.isAtWork,
    startedAt: new Date(last.state.startedAt).toISOString(),
  };
  const { app, namespace, cluster, versions, seconds: counted, missing } = own;
  return {
    ...{ stack, app, namespace, cluster: cluster ?? null, versions, seconds: counted, missing },
    ...(others.length === 0 ? {} : { others: others.map((other) => ({ ...other, cluster: other.cluster ?? null })) }),
    ...{ lastRun: run ?? null, unrecorded: unrecorded ?? null },
  };
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 0.5 && value <= 3600)) {
    throw new InvalidArgumentError("expected a number of seconds from 0.5 to 3600.");
  }
  return value;
}
