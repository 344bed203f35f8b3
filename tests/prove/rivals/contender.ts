import type { Engine } from "../../../sandbox/engine/engine";
import type { Kubectl } from "../../e2e/support/kubectl";
import type { PrometheusServer } from "../../e2e/support/prometheusServer";

/** The environment that all contenders share. */
export interface Ground {
  kubectl: Kubectl;
  /** The kubeconfig for programs. */
  kubeconfig: string;
  /** The address of the mesh's ingress gateway. */
  address: string;
  /** Scrapes the metrics of the app's pods. */
  prometheus: PrometheusServer;
  engine: Engine;
  /** The processes that this process has started for the environment itself, such as those of the cluster. */
  processes: readonly number[];
  /** Where state and files of contenders are stored. */
  folder: string;
}

/** A way to move traffic from one version to another, set up as its own documentation recommends. */
export interface Contender {
  /** Its name on the command line and in results. */
  name: string;
  /** Its name in the document, with its version. */
  title: string;
  /** How it was set up. */
  setup: string;
  /** What a reviewer sees before traffic moves. */
  review: string;
  /** Whether the steps before a rollback can be requested one by one; if not, what happens instead. */
  asked: string;
  /** How long old pods stay after it reports that it is done, in seconds; that time is observed, too. */
  aftermath: number;
  /** Brings the app up, with all traffic on `v1`. */
  open(ground: Ground): Promise<Running>;
}

/**
 * A contender whose app is up. Versions are added in this order: v1, v2 (rolled back to v1), v3, v4, v5 which is bad.
 */
export interface Running {
  /** Adds the version and gives it {@link FIRST_SHARE} percent. */
  begin(version: string): Promise<void>;
  /** Gives the version that weight; resolves when the contender reports that it is done. */
  step(share: number): Promise<void>;
  /** Rolls back to the weights from before {@link begin}. */
  back(): Promise<void>;
  /** Removes the pods of the version that was rolled back; undefined if the contender does so by itself. */
  tidy?(): Promise<void>;
  /** Gives all traffic to the version in {@link STEPS}, each held for the shortest time that the contender allows. */
  rollOut(version: string): Promise<void>;
  /** Replaces the version that has all traffic by another one, in one change. */
  replace(version: string): Promise<void>;
  /**
   * Rolls out a bad version, judged by the contender's own means; resolves when it has been rolled back. Undefined if
   * the contender has no such means.
   */
  rollOutBad?(version: string): Promise<void>;
  /** Its processes that are running now. @default all that this process has started, except those of the environment */
  processes?(): number[];
  /** Removes everything. */
  close(): Promise<void>;
}

/** The weight of a version that is tried, in percent. */
export const FIRST_SHARE = 20;

/** The weights of a rollout in five steps, in percent. */
export const STEPS = [20, 40, 60, 80, 100] as const;
