import type { GateDefinition } from "../gates/gate";

/** Every version's share of the traffic in percent, by its name; whole numbers with the sum 100. */
export type Weights = Readonly<Record<string, number>>;

/** Values of a stack's config by their full key, e.g. `shop:weights`; undefined for a key that is not set. */
export type ConfigValues = Readonly<Record<string, unknown>>;

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

/** One step of a run: a state of the config that is brought to the cluster, and held while the gates are sampled. */
export interface Step {
  /** What it does, for people: `20 %`, `mirror 100 %`, `A/B, iteration 2 of 5`. */
  name: string;
  /** The shares that are asked for while it is in force. */
  weights: Weights;
  /** What the config holds while it is in force; only the keys that a run writes. */
  config: ConfigValues;
  /** How long it is held after the traffic has followed, in seconds. */
  holdSeconds: number;
}

/** When a run gives up. */
export interface Limits {
  /** Seconds between two samples of the gates. */
  intervalSeconds: number;
  /** So many failed samples of one gate in a row end the run. */
  failureThreshold: number;
  /** The longest that a step may take, its `up` and all waiting included, in seconds. */
  stepDeadlineSeconds: number;
  /** The longest that the whole run may take, in seconds. */
  deadlineSeconds: number;
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
  /** How things stand before the run, and again after a rollback. */
  before: { weights: Weights; config: ConfigValues };
  /** In order. */
  steps: readonly Step[];
  /** The last step: everything to the target. It is not held. */
  promotion: Step;
  /** All have to pass, in every step. */
  gates: readonly GateDefinition[];
  limits: Limits;
}
