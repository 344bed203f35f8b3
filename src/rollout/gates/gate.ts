import type { MetricsSource } from "../metrics/source";
import type { Weights } from "../weights";

/** A gate as data: what a plan holds. What `kind`s there are and what fields each has is documented with the gate itself. */
export interface GateDefinition {
  /** How the gate is called in reports; unique in its plan. */
  name: string;
  /** Which kind of gate it is, e.g. `success-rate`. */
  kind: string;
  /**
   * What happens when it has failed `limits.failureThreshold` times in a row: `rollBack` or `pause`. Not for `approval`,
   * whose rejection always rolls back.
   * @default `limits.onFailure`
   */
  onFailure?: OnFailure;
  [field: string]: unknown;
}

/** What happens when a gate has failed `limits.failureThreshold` times in a row. */
export const OnFailure = {
  /** The run goes back to the weights from before it. */
  RollBack: "rollBack",
  /** The weights stay, and a person decides: to resume, abort or promote. The run's deadline still ends it. */
  Pause: "pause",
} as const;
export type OnFailure = (typeof OnFailure)[keyof typeof OnFailure];

/** When a gate is asked. */
export const Phase = {
  /** Once, before the first step. */
  Start: "start",
  /** Before each step. */
  Step: "step",
  /** Again and again while a step is held. */
  Hold: "hold",
  /** Once, before the target takes everything. */
  Promotion: "promotion",
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

/** What a gate says. Only `passed` lets a run go on: too little data is no pass. */
export const Verdict = {
  Passed: "passed",
  /** Not good: counts towards the threshold of failures. */
  Failed: "failed",
  /**
   * Not known: too few requests, no answer, nobody has decided yet. It is asked again until a deadline ends the step.
   */
  Inconclusive: "inconclusive",
  /** Says no for good: ends the run at once, whatever the threshold. */
  Rejected: "rejected",
} as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/** One answer of a gate. */
export interface GateResult {
  gate: string;
  verdict: Verdict;
  /** Why, with the metrics, for people: `98.2% of 1,204 requests succeeded; need at least 99%`. */
  reason: string;
  /** The metrics for a report; never NaN or infinite. */
  metrics: Readonly<Record<string, number>>;
  /** What the gate needs for its next answer in this run. @default what it said last is kept */
  evidence?: Evidence;
}

/**
 * What a gate has found out in a run so far, as JSON holds it. The journal keeps it with the gate's answer, and it comes
 * back with the gate's next question: at the next sample, in the next step, and in another process that continues the
 * run.
 */
export type Evidence = Readonly<Record<string, unknown>>;

/** What a gate is asked about. */
export interface GateInput {
  run: string;
  app: string;
  namespace: string;
  /** The version that is to take over; empty for an app whose shares stay. */
  target: string;
  phase: Phase;
  /** Index of the step; -1 before the first. */
  step: number;
  weights: Weights;
  /**
   * Since when the requests count that are judged, in ms since the epoch: since the step's shares are in force, or since
   * a person let the run go on that this gate had paused.
   */
  since: number;
  now: number;
  /** What this gate gave last as its `evidence` in this run. */
  evidence?: Evidence;
}

/** Something that can say no. It never throws: what goes wrong is a verdict with its reason. */
export interface Gate {
  readonly name: string;
  /** When it wants to be asked. */
  readonly phases: readonly Phase[];
  /** What happens when it fails, for a gate that code brings. @default the limits' `onFailure` */
  readonly onFailure?: OnFailure;
  ask(question: GateInput, signal: AbortSignal): Promise<GateResult>;
}

/** What the makers of gates need from outside. */
export interface GateContext {
  metrics: MetricsSource;
  /** Whether a person has approved this gate in this step (or rejected). */
  approval(gate: string, step: number): { approved: boolean; by: string } | undefined;
  /**
   * The text that a definition names by `{ secret: … }`; undefined if there is none. Without it, no secrets are known.
   */
  secret?(name: string): string | undefined;
}
