import type { Input } from "@pulumi/pulumi";
import type { Plain } from "../istio/plain";
import { type Check, exactlyOneOf, list, required, shape } from "../validation/shape";
import { dnsLabel, flag, oneOf, pattern } from "../validation/values";
import { objectName } from "./metadata";
import { quantity } from "./resources";

/** An empty directory that lives as long as its pod. */
export interface EmptyDirArgs {
  /** Where it is stored: "" for the node's disk, `Memory` for its memory. Volume `emptyDir.medium`. @default "" */
  medium?: Input<string>;
  /**
   * Its maximum size, e.g. `64Mi`; a pod that exceeds it is evicted. Volume `emptyDir.sizeLimit`.
   * @default the node's limit
   */
  sizeLimit?: Input<string>;
}

/**
 * A volume and where it is mounted; set exactly one of `emptyDir`, `configMap`, `secret` and `persistentVolumeClaim`.
 */
export interface VolumeArgs {
  /** Its name, unique in the pod. A DNS label. PodSpec `volumes[].name`. */
  name: Input<string>;
  /**
   * The directory that it is mounted on, starting with `/`. With `/tmp`, it replaces our own volume there. Container
   * `volumeMounts[].mountPath`.
   */
  mountPath: Input<string>;
  /** The file or directory of the volume that is mounted. Container `volumeMounts[].subPath`. @default all of it */
  subPath?: Input<string>;
  /** Whether the container can only read it. Container `volumeMounts[].readOnly`. @default false */
  readOnly?: Input<boolean>;
  /** An empty directory; `{}` for one without limits. Volume `emptyDir`. */
  emptyDir?: Input<EmptyDirArgs>;
  /** The name of a ConfigMap, whose keys become files. Volume `configMap.name`. */
  configMap?: Input<string>;
  /** The name of a Secret, whose keys become files. Volume `secret.secretName`. */
  secret?: Input<string>;
  /**
   * The name of a PersistentVolumeClaim. While a new image rolls out, two pods use it at once. Volume
   * `persistentVolumeClaim.claimName`.
   */
  persistentVolumeClaim?: Input<string>;
}

/** A directory to mount on. The path starts with '/', and Kubernetes allows no ':' in it. */
export const folder = pattern(/^\/[^:]*$/, "a folder that starts with / and has no : in it");

/** The check of a pod's volumes. */
export const volumesCheck: Check = (value, findings) => {
  const before = findings.all().length;
  each(value, findings);
  if (findings.all().length === before && Array.isArray(value)) {
    for (const name of ["name", "mountPath"] as const) {
      const texts = value.map((volume) => (volume as Partial<Record<string, unknown>>)[name]);
      texts.forEach((text, index) => {
        const first = texts.indexOf(text);
        if (typeof text === "string" && first !== index) {
          findings
            .field(index)
            .field(name)
            .add(`is ${JSON.stringify(text)}, as in volumes[${first}]`, "every volume needs its own");
        }
      });
    }
  }
};

const each = list(
  shape<Plain<VolumeArgs>>(
    {
      name: required(dnsLabel(), "a DNS label"),
      mountPath: required(folder, "a folder"),
      subPath: pattern(
        /^(?!\/)(?!(.*\/)?\.\.(\/|$)).+$/,
        "a path inside the volume, without / at its start and without ..",
      ),
      readOnly: flag,
      emptyDir: shape({ medium: oneOf(["", "Memory"]), sizeLimit: quantity }),
      configMap: objectName,
      secret: objectName,
      persistentVolumeClaim: objectName,
    },
    exactlyOneOf("emptyDir", "configMap", "secret", "persistentVolumeClaim"),
  ),
  "a list of volumes",
);

/** Kubernetes' `Volume`. */
export function renderVolume({ name, emptyDir, configMap, secret, persistentVolumeClaim }: Plain<VolumeArgs>): object {
  return {
    name,
    ...(emptyDir && { emptyDir }),
    ...(configMap && { configMap: { name: configMap } }),
    ...(secret && { secret: { secretName: secret } }),
    ...(persistentVolumeClaim && { persistentVolumeClaim: { claimName: persistentVolumeClaim } }),
  };
}

/** Kubernetes' `VolumeMount`. */
export function renderMount({ name, mountPath, subPath, readOnly }: Plain<VolumeArgs>): object {
  return {
    name,
    mountPath,
    ...(subPath === undefined ? {} : { subPath }),
    ...(readOnly === undefined ? {} : { readOnly }),
  };
}
