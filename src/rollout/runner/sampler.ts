import { type Gate, type GateInput, Phase } from "../gates/gate";
import { DEFAULT_TIMEOUT_SECONDS } from "../gates/gateWithTimeout";
import type { Clock } from "./clock";
import type { Happening } from "./event";
import type { Round } from "./next";
import { OpenQuestions } from "./openQuestions";
import type { RunState } from "./state";
import { inForce } from "./steps";
import type { TrafficCounter } from "./trafficCounter";

/** Gates that take longer than they do by default do not hold up the others, in ms. */
const LEAST_PATIENCE_MS = 1.5 * DEFAULT_TIMEOUT_SECONDS * 1000;

/** Asks a run's gates, and counts its traffic meanwhile. */
export class Sampler {
  private readonly questions: OpenQuestions;

  constructor(
    private readonly around: { clock: Clock; gates: readonly Gate[] },
    private readonly counter: TrafficCounter,
  ) {
    this.questions = new OpenQuestions(around.gates, around.clock);
  }

  /** Asks gates, until then at the longest; gives what each round came to, the last with the traffic. */
  async sample(
    state: RunState,
    rounds: readonly Round[],
    until: number,
    signal: AbortSignal,
  ): Promise<readonly Happening[]> {
    const now = this.around.clock.now();
    const patience = Math.max(LEAST_PATIENCE_MS, state.plan.limits.intervalSeconds * 1000);
    // The answer to what was asked at another step, or before a person let the run go on, is of no interest any more.
    this.questions.drop(({ gate, input: { phase, step, since } }) => {
      const current = inputOf(state, gate, phase, now);
      return step !== current.step || since !== current.since;
    });
    const asked = rounds.flatMap(({ phase, gates }) =>
      gates.map((gate) => ({ gate, input: inputOf(state, gate, phase, now) })),
    );
    const [results, traffic] = await Promise.all([
      this.questions.ask(asked, Math.min(patience, until - now), signal),
      this.counter.count(state, now, signal),
    ]);
    return rounds.map(({ phase }, index) => ({
      type: "sampled",
      step: phase === Phase.Hold ? state.inForceStep : state.step,
      phase,
      results: results.filter((_, question) => asked[question].input.phase === phase),
      ...(index < rounds.length - 1 ? {} : traffic),
    }));
  }

  /** Waits for no answer any more. */
  stop(): void {
    this.questions.drop(() => true);
  }
}

function inputOf(state: RunState, gate: string, phase: Phase, now: number): GateInput {
  const { run, inForceSince, judgedSince, evidence } = state;
  return {
    run,
    ...judgedApp(state, gate),
    phase,
    step: stepAskedAbout(state, phase),
    since: Math.max(inForceSince, judgedSince[gate] ?? 0),
    now,
    evidence: evidence[gate],
  };
}

/** The app that a gate is asked about. One that is watched has no target, and its shares are none of the run's affair. */
function judgedApp(
  { plan, inForceStep }: RunState,
  gate: string,
): Pick<GateInput, "app" | "namespace" | "target" | "weights"> {
  const { others = [], watched = [] } = plan;
  const name = plan.gates.find((each) => each.name === gate)?.app;
  const shares = inForce(plan, inForceStep);
  const seen = watched.find((each) => each.name === name);
  if (seen !== undefined) {
    return { app: seen.app, namespace: seen.namespace, target: "", weights: {} };
  }
  const other = others.find((each) => each.name === name);
  return other === undefined
    ? { app: plan.app, namespace: plan.namespace, target: plan.target, weights: shares.weights }
    : {
        app: other.app,
        namespace: other.namespace,
        target: other.target,
        weights: shares.others?.[other.name] ?? {},
      };
}

/** The step that a gate is asked about: the one that comes, or, where it is asked on and on, the one in force. */
function stepAskedAbout({ step, inForceStep }: RunState, phase: Phase): number {
  return phase === Phase.Start ? -1 : phase === Phase.Hold ? inForceStep : step;
}
