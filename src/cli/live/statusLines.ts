import { count, duration, percent, timestamp } from "../../internal/format";
import { clusterText } from "../../internal/kubernetes/namedCluster";
import { columns } from "../../internal/table";
import { targetsText } from "../../rollout/plan/planApps";
import { usersText } from "../../rollout/report/sentence";
import type { LastRun } from "../../rollout/runner/commands";
import { Outcome, type RunState } from "../../rollout/runner/state";
import type { AppStatus, VersionStatus } from "../../rollout/runner/statusReader";
import type { PendingPatches } from "../../rollout/runner/pendingPatch";
import { formatWeights } from "../../rollout/weights";
import type { Paint } from "../terminal";
import { liveLines } from "./view";

const TITLES = ["version", "desired", "actual", "requests", "succeeded", "p99", "pods"];
const UNKNOWN = "—";

/** An app's versions as lines: their shares, metrics and pods, and what could not be found out. */
export function appStatusLines(stack: string, appStatus: AppStatus, colours: Paint): string[] {
  const { app, namespace, cluster, versions, seconds, missing } = appStatus;
  const isCounted = versions.some(({ requests }) => requests !== undefined);
  const when = Number.isFinite(seconds) ? `in ${duration(seconds)}` : "since the proxies started";
  const span = isCounted ? colours.faint(` (requests ${when})`) : "";
  const rows = [
    TITLES.map((title) => colours.faint(title)),
    ...versions.map((version) => versionRow(version, colours)),
  ];
  return [
    `${colours.bold(app)} in namespace ${namespace}, stack ${stack}${span}`,
    ...(cluster === undefined ? [] : [colours.faint(`  on ${clusterText(cluster)}`)]),
    ...columns(rows).map((line) => `  ${line}`),
    ...missing.map((what) => colours.waiting(`  not available: ${what}`)),
  ];
}

function versionRow(version: VersionStatus, colours: Paint): string[] {
  const { desired, actual, requests, p99 } = version;
  return [
    version.version,
    percent(desired / 100),
    actual === undefined ? UNKNOWN : percent(actual / 100),
    requests === undefined ? UNKNOWN : count(requests),
    succeeded(version, colours),
    p99 === undefined ? UNKNOWN : `${count(p99)} ms`,
    pods(version, colours),
  ];
}

function succeeded({ requests = 0, failures = 0 }: VersionStatus, colours: Paint): string {
  if (requests === 0) {
    return UNKNOWN;
  }
  const colour = failures > 0 ? colours.bad : colours.good;
  return colour(percent((requests - failures) / requests));
}

function pods({ pods: counted }: VersionStatus, colours: Paint): string {
  if (counted === undefined) {
    return UNKNOWN;
  }
  const { ready, wanted } = counted;
  const colour = ready >= wanted ? colours.good : colours.bad;
  return colour(`${ready} of ${wanted} ready`);
}

/**
 * The last run: live if it is in progress, else how it ended.
 *
 * @param now In ms since the epoch.
 */
export function lastRunLines(last: LastRun | undefined, now: number, colours: Paint): string[] {
  if (last === undefined) {
    return ["No runs yet."];
  }
  const { state, events } = last;
  if (state.outcome === undefined) {
    return [...liveLines(events, now, colours), `  ${progressOf(last, colours)}`];
  }
  const end = events.at(-1);
  const users =
    end !== undefined && "users" in end && end.users !== undefined ? `; users saw ${usersText(end.users)}` : "";
  return [
    `Last run ${state.run}: ${targetsText(state.plan)} ${endOf(state, colours)}${users}`,
    colours.faint(`  ${timestamp(state.startedAt)}, by ${state.by}; \`canary report\` has the details`),
  ];
}

/** What is to be done about weights that routes may have and no `up` has recorded. */
export function unrecordedLines(unrecorded: PendingPatches, colours: Paint): string[] {
  return unrecorded.map(({ app, weights }) =>
    colours.bad(
      `The routes of ${app} may have ${formatWeights(weights)}, which no \`up\` has recorded, because its process has ended: ` +
        "`canary set`, `canary rollback`, a run or `pulumi up --refresh` puts that right",
    ),
  );
}

function progressOf({ holder, isAtWork }: LastRun, colours: Paint): string {
  if (!isAtWork) {
    return colours.bad(
      "its process has ended: `canary rollout --continue` continues it, `canary rollback` rolls it back",
    );
  }
  return holder === undefined
    ? "in progress"
    : `in progress, by ${holder.by} (process ${holder.pid} on ${holder.host}) since ${holder.since}`;
}

function endOf({ outcome, failure, rollback }: RunState, colours: Paint): string {
  switch (outcome) {
    case Outcome.Promoted:
      return colours.good("promoted");
    case Outcome.Failed:
      return colours.bad(`failed: ${failure ?? ""}; \`canary rollback\` retries`);
    default:
      return colours.bad(`rolled back (${rollback?.reason}): ${rollback?.why ?? ""}`);
  }
}
