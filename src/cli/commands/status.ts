import { setTimeout } from "node:timers/promises";
import { Command, InvalidArgumentError } from "commander";
import { count, duration, percent, timestamp } from "../../internal/format";
import { columns } from "../../internal/table";
import { usersText } from "../../rollout/report/sentence";
import { lastRun, type LastRun } from "../../rollout/runner/decide";
import type { StackReference } from "../../rollout/runner/options";
import { type Standing, Survey, type VersionStanding } from "../../rollout/runner/survey";
import { cropped } from "../live/bar";
import { liveLines } from "../live/view";
import type { Paint } from "../terminal";
import type { Session } from "../session";

interface StatusOptions {
  watch?: boolean;
  window: number;
  measure: boolean;
}

/** `canary status`: how the app and its last run stand. */
export function statusCommand(session: Session): Command {
  return new Command("status")
    .summary("show asked and measured shares, health, and the last run")
    .description(
      "Shows every version's asked share (from the stack's config), its measured share, failures and latency (counted for a few seconds), its pods, and how the last run stands or ended.",
    )
    .option("-w, --watch", "go on, until Ctrl-C")
    .option("--window <seconds>", "for how long requests are counted", seconds, 5)
    .option("--no-measure", "do not ask the cluster: config and journal only")
    .addHelpText(
      "after",
      `
Examples:
  canary status
  canary status --watch --stack prod
  canary status --json --window 30 | jq '.versions[] | {version, asked, measured}'

Exit codes: 0 done, 1 failed, 2 wrong call or wrong config.`,
    )
    .action(async (_options: object, command: Command) => {
      const { options, reference, situation } = await session.call<StatusOptions>(command);
      const opened = Date.now();
      const survey = await Survey.start({ ...reference, situation, measure: options.measure });
      const end = new AbortController();
      const stop = (): void => end.abort();
      process.once("SIGINT", stop);
      try {
        await show(session, reference, survey, { ...options, opened, signal: end.signal });
      } finally {
        process.off("SIGINT", stop);
        survey.stop();
      }
    });
}

async function show(
  session: Session,
  reference: StackReference,
  survey: Survey,
  {
    watch,
    window,
    measure,
    json,
    opened,
    signal,
  }: StatusOptions & { json?: boolean; opened: number; signal: AbortSignal },
): Promise<void> {
  let drawn = 0;
  for (let [since, next] = [opened, opened]; ; since = next) {
    await setTimeout(measure ? window * 1000 : watch ? 1000 : 0, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) {
      return;
    }
    next = Date.now(); // the reading that is made now is where the next span begins
    const [standing, last] = [await survey.look(since), await lastRun(reference)];
    if (json === true) {
      session.json(asData(reference.stack, standing, last));
    } else {
      const lines = [
        ...standingLines(reference.stack, standing, session.paint),
        "",
        ...lastRunLines(last, Date.now(), session.paint),
      ];
      if (watch === true && session.terminal.isInteractive) {
        const fitting = lines.map((line) => cropped(line, session.terminal.width() - 1));
        session.terminal.out(
          `${drawn === 0 ? "" : `\u001b[${drawn}A\u001b[J`}${fitting.map((line) => `${line}\n`).join("")}`,
        );
        drawn = fitting.length;
      } else {
        lines.forEach((line) => session.line(line));
      }
    }
    if (watch !== true) {
      return;
    }
  }
}

/** What `--json` prints. */
export function asData(
  stack: string,
  { app, namespace, versions, seconds: counted, missing }: Standing,
  last: LastRun | undefined,
): object {
  const run = last && {
    run: last.state.run,
    by: last.state.by,
    target: last.state.plan.target,
    stage: last.state.stage,
    outcome: last.state.outcome ?? null,
    step: last.state.step,
    paused: last.state.pausedAt !== undefined,
    isAtWork: last.isAtWork,
    startedAt: new Date(last.state.startedAt).toISOString(),
  };
  return { stack, app, namespace, versions, seconds: counted, missing, lastRun: run ?? null };
}

function standingLines(
  stack: string,
  { app, namespace, versions, seconds: counted, missing }: Standing,
  colours: Paint,
): string[] {
  const head = ["version", "asked", "measured", "requests", "succeeded", "p99", "pods"].map((title) =>
    colours.faint(title),
  );
  return [
    `${colours.bold(app)} in namespace ${namespace}, stack ${stack}${versions.some(({ requests }) => requests !== undefined) ? colours.faint(` (requests of ${duration(counted)})`) : ""}`,
    ...columns([head, ...versions.map((version) => row(version, colours))]).map((line) => `  ${line}`),
    ...missing.map((what) => colours.waiting(`  not known: ${what}`)),
  ];
}

function row(
  { version, asked, measured, requests, failures = 0, p99, pods }: VersionStanding,
  colours: Paint,
): string[] {
  const healthy = pods === undefined || pods.ready >= pods.wanted;
  return [
    version,
    percent(asked / 100),
    measured === undefined ? "—" : percent(measured / 100),
    requests === undefined ? "—" : count(requests),
    !requests ? "—" : (failures > 0 ? colours.bad : colours.good)(percent((requests - failures) / requests)),
    p99 === undefined ? "—" : `${count(p99)} ms`,
    pods === undefined ? "—" : (healthy ? colours.good : colours.bad)(`${pods.ready} of ${pods.wanted} ready`),
  ];
}

/** The last run: live if it is in progress, else how it ended. */
function lastRunLines(last: LastRun | undefined, now: number, colours: Paint): string[] {
  if (last === undefined) {
    return ["No run yet."];
  }
  const { state, events, holder, isAtWork } = last;
  if (state.outcome === undefined) {
    const by = isAtWork
      ? `in progress${holder === undefined ? "" : `, by ${holder.by} (process ${holder.pid} on ${holder.host}) since ${holder.since}`}`
      : colours.bad("its process has ended: `canary rollout --resume` goes on with it, `canary rollback` goes back");
    return [...liveLines(events, now, colours), `  ${by}`];
  }
  const end = events.at(-1);
  const users =
    end !== undefined && "users" in end && end.users !== undefined ? `; users saw ${usersText(end.users)}` : "";
  const told =
    state.outcome === "promoted"
      ? colours.good("promoted")
      : state.outcome === "failed"
        ? colours.bad(`failed: ${state.failure ?? ""}; \`canary rollback\` tries again`)
        : colours.bad(`rolled back (${state.rollback?.reason}): ${state.rollback?.why ?? ""}`);
  return [
    `Last run ${state.run}: ${state.plan.target} of ${state.plan.app} ${told}${users}`,
    colours.faint(`  ${timestamp(state.startedAt)}, by ${state.by}; \`canary report\` tells all of it`),
  ];
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 0.5 && value <= 3600)) {
    throw new InvalidArgumentError("a number of seconds from 0.5 to 3600 is needed.");
  }
  return value;
}
