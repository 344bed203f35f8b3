import type { NamedCluster } from "../../internal/kubernetes/namedCluster";
import type { GateResult } from "../gates/gate";
import type { Plan } from "../plan/plan";
import type { Weights } from "../weights";

/** Why a run goes back. */
export const RollbackReason = {
  Gate: "gate",
  Deadline: "deadline",
  /** A person: Ctrl-C, `canary abort`, `canary rollback`, a rejected approval. */
  Person: "person",
  /** The process was told to end (SIGTERM). */
  Terminated: "terminated",
  /** An `up` failed. */
  Failure: "failure",
} as const;
export type RollbackReason = (typeof RollbackReason)[keyof typeof RollbackReason];

/**
 * What all callers of the run's apps saw during it, whichever version answered, as the source of metrics counted it;
 * without copies of requests.
 */
export interface UsersSaw {
  requests: number;
  /** Those of them that failed. */
  failures: number;
}

/** Something of each of the apps that take the same steps as the run's own, by their names in the plan. */
type OfOthers<T> = Readonly<Record<string, T>>;

/** What versions answered. */
type Answered = Readonly<Record<string, { requests: number; failures: number; p99?: number }>>;

/** What happened, without when and in which run. */
export type Happening =
  /** The run has the stack for itself, and this is what it will do, and on which cluster as far as that is known. Always the first. */
  | { type: "started"; plan: Plan; by: string; cluster?: NamedCluster }
  /**
   * The stack was brought up as its config was: the target is there and ready, so that from here on only traffic moves.
   */
  | { type: "prepared"; seconds: number }
  /**
   * A step's config is about to be written and brought up. `steps.length` is the promotion. `others` are the shares of the
   * apps that take the same steps.
   */
  | { type: "shifting"; step: number; name: string; weights: Weights; others?: OfOthers<Weights> }
  /**
   * The app's routes are about to get these weights at the API server, ahead of the `up` that records them. Until that is
   * through the stack's state does not say what the cluster has.
   */
  | { type: "patching"; app: string; namespace: string; weights: Weights }
  /** They have them; `seconds` since that was begun. */
  | { type: "patched"; seconds: number }
  /** An `up` outside of a run has recorded what the routes have. */
  | { type: "recorded" }
  /** Its `up` is through. */
  | { type: "shifted"; step: number; seconds: number }
  /**
   * The traffic follows the step's weights; `actual` are the shares seen, or missing with the reason. `matched` is about
   * how many of the requests match and reach the target beside its weight, in percent. `others` are the shares seen of the
   * apps that take the same steps.
   */
  | {
      type: "converged";
      step: number;
      seconds: number;
      actual?: Readonly<Record<string, number>>;
      matched?: number;
      unverified?: string;
      others?: OfOthers<Readonly<Record<string, number>>>;
    }
  /**
   * Gates were asked. `traffic` is what each version answered since the sample before, or since the run began; `others`
   * is the same of the apps that take the same steps.
   */
  | {
      type: "sampled";
      step: number;
      phase: string;
      results: readonly GateResult[];
      traffic?: Answered;
      others?: OfOthers<Answered>;
    }
  /** The step has been held as long as planned and all gates have passed. */
  | { type: "held"; step: number }
  /**
   * By a person; or, with `gate` and `why`, by the run itself, because that gate failed and a person is to decide: to
   * resume, abort or promote.
   */
  | { type: "paused"; by: string; gate?: string; why?: string }
  | { type: "resumed"; by: string }
  /** A person decided about a gate of a step. */
  | { type: "decided"; gate: string; step: number; approved: boolean; by: string }
  /** A person wants the run to go back, or at once to the target. */
  | { type: "commanded"; command: "abort" | "promote"; by: string }
  /** Another process goes on with the run, after the one before it ended without an end of the run. */
  | { type: "takenOver"; by: string; cluster?: NamedCluster }
  | { type: "rollingBack"; reason: RollbackReason; why: string }
  | { type: "rolledBack"; reason: RollbackReason; seconds: number; users?: UsersSaw }
  /** The target has everything; `seconds` since the run began. `users` is missing if the source could not be asked. */
  | { type: "promoted"; seconds: number; users?: UsersSaw }
  /** The rollback failed too: the stack is in a state that a person has to look at; `canary rollback` tries again. */
  | { type: "failed"; why: string; users?: UsersSaw }
  /** Told, changes nothing: a webhook that could not be reached, an answer of the engine. */
  | { type: "logged"; level: "info" | "warning"; text: string };

/** A line of the journal, and of the `--json` stream. */
export type RolloutEvent = Happening & {
  /** Which run: sortable by its time of start. */
  run: string;
  /** When, as ISO 8601 in UTC with milliseconds. */
  at: string;
};
