import { Verdict } from "../../rollout/gates/gate";
import { duration, percent } from "../../internal/format";
import { columns } from "../../internal/table";
import { stepName } from "../../rollout/report/sentence";
import type { RolloutEvent } from "../../rollout/runner/event";
import { fold, type RunState, Stage } from "../../rollout/runner/state";
import { formatWeights } from "../../rollout/weights";
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
  return [
    `${paint.bold(`${state.plan.app}: ${state.plan.target}`)} ${paint.faint(`(${state.plan.strategy}, run ${state.run}, ${duration((now - state.startedAt) / 1000)})`)}`,
    `  ${steps(state, paint)}`,
    ...columns(shareRows(state, events, paint)).map((line) => `  ${line}`),
    ...columns(verdictRows(state, paint)).map((line) => `  ${line}`),
    `  ${doing(state, now, paint)}`,
  ];
}

function steps({ plan, step, stage }: RunState, paint: Paint): string {
  return [...plan.steps, plan.promotion]
    .map(({ name }, index) =>
      index < step
        ? paint.good(`✔ ${name}`)
        : index > step
          ? paint.faint(`· ${name}`)
          : stage === Stage.RollingBack || stage === Stage.Ended
            ? paint.bad(`✘ ${name}`)
            : paint.bold(`▸ ${name}`),
    )
    .join("  ");
}

function shareRows({ plan, step, stage }: RunState, events: readonly RolloutEvent[], paint: Paint): string[][] {
  const isThere = stage === Stage.Following || stage === Stage.Holding;
  const asked =
    stage === Stage.RollingBack || stage === Stage.Ended
      ? plan.before.weights
      : (isThere ? (plan.steps[step] ?? plan.promotion) : (plan.steps[step - 1] ?? plan.before)).weights;
  const measured = lastMeasured(events);
  return Object.entries(asked).map(([version, share]) => {
    const shown = bar((measured?.[version] ?? share) / 100, WIDEST_BAR);
    return [
      version === plan.target ? paint.bold(version) : version,
      `asked ${percent(share / 100)}`,
      measured === undefined ? "" : `measured ${percent((measured[version] ?? 0) / 100)}`,
      measured === undefined ? paint.faint(shown) : shown,
    ];
  });
}

/** The shares of the last sample or of the last look whether the traffic follows, since the last shift. */
function lastMeasured(events: readonly RolloutEvent[]): Record<string, number> | undefined {
  for (const event of [...events].reverse()) {
    if (event.type === "shifted" || event.type === "rolledBack") {
      return undefined;
    }
    if (event.type === "followed" && event.measured !== undefined) {
      return event.measured;
    }
    const counts = event.type === "sampled" ? Object.entries(event.traffic ?? {}) : [];
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
    [Verdict.Refused]: paint.bad,
    [Verdict.Undecided]: paint.waiting,
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
  const paused =
    state.pausedAt === undefined ? "" : paint.waiting(`paused since ${duration((now - state.pausedAt) / 1000)}: `);
  switch (stage) {
    case Stage.Entering:
      return `${paused}before ${name}: asking the gates`;
    case Stage.Shifting:
      return `${paused}shifting to ${formatWeights((plan.steps[step] ?? plan.promotion).weights)}`;
    case Stage.Following:
      return `${paused}${name} is in force; waiting for the traffic to follow`;
    case Stage.Holding: {
      const left = (plan.steps[step] ?? plan.promotion).holdSeconds - (now - (state.heldSince ?? now)) / 1000;
      return `${paused}holding ${name}: ${left > 0 ? `${duration(left)} to go` : "until all gates pass"}`;
    }
    case Stage.RollingBack:
      return paint.bad(`rolling back to ${formatWeights(plan.before.weights)}: ${state.rollback?.why ?? ""}`);
    case Stage.Ended:
      return state.outcome === "promoted"
        ? paint.good("promoted")
        : paint.bad(state.outcome === "failed" ? `failed: ${state.failure ?? ""}` : "rolled back");
  }
}
