import type { ObservedChanges } from "../change/resourceChange";
import type { LiveView } from "../live/liveView";
import type { RouteDiff } from "../traffic/trafficDiff";

/** What a reviewer is warned of; the names are part of the JSON output and stay as they are. */
export const WarningCode = {
  /** More traffic moves at once than is allowed. */
  LargeStep: "large-step",
  /** A version gets traffic in the same change in which it comes. */
  NewVersion: "new-version-with-traffic",
  /** A version gets traffic and has no pod. */
  NoReplicas: "no-replicas",
  /** A route names a version that no DestinationRule has. */
  MissingVersion: "missing-version",
  /** A version keeps its name and gets another image. */
  OtherImage: "other-image",
  /** A version that serves keeps its name and its image, and gets another config. */
  OtherConfig: "other-config",
  /** Somebody changed a field with kubectl, and the `up` takes that back. */
  KubectlUndone: "kubectl-undone",
  /** Another object of the cluster has a host or a gateway's port, too. */
  Claimed: "claimed-elsewhere",
  /** An object that is to be created is on the cluster already. */
  Exists: "exists-already",
  /** A version goes that has traffic. */
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
  /** The preview could not ask the cluster. */
  Unverified: "unverified",
  /** A route cannot be told because of secrets in it. */
  SecretRoutes: "secret-routes",
  /** A route cannot be told because a value in it is not known yet. */
  UnknownRoutes: "unknown-routes",
  /** A policy could not be evaluated because a value is not known yet. */
  PolicyNotEvaluated: "policy-not-evaluated",
  /** The engine or a provider warned. */
  Engine: "engine",
  /** A policy that does not keep the `up` from being done. */
  Policy: "policy",
} as const;
export type WarningCode = (typeof WarningCode)[keyof typeof WarningCode];

/** One warning. */
export interface Warning {
  code: WarningCode;
  /** The whole of it, for people, with the figures. */
  text: string;
}

/** What is too much for whoever runs the preview. */
export interface PreviewLimits {
  /** The largest part of a route's requests that may move in one change, in percentage points, 1 to 100. @default 50 */
  maxStep: number;
}

/** The limits where nobody sets any. */
export const DEFAULT_LIMITS: PreviewLimits = { maxStep: 50 };

/** What rules look at. */
export interface Reviewed {
  changes: ObservedChanges;
  routes: readonly RouteDiff[];
  limits: PreviewLimits;
  /** Why the preview is no proof, one reason each; empty if it is one. */
  unverified: readonly string[];
  /** What is on the cluster. @default not asked */
  live?: LiveView;
}

/** Finds one kind of thing to warn of. */
export type WarningRule = (reviewed: Reviewed) => Warning[];
