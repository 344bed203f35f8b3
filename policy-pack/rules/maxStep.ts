import { routesOf } from "../../src/preview/traffic/currentRoutes";
import { movedBetween } from "../../src/preview/traffic/trafficDiff";
import { isOfKind, type KubernetesObject, NETWORKING, type ObjectRule } from "./rule";

/** How far traffic may move at once. */
export interface MaxStepConfig {
  /** The largest part of a route's requests that may move in one change, in percentage points, 1 to 100. @default 50 */
  points: number;
}

/** Reads the object that is on the cluster; undefined if there is none. Rejects if the cluster cannot be asked. */
export type ReadLive = (object: KubernetesObject) => Promise<KubernetesObject | undefined>;

/**
 * A policy is not told what was there before, so the cluster is asked. Without an answer the step's size is not known,
 * and that is a violation.
 */
export function maxStep(readLive: ReadLive): ObjectRule<MaxStepConfig> {
  return {
    name: "max-step",
    description: "No more than so many percentage points of a route's requests move in one change",
    config: { points: { type: "number", minimum: 1, maximum: 100, default: 50 } },
    check: async (object, { points }) => {
      if (!isOfKind(object, NETWORKING, "VirtualService") || object.metadata?.name === undefined) {
        return [];
      }
      // Before the cluster is asked: what is not known yet throws here, and Pulumi says that it could not be checked.
      const routes = routesOf(object);
      let live: KubernetesObject | undefined;
      try {
        live = await readLive(object);
      } catch (error) {
        return [
          `how far traffic moves is not known, because the cluster could not be asked (${(error as Error).message})`,
        ];
      }
      const moves = live === undefined ? [] : movedBetween(routesOf(live), routes);
      return moves
        .filter(({ moved }) => moved > points)
        .map(
          ({ moved }) =>
            `${round(moved)} points of a route's requests move at once; at most ${points} are allowed: take it in steps`,
        );
    },
  };
}

function round(points: number): number {
  return Math.round(points * 10) / 10;
}
