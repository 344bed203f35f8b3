import { errorMessage } from "../../internal/http/errorMessage";
import { type Gate, type GateInput, Phase } from "../gates/gate";
import { DEFAULT_TIMEOUT_SECONDS } from "../gates/gateWithTimeout";
import type { MetricsSource } from "../metrics/source";
import type { Clock } from "./clock";
import type { Happening, UsersSaw } from "./event";
import type { Round } from "./next";
import { OpenQuestions } from "./openQuestions";
import type { RunState } from "./state";
import { stepOf } from "./steps";
import { counted, type CountedTraffic, usersSaw } from "./traffic";

/** Gates that take longer than they do by default do not hold up the others, in ms. */
const LEAST_PATIENCE_MS = 1.5 * DEFAULT_TIMEOUT_SECONDS * 1000;

/** Asks a run's gates, and counts its traffic meanwhile. */
export class Sampler {
  private readonly questions: OpenQuestions;
  private hasToldMissingMetrics = false;
  /** Until when this process has counted traffic. */
  private countedTo?: number;

  /** @param note Told, once, why there are no metrics. */
  constructor(
    private readonly around: { clock: Clock; gates: readonly Gate[]; source: MetricsSource },
    private readonly note: (text: string) => void,
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
      this.countTraffic(state, now, signal),
    ]);
    return rounds.map(({ phase }, index) => ({
      type: "sampled",
      step: phase === Phase.Hold ? state.inForceStep : state.step,
      phase,
      results: results.filter((_, question) => asked[question].input.phase === phase),
      ...(traffic === undefined || index < rounds.length - 1 ? {} : { traffic }),
    }));
  }

  /** What users saw of the run until now. */
  usersSaw(state: RunState, now: number, signal: AbortSignal): Promise<UsersSaw> {
    return usersSaw(this.around.source, { ...state, countedAt: this.countedTo ?? state.countedAt }, now, signal);
  }

  /** Waits for no answer any more. */
  stop(): void {
    this.questions.drop(() => true);
  }

  private async countTraffic(state: RunState, to: number, signal: AbortSignal): Promise<CountedTraffic | undefined> {
    try {
      const traffic = counted(
        await this.around.source.traffic({ from: this.countedTo ?? state.countedAt, to }, signal),
      );
      this.countedTo = to;
      return traffic;
    } catch (error) {
      if (!this.hasToldMissingMetrics && !signal.aborted) {
        this.hasToldMissingMetrics = true;
        this.note(`metrics are not available: ${errorMessage(error)}`);
      }
      return undefined;
    }
  }
}

function inputOf(state: RunState, gate: string, phase: Phase, now: number): GateInput {
  const { run, plan, inForceStep, inForceSince, judgedSince, evidence } = state;
  return {
    run,
    app: plan.app,
    namespace: plan.namespace,
    target: plan.target,
    phase,
    step: stepAskedAbout(state, phase),
    weights: (inForceStep < 0 ? plan.before : stepOf(plan, inForceStep)).weights,
    since: Math.max(inForceSince, judgedSince[gate] ?? 0),
    now,
    evidence: evidence[gate],
  };
}

/** The step that a gate is asked about: the one that comes, or, where it is asked on and on, the one in force. */
function stepAskedAbout({ step, inForceStep }: RunState, phase: Phase): number {
  return phase === Phase.Start ? -1 : phase === Phase.Hold ? inForceStep : step;
}
