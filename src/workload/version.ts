import type { Input } from "@pulumi/pulumi";
import type { Plain } from "../istio/plain";
import { type TrafficPolicyArgs, checkTrafficPolicy } from "../istio/trafficPolicy";
import { shown } from "../validation/problem";
import { type Check, type Rule, exactlyOneOf, list, plain, required, setOf, shape } from "../validation/shape";
import { dnsLabel, flag, integer, pattern } from "../validation/values";
import { type AutoscalingArgs, autoscalingCheck } from "./autoscaling";
import { type DisruptionBudgetArgs, disruptionBudgetCheck } from "./disruption";
import { checkPodSpec } from "./pod";
import { type PodArgs, podArgsCheck, podMetadataCheck } from "./podArgs";
import { type VersionConfigArgs, versionConfigCheck } from "./versionConfig";

/** One version of the app: its pods, and how callers treat them. */
export interface VersionArgs {
  /**
   * The version's name, e.g. `v2`: the subset's name, the pods' label `version`, and the end of the Deployment's name.
   * A DNS label. It identifies this version for ever: another name is another version, with pods of its own.
   */
  name: string;
  /**
   * The image of the pods that CanaryApp defines itself: one container, not root, with a writable `/tmp`. Set this or
   * `podSpec`.
   */
  image?: Input<string>;
  /**
   * The pods' complete specification, a Kubernetes `PodSpec`, e.g. the `podSpec` of a `kx.PodBuilder`.
   * `serviceAccountName`, `terminationGracePeriodSeconds` and each container's `lifecycle.preStop` are filled in if it
   * omits them; a grace period must be longer than the containers' preStop sleep. Set this or `image`.
   */
  podSpec?: any;
  /**
   * Settings of the pods that are made from `image`; they replace those of the app's `pod`. With `podSpec`, only
   * `labels` and `annotations`.
   */
  pod?: Input<PodArgs>;
  /**
   * The version's configuration, in objects that are created and deleted with it: a change of weights back to a version
   * also goes back to its config. With `image`.
   */
  config?: VersionConfigArgs;
  /** The number of pods. 0 is only for versions without traffic. Deployment `spec.replicas`. @default 1 */
  replicas?: Input<number>;
  /** Autoscaling by resource usage, instead of `replicas`. HorizontalPodAutoscaler. */
  autoscaling?: AutoscalingArgs;
  /**
   * Whether someone else decides how many pods there are: a KEDA ScaledObject, a HorizontalPodAutoscaler or a
   * VerticalPodAutoscaler of your own, `kubectl scale`. Deployment `spec.replicas` is then omitted, an update keeps the
   * current number, and a new Deployment starts with one pod. Refused beside `replicas` and `autoscaling`. False
   * excludes one version from the app's `externalScaling`.
   * @default the app's `externalScaling`
   */
  externalScaling?: boolean;
  /** How many pods stay while nodes are drained. PodDisruptionBudget. @default the app's `disruptionBudget` */
  disruptionBudget?: DisruptionBudgetArgs;
  /**
   * How callers treat this version's pods. Each block that it sets replaces the service's whole block; the others are
   * the service's. DestinationRule `subsets[].trafficPolicy`.
   * @default the service's
   */
  trafficPolicy?: Input<TrafficPolicyArgs>;
}

/** Two versions may not have the same name. */
const namesApart: Check = (value, findings) => {
  const names = Array.isArray(value) ? Array.from<unknown>(value).map(nameOf) : [];
  names.forEach((name, index) => {
    const first = names.indexOf(name);
    if (typeof name === "string" && first !== index) {
      findings
        .field(index)
        .field("name")
        .add(`is ${shown(name)}, the name of versions[${first}] too`, "every version needs a name of its own");
    }
  });
};

/** The versions' names, oldest first; undefined if there are none, or they are invalid. */
export function versionNames(versions: unknown): string[] | undefined {
  const names = Array.isArray(versions) ? Array.from<unknown>(versions).map(nameOf) : [];
  return names.length > 0 && names.every((name) => typeof name === "string") ? names : undefined;
}

function nameOf(version: unknown): unknown {
  return typeof version === "object" && version !== null && "name" in version ? version.name : undefined;
}

/** The check of the versions. `longestName` is the longest name that the app's name leaves room for. */
export function versionsCheck(longestName: number): Check {
  const versions = list(plain(versionCheck(longestName)), "a list of versions, oldest first,", 1);
  return plain((value, findings) => {
    versions(value, findings);
    namesApart(value, findings);
  });
}

const image = pattern(/^\S+$/, "an image reference without spaces, such as registry.example.com/shop/myapp:2.0,");

/** The check of an image, which is required. */
export const imageCheck: Check = shape<Plain<Pick<VersionArgs, "image">>>({
  image: required(image, "an image reference"),
});

const replicas = integer(0, 2 ** 31 - 1, "a whole number of pods, 0 or more,");

/** The arguments that define a version's pods. */
export type VersionPods = Pick<VersionArgs, "image" | "podSpec" | "pod" | "replicas">;

/** The checks of {@link VersionPods}, of which that of `pod` depends on whether there is a `podSpec`. */
function podFields(version: unknown): Readonly<Record<keyof VersionPods, Check>> {
  const given =
    typeof version === "object" && version !== null && "podSpec" in version && version.podSpec !== undefined;
  return { image, podSpec: checkPodSpec, pod: given ? podMetadataCheck : podArgsCheck, replicas };
}

/** The check of the arguments that define a version's pods. */
export const versionPodsCheck: Check = (value, findings) =>
  shape<Plain<VersionPods>>(podFields(value), exactlyOneOf("image", "podSpec"))(value, findings);

/** The check of how callers treat a version's pods. */
export const versionPolicyCheck: Check = shape<Plain<Pick<VersionArgs, "trafficPolicy">>>({
  trafficPolicy: checkTrafficPolicy,
});

/** The check of one version. */
export function versionCheck(longestName?: number): Check {
  return (value, findings) =>
    shape<Plain<VersionArgs>>(
      {
        name: required(plain(dnsLabel(longestName)), "a DNS label"),
        ...podFields(value),
        config: plain(versionConfigCheck),
        autoscaling: plain(autoscalingCheck),
        externalScaling: plain(flag),
        disruptionBudget: plain(disruptionBudgetCheck),
        trafficPolicy: checkTrafficPolicy,
      },
      exactlyOneOf("image", "podSpec"),
      scaledByOne,
    )(value, findings);
}

/** A rule: only one argument decides how many pods there are. */
const scaledByOne: Rule<Plain<VersionArgs>> = (version, findings) => {
  const [first, second] = [
    ...setOf(version, ["replicas", "autoscaling"]),
    ...(version.externalScaling === true ? ["externalScaling"] : []),
  ];
  if (second !== undefined) {
    findings.field(first).add(`is set, and so is ${second}`, "only one of them may decide how many pods there are");
  }
};
