import { Command, InvalidArgumentError } from "commander";
import { duration } from "../../internal/format";
import { lastRun, unrecordedWeights } from "../../rollout/runner/commands";
import { StatusReaders } from "../../rollout/runner/statusReaders";
import { cropped } from "../live/bar";
import { appStatusLines, lastRunLines, unrecordedLines } from "../live/statusLines";
import { type Reading, readings, type Schedule } from "../live/statusReadings";
import type { GlobalOptions, Session } from "../session";

interface StatusOptions {
  watch?: boolean;
  window?: number;
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
    .option("--window <seconds>", "how long to count requests; by default 5 s, or until there are 400", seconds)
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
      const reader = await StatusReaders.open({ ...reference, appSelection, offline: options.offline });
      const end = new AbortController();
      const stop = (): void => end.abort();
      process.once("SIGINT", stop);
      try {
        const print = printerFor(session, reference.stack, options);
        const schedule = scheduleOf(session, options);
        if (schedule.every > 0 && !schedule.isShown && options.json !== true) {
          session.terminal.err(`counting requests for up to ${duration(schedule.every / 1000)} …`);
        }
        const around = async () => ({ last: await lastRun(reference), unrecorded: await unrecordedWeights(reference) });
        for await (const reading of readings(reader, around, schedule, end.signal)) {
          print(reading);
        }
      } finally {
        process.off("SIGINT", stop);
        reader.stop();
      }
    });
}

/** For how long requests are counted, unless the call says so, in s. */
const WINDOW_S = 5;
/** So many requests tell the shares as well: 50% come out as 45% to 55% nineteen times in twenty. */
const ENOUGH = 400;

function scheduleOf(
  session: Session,
  { offline = false, window, watch = false, json }: StatusOptions & GlobalOptions,
): Schedule {
  const every = offline ? (watch ? 1000 : 0) : (window ?? WINDOW_S) * 1000;
  return {
    every,
    again: watch,
    ...(window === undefined && !offline && { enough: ENOUGH }),
    isShown: !offline && json !== true && session.terminal.isInteractive,
  };
}

type Printer = (reading: Reading) => void;

function printerFor(session: Session, stack: string, { json }: GlobalOptions): Printer {
  if (json === true) {
    return (reading) => session.json(asData(stack, reading));
  }
  const lines = ({ appStatus, last, unrecorded, waiting }: Reading) => [
    ...appStatusLines(stack, appStatus, session.paint),
    ...(appStatus.others ?? []).flatMap((other) => ["", ...appStatusLines(stack, other, session.paint)]),
    ...(waiting === undefined ? [] : [session.paint.faint(`  ${waiting} …`)]),
    "",
    ...lastRunLines(last, Date.now(), session.paint),
    ...unrecordedLines(unrecorded, session.paint),
  ];
  return session.terminal.isInteractive
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
function asData(stack: string, { appStatus, last, unrecorded }: Reading): object {
  const { app, namespace, cluster, versions, seconds: counted, missing, others } = appStatus;
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
  return {
    ...{ stack, app, namespace, cluster: cluster ?? null, versions, seconds: counted, missing },
    ...(others && { others: others.map((other) => ({ ...other, cluster: other.cluster ?? null })) }),
    ...{ lastRun: run ?? null, unrecorded },
  };
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 0.5 && value <= 3600)) {
    throw new InvalidArgumentError("expected a number of seconds from 0.5 to 3600.");
  }
  return value;
}
