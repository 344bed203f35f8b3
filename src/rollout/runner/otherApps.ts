import type { Plan, Step } from "../plan/plan";
import type { AppWeights } from "../pulumi/rolloutStack";
import { sameWeights, type Weights } from "../weights";
import type { UsersSaw } from "./event";
import { plus, total } from "./users";

/** How far a run is with an app that takes the same steps as its own. */
export interface OtherProgress {
  /** The shares that were asked for last. */
  readonly weights: Weights;
  /** Those that they took the place of. */
  readonly weightsBefore: Weights;
  /** When its traffic was counted last, in ms since the epoch. */
  readonly countedAt: number;
  /** What its users had seen until then. */
  readonly counted: UsersSaw;
}

/** The same of all such apps, by their names in the plan. */
export type OthersProgress = Readonly<Record<string, OtherProgress>>;

type ByName<T> = Readonly<Record<string, T>>;

/** How far a run is with them when it begins. */
export function othersAtStart({ before: { others = {} } }: Plan, at: number): OthersProgress {
  return mapped(others, (weights) => ({
    weights,
    weightsBefore: weights,
    countedAt: at,
    counted: { requests: 0, failures: 0 },
  }));
}

/** The same when other shares are asked for; asking for the same ones again changes nothing. */
export function othersShifted(progress: OthersProgress, asked: ByName<Weights> = {}): OthersProgress {
  return mapped(progress, (app, name) =>
    asked[name] === undefined || sameWeights(asked[name], app.weights)
      ? app
      : { ...app, weights: asked[name], weightsBefore: app.weights },
  );
}

/** The same when traffic was counted, of those that it was counted of. */
export function othersCounted(
  progress: OthersProgress,
  traffic: ByName<ByName<UsersSaw>> = {},
  at: number,
): OthersProgress {
  return mapped(progress, (app, name) =>
    traffic[name] === undefined ? app : { ...app, countedAt: at, counted: plus(app.counted, total(traffic[name])) },
  );
}

/** What the users of all apps of a run had seen when their traffic was counted last. */
export function countedOfAll({ counted, others }: { counted: UsersSaw; others: OthersProgress }): UsersSaw {
  return Object.values(others).reduce((sum, app) => plus(sum, app.counted), counted);
}

/** The shares at one step of the apps that take it, with where each is. */
export function weightsOfOthers({ others = [] }: Plan, shares: Step["others"] = {}): AppWeights[] {
  return others.map(({ name, app, namespace }) => ({ app, namespace, weights: shares[name] }));
}

function mapped<T, R>(record: ByName<T>, change: (value: T, name: string) => R): ByName<R> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}
