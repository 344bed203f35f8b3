import { Verdict } from "../../rollout/gates/gate";
import { duration, percent } from "../../internal/format";
import { columns } from "../../internal/table";
import { stepName } from "../../rollout/report/sentence";
import type { RolloutEvent } from "../../rollout/runner/event";
import { fold, Outcome, type RunState, Stage } from "../../rollout/runner/state";
import { movedApps, ownName, type SharesOfApps, sharesText } from "../../rollout/plan/planApps";
import { inOrder } from "../../rollout/weights";
import type { Paint } from "../terminal";
import { bar } from "./bar";

const WIDEST_BAR = 40;

/**
 * A run as it stands, in lines for a terminal.
 *
 * @param events All of the run so far.
 * @param now In ms since the epoch.
 */
export function liveLines(events: readonly RolloutEvent[], now: number, paint: Paint): string[] {
  const state = fold(events);
  if (state === undefined) {
    return [];
  }
  const { plan, run, startedAt } = state;
  const about = `(${plan.strategy}, run ${run}, ${duration((now - startedAt) / 1000)})`;
  return [
    `${paint.bold(
      movedApps(plan)
        .map(({ name, target }) => `${name}: ${target}`)
        .join(", "),
    )} ${paint.faint(about)}`,
    `  ${steps(state, paint)}`,
    ...columns(shareRows(state, events, paint)).map((line) => `  ${line}`),
    ...columns(verdictRows(state, paint)).map((line) => `  ${line}`),
    `  ${doing(state, now, paint)}`,
  ];
}

function steps({ plan, step, stage }: RunState, paint: Paint): string {
  const shown = (name: string, index: number): string => {
    if (index < step) {
      return paint.good(`✔ ${name}`);
    }
    if (index > step) {
      return paint.faint(`· ${name}`);
    }
    return goesBack(stage) ? paint.bad(`✘ ${name}`) : paint.bold(`▸ ${name}`);
  };
  return [...plan.steps, plan.promotion].map(({ name }, index) => shown(name, index)).join("  ");
}

function goesBack(stage: Stage): boolean {
  return stage === Stage.RollingBack || stage === Stage.Ended;
}

function shareRows(state: RunState, events: readonly RolloutEvent[], paint: Paint): string[][] {
  const { plan } = state;
  const desired = desiredShares(state);
  const own = rowsOf(plan.target, inOrder(desired.weights, plan.versions), lastMeasured(events), paint);
  if (plan.others === undefined) {
    return own;
  }
  const named = (name: string, rows: string[][]) => rows.map((row) => [name, ...row]);
  return [
    ...named(ownName(plan), own),
    ...plan.others.flatMap(({ name, target, versions }) =>
      named(name, rowsOf(target, inOrder(desired.others?.[name] ?? {}, versions), lastMeasured(events, name), paint)),
    ),
  ];
}

function rowsOf(
  target: string,
  desired: readonly [version: string, share: number][],
  actual: Readonly<Record<string, number>> | undefined,
  paint: Paint,
): string[][] {
  return desired.map(([version, share]) => {
    const shown = bar((actual?.[version] ?? share) / 100, WIDEST_BAR);
    return [
      version === target ? paint.bold(version) : version,
      `desired ${percent(share / 100)}`,
      actual === undefined ? "" : `actual ${percent((actual[version] ?? 0) / 100)}`,
      actual === undefined ? paint.faint(shown) : shown,
    ];
  });
}

/** The shares that the run wants to be in force: until a step is, those of the one before. */
function desiredShares({ plan, step, stage }: RunState): SharesOfApps {
  if (goesBack(stage)) {
    return plan.before;
  }
  const isThere = stage === Stage.Converging || stage === Stage.Holding;
  return isThere ? (plan.steps[step] ?? plan.promotion) : (plan.steps[step - 1] ?? plan.before);
}

/**
 * The shares of the last sample or of the last look whether the traffic follows, since the last shift.
 *
 * @param other The app that takes the same steps and is meant. @default the run's own
 */
function lastMeasured(events: readonly RolloutEvent[], other?: string): Readonly<Record<string, number>> | undefined {
  for (const event of [...events].reverse()) {
    if (event.type === "shifted" || event.type === "rolledBack") {
      return undefined;
    }
    if (event.type === "converged") {
      const shares = other === undefined ? event.actual : event.others?.[other];
      if (shares !== undefined) {
        return shares;
      }
    }
    const traffic = event.type !== "sampled" ? {} : other === undefined ? event.traffic : event.others?.[other];
    const counts = Object.entries(traffic ?? {});
    const all = counts.reduce((sum, [, { requests }]) => sum + requests, 0);
    if (all > 0) {
      return Object.fromEntries(counts.map(([version, { requests }]) => [version, (100 * requests) / all]));
    }
  }
  return undefined;
}

function verdictRows({ opinions }: RunState, paint: Paint): string[][] {
  const paints = {
    [Verdict.Passed]: paint.good,
    [Verdict.Failed]: paint.bad,
    [Verdict.Rejected]: paint.bad,
    [Verdict.Inconclusive]: paint.waiting,
  };
  return Object.values(opinions).flatMap((byGate) =>
    Object.values(byGate).map(({ result, failuresInARow }) => [
      result.gate,
      paints[result.verdict](failuresInARow > 1 ? `${result.verdict} ×${failuresInARow}` : result.verdict),
      paint.faint(result.reason),
    ]),
  );
}

function doing(state: RunState, now: number, paint: Paint): string {
  const { plan, step, stage } = state;
  const name = stepName(plan, step);
  const paused = state.pausedAt === undefined ? "" : paint.waiting(`${pauseOf(state, state.pausedAt, now)}: `);
  switch (stage) {
    case Stage.Entering:
      return `${paused}before ${name}: evaluating the gates`;
    case Stage.Shifting:
      return `${paused}shifting to ${sharesText(plan, plan.steps[step] ?? plan.promotion)}`;
    case Stage.Converging:
      return `${paused}${name} is applied; waiting for the traffic to converge`;
    case Stage.Holding: {
      const left = (plan.steps[step] ?? plan.promotion).holdSeconds - (now - (state.heldSince ?? now)) / 1000;
      return `${paused}holding ${name}: ${left > 0 ? `${duration(left)} to go` : "until all gates pass"}`;
    }
    case Stage.RollingBack:
      return paint.bad(`rolling back to ${sharesText(plan, plan.before)}: ${state.rollback?.why ?? ""}`);
    case Stage.Ended:
      return ending(state, paint);
  }
}

function pauseOf({ failedGates }: RunState, since: number, now: number): string {
  const failed = failedGates.map(({ gate }) => gate).join(", ");
  return `paused for ${duration((now - since) / 1000)}${failed === "" ? "" : ` because ${failed} failed (resume, abort or promote)`}`;
}

function ending({ outcome, failure }: RunState, paint: Paint): string {
  switch (outcome) {
    case Outcome.Promoted:
      return paint.good("promoted");
    case Outcome.Failed:
      return paint.bad(`failed: ${failure ?? ""}`);
    default:
      return paint.bad("rolled back");
  }
}
