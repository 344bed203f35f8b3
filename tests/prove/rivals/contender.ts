import type { Engine } from "../../../sandbox/engine/engine";
import type { Kubectl } from "../../e2e/support/kubectl";
import type { PrometheusServer } from "../../e2e/support/prometheusServer";

/** What all contenders work on. */
export interface Ground {
  kubectl: Kubectl;
  /** The kubeconfig for programs. */
  kubeconfig: string;
  /** The address of the mesh's ingress gateway. */
  address: string;
  /** Collects what the app's pods tell of their answers. */
  prometheus: PrometheusServer;
  engine: Engine;
  /** What this process has started for the ground itself: the cluster's processes may be among them. */
  processes: readonly number[];
  /** Where state and files of contenders may be. */
  folder: string;
}

/** A way to move traffic from one version to another, set up as its own documents recommend it. */
export interface Contender {
  /** On the command line and in results. */
  name: string;
  /** What it is called in the document, with its version. */
  title: string;
  /** How it was set up. */
  setup: string;
  /** What a reviewer sees before traffic moves. */
  review: string;
  /** Whether the steps before a rollback can be asked for one by one; if not, what happens instead. */
  asked: string;
  /** How long old pods stay after it says that it is done, in seconds: that is watched, too. */
  aftermath: number;
  /** Brings the app up, with all traffic on `v1`. */
  open(ground: Ground): Promise<Running>;
}

/** A contender whose app is up. Versions come in this order: v1, v2 (back to v1), v3, v4, v5 that is bad. */
export interface Running {
  /** Brings the version there and gives it {@link FIRST_SHARE} percent. */
  begin(version: string): Promise<void>;
  /** Gives the version that share; ends when the contender says that it is so. */
  step(share: number): Promise<void>;
  /** Back to where everything was before {@link begin}. */
  back(): Promise<void>;
  /** Takes away the pods of the version that was sent back; undefined where the contender does so by itself. */
  tidy?(): Promise<void>;
  /** Gives everything to the version in {@link STEPS}, each held as short as the contender allows. */
  rollOut(version: string): Promise<void>;
  /** Replaces the version that has all traffic by another one, in one change. */
  replace(version: string): Promise<void>;
  /**
   * Rolls a bad version out, to be judged as the contender does; ends when it has gone back. Undefined if nothing
   * judges.
   */
  rollOutBad?(version: string): Promise<void>;
  /** Its processes that run at the moment. @default all that this process has started, but for the ground */
  processes?(): number[];
  /** Takes everything away. */
  close(): Promise<void>;
}

/** The share of a version that is tried, in percent. */
export const FIRST_SHARE = 20;

/** The shares of a rollout in five steps, in percent. */
export const STEPS = [20, 40, 60, 80, 100] as const;
