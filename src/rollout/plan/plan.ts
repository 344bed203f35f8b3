import type { ConfigSource } from "../../config/configText";
import type { ConfigValues } from "../../config/configValues";
import type { MatchArgs } from "../../istio/match";
import type { Plain } from "../../istio/plain";
import type { GateDefinition, OnFailure } from "../gates/gate";
import type { SourceSettings } from "../metrics/settings";
import type { Weights } from "../weights";

/** How the target is tried. */
export const Strategy = {
  /** It takes a growing share of everyone's requests. */
  Canary: "canary",
  /** It takes the requests of chosen users (those that a match takes), all others stay where they are. */
  AB: "ab",
  /** It takes nothing while it is tried, on mirrored or matched requests, and everything afterwards. */
  BlueGreen: "blue-green",
} as const;
export type Strategy = (typeof Strategy)[keyof typeof Strategy];

/** What reaches the target beside its share. */
export const Trial = {
  /** The requests that a match takes. */
  Matched: "matched",
  /** Copies of everyone's requests, whose answers nobody gets. */
  Mirrored: "mirrored",
} as const;
export type Trial = (typeof Trial)[keyof typeof Trial];

/** One step of a run: a state of the config that is brought to the cluster, and held while the gates are sampled. */
export interface Step {
  /** What it does, for people: `20%`, `mirror 100%`, `A/B, iteration 2 of 5`. */
  name: string;
  /** The shares that are asked for while it is in force. */
  weights: Weights;
  /** Those of the apps that take the same steps, by their names in the plan. @default there are none */
  others?: Readonly<Record<string, Weights>>;
  /** What the target gets beside its share: then measured shares cannot be compared with `weights`. @default nothing */
  trial?: Trial;
  /**
   * Whether gates that are inconclusive while it is held let the run go on: the target gets what few testers send, and
   * the steps after it decide. One that has failed never does. @default false
   */
  goesOnUndecided?: boolean;
  /** What the config holds while it is in force: every key that the run writes, and no other. */
  config: ConfigValues;
  /** How long it is held after the traffic has followed, in seconds. */
  holdSeconds: number;
}

/** When a run gives up. */
export interface Limits {
  /** Seconds between two samples of the gates. */
  intervalSeconds: number;
  /** So many failed samples of one gate in a row end the run, or pause it. */
  failureThreshold: number;
  /** Which of the two, for gates that do not say it themselves. @default "rollBack" */
  onFailure?: OnFailure;
  /** The longest that a step may take, its `up` and all waiting included, in seconds. */
  stepDeadlineSeconds: number;
  /** The longest that the whole run may take, in seconds. */
  deadlineSeconds: number;
  /** The longest that the rollback may be tried, in seconds. @default 600 */
  rollbackDeadlineSeconds?: number;
  /**
   * The longest that is waited for the traffic to be seen to follow, in seconds; then the step goes on unmeasured.
   * @default 30
   */
  convergenceTimeoutSeconds?: number;
}

/** An app of the same stack that a plan names beside its own. */
export interface PlannedApp {
  /** How gates, events and reports call it: the app's name, or `cart.eu` where another app of the plan has that name. */
  name: string;
  /** The app's name, as its Service is called. */
  app: string;
  /** The namespace it lives in. */
  namespace: string;
  /** What comes before the `:` of its keys in the stack's config. */
  prefix: string;
  /** Its versions' names, oldest first. */
  versions: readonly string[];
}

/** An app that takes the same steps in the same run. */
export interface OtherApp extends PlannedApp {
  /** The version of it that is to take over. */
  target: string;
}

/** What a run will do: plain data, so that a journal can hold it and another process can go on with it. */
export interface Plan {
  /** The app's name, as its Service is called. */
  app: string;
  /** The namespace the app lives in. */
  namespace: string;
  /** The version that is to take over. */
  target: string;
  strategy: Strategy;
  /** Which requests go to the target in the steps whose `trial` is `matched`. @default none */
  match?: readonly Plain<MatchArgs>[];
  /** The versions' names, oldest first. @default the order of the weights */
  versions?: readonly string[];
  /** How things stand before the run, and again after a rollback. */
  before: {
    weights: Weights;
    /** The shares of the apps that take the same steps, by their names in the plan. @default there are none */
    others?: Readonly<Record<string, Weights>>;
    config: ConfigValues;
    /**
     * The same as the config file spells it, so that it can be put back to the byte.
     * @default written anew from `config`
     */
    source?: ConfigSource;
  };
  /** The apps that take the same steps; the config of each step has the keys of all. @default none */
  others?: readonly OtherApp[];
  /** Apps whose shares stay, and by whose requests gates judge. @default none */
  watched?: readonly PlannedApp[];
  /** In order. */
  steps: readonly Step[];
  /** The last step: everything to the target. It is not held. */
  promotion: Step;
  /** All have to pass, in every step. */
  gates: readonly GateDefinition[];
  /** Where metrics come from. @default the Envoys' own counters */
  source?: SourceSettings;
  limits: Limits;
  /**
   * Whether steps that only change weights change the routes at once, ahead of the `up` that records them.
   * @default true
   */
  trafficFirst?: boolean;
}

/** The names of a plan's versions, oldest first. */
export function versionsOf({ versions, before }: Pick<Plan, "versions" | "before">): readonly string[] {
  return versions ?? Object.keys(before.weights);
}
