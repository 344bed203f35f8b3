import { otherConfig, otherSource } from "./config";
import { claimedElsewhere, existsAlready, kubectlUndone } from "./live";
import { drift, engine, hostStar, imageTag, outsideApp, replacement, secretRoutes, unverified } from "./resources";
import { largeStep, otherImage, removedWithTraffic, versionNotReady } from "./traffic";
import type { Reviewed, Warning, WarningRule } from "./warning";

/** Those that say that the rest may not be true come first, then those about traffic. */
const RULES: readonly WarningRule[] = [
  unverified,
  secretRoutes,
  drift,
  kubectlUndone,
  claimedElsewhere,
  existsAlready,
  largeStep,
  versionNotReady,
  removedWithTraffic,
  otherImage,
  otherConfig,
  otherSource,
  replacement,
  hostStar,
  imageTag,
  outsideApp,
  engine,
];

/** All that a reviewer should know. */
export function warningsOf(reviewed: Reviewed): Warning[] {
  return RULES.flatMap((rule) => rule(reviewed));
}
