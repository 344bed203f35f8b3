import type { ObservedChanges } from "../change/resourceChange";
import type { LiveView } from "../live/liveView";
import type { RouteDiff } from "../traffic/trafficDiff";

/** The codes of warnings; they are part of the JSON output and never change. */
export const WarningCode = {
  /** More traffic moves at once than is allowed. */
  LargeStep: "large-step",
  /** A version gets traffic in the same change that creates it. */
  NewVersion: "new-version-with-traffic",
  /** A version gets traffic and has no pod. */
  NoReplicas: "no-replicas",
  /** A route names a version that no DestinationRule has. */
  MissingVersion: "missing-version",
  /** A version keeps its name and gets another image. */
  OtherImage: "other-image",
  /** A version with traffic keeps its name and image, but gets another config. */
  OtherConfig: "other-config",
  /** Somebody changed a field with kubectl, and the `up` reverts that. */
  KubectlUndone: "kubectl-undone",
  /** Another object of the cluster has a host or a gateway's port, too. */
  Claimed: "claimed-elsewhere",
  /** An object that is to be created exists in the cluster already. */
  Exists: "exists-already",
  /** A version is removed while it has traffic. */
  RemovedVersion: "removed-with-traffic",
  /** Something is deleted and created again. */
  Replacement: "replacement",
  /** Something changes that belongs to no app. */
  OutsideApp: "outside-app",
  /** An image without a tag, or with `latest`: what runs can change without a change here. */
  ImageTag: "image-tag",
  /** Every host is taken. */
  HostStar: "host-star",
  /** Somebody else changed an object since the last `up`. */
  Drift: "drift",
  /** The preview could not reach the cluster. */
  Unverified: "unverified",
  /** Routes that cannot be shown because they contain secrets. */
  SecretRoutes: "secret-routes",
  /** Routes that cannot be shown because a value in them is not known yet. */
  UnknownRoutes: "unknown-routes",
  /** A policy could not be evaluated because a value is not known yet. */
  PolicyNotEvaluated: "policy-not-evaluated",
  /** The engine or a provider warned. */
  Engine: "engine",
  /** A violation of an advisory policy. */
  Policy: "policy",
} as const;
export type WarningCode = (typeof WarningCode)[keyof typeof WarningCode];

/** One warning. */
export interface Warning {
  code: WarningCode;
  /** The whole warning, for people, with figures. */
  text: string;
}

/** The limits of whoever runs the preview. */
export interface PreviewLimits {
  /** The largest part of a route's requests that may move in one change, in percentage points, 1 to 100. @default 50 */
  maxStep: number;
}

/** The default limits. */
export const DEFAULT_LIMITS: PreviewLimits = { maxStep: 50 };

/** What rules are given. */
export interface Reviewed {
  changes: ObservedChanges;
  routes: readonly RouteDiff[];
  limits: PreviewLimits;
  /** Why the preview is not verified, one reason each; empty if it is. */
  unverified: readonly string[];
  /** What is in the cluster. @default not checked */
  live?: LiveView;
}

/** Finds one kind of warning. */
export type WarningRule = (reviewed: Reviewed) => Warning[];
