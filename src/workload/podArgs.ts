import type { Input } from "@pulumi/pulumi";
import type { Plain } from "../istio/plain";
import { labelsCheck } from "../validation/labels";
import { type Check, list, shape } from "../validation/shape";
import { extraFields, oneOf, text } from "../validation/values";
import { type EnvironmentReferenceArgs, environmentCheck, environmentReferencesCheck } from "./environment";
import { annotationsCheck, objectName, podLabelsCheck } from "./metadata";
import { type ProbeArgs, probeCheck } from "./probe";
import { type ResourcesArgs, resourcesCheck } from "./resources";
import { type SecurityArgs, securityCheck } from "./security";
import { type VolumeArgs, volumesCheck } from "./volume";

/** When a node pulls the image. */
export const ImagePullPolicy = {
  /** Only if the node does not have it. */
  IfNotPresent: "IfNotPresent",
  /** Before every start of a container. */
  Always: "Always",
  /** Never; the node must have it. */
  Never: "Never",
} as const;

/** One of {@link ImagePullPolicy}. */
export type ImagePullPolicy = (typeof ImagePullPolicy)[keyof typeof ImagePullPolicy];

/**
 * Settings of the pods of a version that is given by its `image`. Set for the app, they apply to every version. A
 * version's own settings replace those field by field; `env`, `labels`, `annotations` and `nodeSelector` name by name.
 */
export interface PodArgs {
  /** The program to run instead of the image's. Container `command`. @default the image's */
  command?: Input<Input<string>[]>;
  /** The program's arguments. Container `args`. @default the image's */
  args?: Input<Input<string>[]>;
  /** Environment variables by name. Container `env`. */
  env?: Input<Record<string, Input<string>>>;
  /** Environment variables from Secrets and ConfigMaps. Container `env[].valueFrom`. */
  envFrom?: Input<Input<EnvironmentReferenceArgs>[]>;
  /** The resources that the container requests and may use. Container `resources`. @default neither */
  resources?: Input<ResourcesArgs>;
  /**
   * The check that decides whether a pod gets requests. Container `readinessProbe`.
   * @default a TCP connection to the (first) port every 2 s
   */
  readinessProbe?: Input<ProbeArgs>;
  /**
   * The check that decides whether the container is restarted. Container `livenessProbe`.
   * @default none: never restarted
   */
  livenessProbe?: Input<ProbeArgs>;
  /**
   * The check that decides whether the container has started; the other probes wait for it. Container `startupProbe`.
   * @default none
   */
  startupProbe?: Input<ProbeArgs>;
  /** Volumes, in addition to the writable `/tmp`. PodSpec `volumes` and Container `volumeMounts`. */
  volumes?: Input<Input<VolumeArgs>[]>;
  /**
   * The user that the pods run as, and what they may do. PodSpec and Container `securityContext`.
   * @default "restricted"
   */
  security?: Input<SecurityArgs>;
  /** When a node pulls the image. Container `imagePullPolicy`. @default "IfNotPresent" */
  imagePullPolicy?: Input<ImagePullPolicy>;
  /** Names of Secrets with which the image is pulled. PodSpec `imagePullSecrets`. */
  imagePullSecrets?: Input<Input<string>[]>;
  /** An existing ServiceAccount. PodSpec `serviceAccountName`. @default the app's own */
  serviceAccountName?: Input<string>;
  /** How important the pods are, by a PriorityClass's name. PodSpec `priorityClassName`. @default the cluster's */
  priorityClassName?: Input<string>;
  /** Labels that a node must have. PodSpec `nodeSelector`. @default any node */
  nodeSelector?: Input<Record<string, Input<string>>>;
  /**
   * More labels for the pods; not `app` and `version`. They apply to versions with a `podSpec`, too. Pod
   * `metadata.labels`.
   */
  labels?: Input<Record<string, Input<string>>>;
  /**
   * Annotations for the pods, e.g. Istio's for the sidecar. They apply to versions with a `podSpec`, too. Pod
   * `metadata.annotations`.
   */
  annotations?: Input<Record<string, Input<string>>>;
  /**
   * Fields of Kubernetes' PodSpec that have no argument here, e.g. `tolerations`; not `containers`. They win over ours.
   */
  extra?: any;
  /** Fields of Kubernetes' Container that have no argument here, e.g. `envFrom`. They win over ours. */
  containerExtra?: any;
}

const ARGUMENTS = list((value, findings) => {
  if (typeof value !== "string") {
    findings.add("is not a string", "a string is needed: put numbers and booleans in quotes");
  }
}, "a list of texts");

const podExtra: Check = (value, findings) => {
  extraFields(value, findings);
  if (typeof value === "object" && value !== null && "containers" in value) {
    findings
      .field("containers")
      .add(
        "is set",
        "CanaryApp makes the container itself; for more than one, set the version's podSpec instead of image",
      );
  }
};

const METADATA = { labels: podLabelsCheck, annotations: annotationsCheck };

/** The check of `pod`. */
export const podArgsCheck: Check = shape<Plain<PodArgs>>({
  command: list(text("a text"), "a list of texts, the program first,", 1),
  args: ARGUMENTS,
  env: environmentCheck,
  envFrom: environmentReferencesCheck,
  resources: resourcesCheck,
  readinessProbe: probeCheck(true),
  livenessProbe: probeCheck(false),
  startupProbe: probeCheck(false),
  volumes: volumesCheck,
  security: securityCheck,
  imagePullPolicy: oneOf(Object.values(ImagePullPolicy)),
  imagePullSecrets: list(objectName, "a list of Secrets' names"),
  serviceAccountName: objectName,
  priorityClassName: objectName,
  nodeSelector: labelsCheck,
  ...METADATA,
  extra: podExtra,
  containerExtra: extraFields,
});

/** The check of `pod` beside a `podSpec`: only labels and annotations around the specification can be set. */
export const podMetadataCheck: Check = (value, findings) => {
  const all = Object.keys(typeof value === "object" && value !== null ? value : {});
  const own = all.filter((name) => !Object.hasOwn(METADATA, name));
  if (own.length === 0) {
    shape(METADATA)(value, findings);
  }
  for (const name of own) {
    findings
      .field(name)
      .add("is set beside podSpec", "set it in the podSpec; only labels and annotations are allowed here");
  }
};

/** The settings of a version's pods, merged from those of the app and of the version. */
export function mergePods(app: Plain<PodArgs> = {}, version: Plain<PodArgs> = {}): Plain<PodArgs> {
  const merged = { ...app, ...Object.fromEntries(Object.entries(version).filter(([, value]) => value !== undefined)) };
  for (const name of ["env", "labels", "annotations", "nodeSelector"] as const) {
    if (app[name] !== undefined && version[name] !== undefined) {
      merged[name] = { ...app[name], ...version[name] };
    }
  }
  return merged;
}
