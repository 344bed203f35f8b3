import { otherConfig, otherSource } from "./config";
import { claimedElsewhere, existsAlready, kubectlUndone } from "./live";
import { engine, policyNotEvaluated } from "./messages";
import {
  drift,
  hostStar,
  imageTag,
  outsideApp,
  replacement,
  secretRoutes,
  unknownRoutes,
  unverified,
} from "./resources";
import { largeStep, otherImage, removedWithTraffic, versionNotReady } from "./traffic";
import type { Reviewed, Warning, WarningRule } from "./warning";

/** Those that say that the rest may not be true come first, then those about traffic. */
const RULES: readonly WarningRule[] = [
  unverified,
  policyNotEvaluated,
  secretRoutes,
  unknownRoutes,
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
