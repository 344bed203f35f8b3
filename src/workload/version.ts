import type { Input } from "@pulumi/pulumi";
import { checkFields } from "../validation/fields";
import { checkKnown } from "../validation/kinds";
import { checkDnsLabel } from "../validation/names";
import { checkInteger } from "../validation/numbers";
import type { Plain } from "../istio/plain";
import { Findings, shown } from "../validation/problem";
import { type TrafficPolicyArgs, checkTrafficPolicy } from "../istio/trafficPolicy";
import { isKnown } from "../validation/unknown";
import { type AutoscalingArgs, autoscalingCheck } from "./autoscaling";
import { type DisruptionBudgetArgs, disruptionBudgetCheck } from "./disruption";
import { checkPodSpec } from "./pod";
import { type PodArgs, podArgsCheck, podMetadataCheck } from "./podArgs";

/** One version of the app: its pods, and how callers treat them. */
export interface VersionArgs {
  /**
   * The version's name, e.g. `v2`: the subset's name, the pods' label `version`, and the end of the Deployment's name.
   * A DNS label. It stands for this version for ever: another name is another version, with pods of its own.
   */
  name: string;
  /**
   * The pods' image, for the pod that CanaryApp makes itself: one container, not root, with a writable `/tmp`. Set this
   * or `podSpec`.
   */
  image?: Input<string>;
  /**
   * The pods' whole specification, a Kubernetes `PodSpec`, e.g. the `podSpec` of a `kx.PodBuilder`. What it leaves out
   * of `serviceAccountName`, `terminationGracePeriodSeconds` and the first container's `lifecycle.preStop` is filled
   * in. Set this or `image`.
   */
  podSpec?: any;
  /**
   * What the pods made from `image` are like; it takes the place of what the app's `pod` says. With `podSpec`, only
   * `labels` and `annotations`.
   */
  pod?: Input<PodArgs>;
  /** How many pods. 0 is for versions without traffic. @default 1. Deployment `spec.replicas`. */
  replicas?: Input<number>;
  /** How many pods, by what they use, in place of `replicas`. HorizontalPodAutoscaler. */
  autoscaling?: AutoscalingArgs;
  /** How many pods stay while nodes are drained. @default the app's `disruptionBudget`. PodDisruptionBudget. */
  disruptionBudget?: DisruptionBudgetArgs;
  /**
   * How callers treat this version's pods. Each block that it sets takes the place of the service's whole block; the
   * others are the service's. DestinationRule `subsets[].trafficPolicy`. @default the service's
   */
  trafficPolicy?: Input<TrafficPolicyArgs>;
}

/** Records what is wrong with the versions. `longestName` is what the app's name leaves for them. */
export function checkVersions(versions: readonly Plain<VersionArgs>[], findings: Findings, longestName: number): void {
  if (!Array.isArray(versions) || versions.length === 0) {
    findings.add(
      versions === undefined ? "is missing" : `is ${shown(versions)}`,
      "a list of at least one version is needed, oldest first",
    );
    return;
  }
  for (const [index, version] of versions.entries()) {
    const field = findings.field(index);
    if (!checkKnown(version, field)) {
      continue;
    }
    if (
      typeof version === "object" &&
      version !== null &&
      !Array.isArray(version) &&
      checkKnown(version.name, field.field("name"))
    ) {
      checkDnsLabel(version.name, field.field("name"), longestName);
    }
    checkVersion(version, field);
  }
  const names = versions.map((version) => version?.name);
  names.forEach((name, index) => {
    const first = names.indexOf(name);
    if (typeof name === "string" && first !== index) {
      findings
        .field(index)
        .field("name")
        .add(`is ${shown(name)}, the name of versions[${first}] too`, "every version needs a name of its own");
    }
  });
}

/** Records what is wrong with one version, apart from its name. */
export function checkVersion(version: Plain<VersionArgs>, findings: Findings): void {
  if (
    !checkFields(
      version,
      ["name", "image", "podSpec", "pod", "replicas", "autoscaling", "disruptionBudget", "trafficPolicy"],
      findings,
    )
  ) {
    return;
  }
  if ((version.image === undefined) === (version.podSpec === undefined)) {
    const what = version.image === undefined ? "has neither image nor podSpec" : "has both image and podSpec";
    findings.add(what, "exactly one of them is needed");
  }
  if (
    version.image !== undefined &&
    isKnown(version.image) &&
    (typeof version.image !== "string" || !/^\S+$/.test(version.image))
  ) {
    findings
      .field("image")
      .add(
        `is ${shown(version.image)}`,
        "an image reference without spaces is needed, such as registry.example.com/shop/myapp:2.0",
      );
  }
  if (version.podSpec !== undefined) {
    checkPodSpec(version.podSpec, findings.field("podSpec"));
  }
  if (version.pod !== undefined && isKnown(version.pod)) {
    const check = version.podSpec === undefined ? podArgsCheck : podMetadataCheck;
    check(version.pod, findings.field("pod"));
  }
  if (version.autoscaling !== undefined && checkKnown(version.autoscaling, findings.field("autoscaling"))) {
    autoscalingCheck(version.autoscaling, findings.field("autoscaling"));
    if (version.replicas !== undefined) {
      findings
        .field("replicas")
        .add("is set, and so is autoscaling", "only one of them may say how many pods there are");
    }
  }
  if (
    version.disruptionBudget !== undefined &&
    checkKnown(version.disruptionBudget, findings.field("disruptionBudget"))
  ) {
    disruptionBudgetCheck(version.disruptionBudget, findings.field("disruptionBudget"));
  }
  if (version.replicas !== undefined) {
    checkInteger(version.replicas, findings.field("replicas"), 0, 2 ** 31 - 1, "a whole number of pods, 0 or more,");
  }
  if (version.trafficPolicy !== undefined) {
    checkTrafficPolicy(version.trafficPolicy, findings.field("trafficPolicy"));
  }
}
