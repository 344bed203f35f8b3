import { createHash, scryptSync } from "node:crypto";
import type { Input } from "@pulumi/pulumi";
import { isObject } from "../internal/objects";
import type { Plain } from "../istio/plain";
import { type Findings, shown } from "../validation/problem";
import { type Check, type Rule, atLeastOneOf, entries, setOf, shape } from "../validation/shape";
import { isKnown } from "../validation/unknown";
import { flag } from "../validation/values";
import { VARIABLE } from "./environment";
import { folder } from "./volume";

/**
 * The configuration of one version, in objects of its own: created before the version's pods and deleted after them, so
 * that a change of weights back to a version also goes back to its config. The objects never change: a changed text
 * creates new ones, and the version's pods are replaced as for a new image.
 */
export interface VersionConfigArgs {
  /** Texts by key, stored in a ConfigMap, which is no place for secrets. ConfigMap `data`. */
  data?: Input<Record<string, Input<string>>>;
  /** Secret texts by key; none of the keys may be in `data`, too. Secret `stringData`. */
  secrets?: Input<Record<string, Input<string>>>;
  /**
   * The directory in which each key is a file, starting with `/`. Container `volumeMounts[].mountPath` and PodSpec
   * `volumes[].projected`.
   * @default no files
   */
  mountPath?: Input<string>;
  /**
   * Whether each key is an environment variable; `pod.env` and `pod.envFrom` take precedence. Container `envFrom`.
   * @default true, unless `mountPath` is set
   */
  environment?: Input<boolean>;
}

/** Where a pod finds its version's config. */
export interface ConfigSources {
  /** The ConfigMap's name, if there is one. */
  configMap?: string;
  /** The Secret's name, if there is one. */
  secret?: string;
  /** The directory for the keys as files. */
  mountPath?: string;
  /** Whether the keys are environment variables. */
  environment: boolean;
}

/** The maximum size of a ConfigMap or Secret in Kubernetes, in bytes. */
const LARGEST = 1024 * 1024;

const KEY = /^(?!\.\.?$)[-._a-zA-Z0-9]{1,253}$/;

const key: Check = (name, findings) => {
  if (typeof name !== "string" || !KEY.test(name)) {
    findings.add(
      "is not a valid key",
      "a key has at most 253 letters, digits, '-', '_' and '.', and is neither . nor ..",
    );
  }
};

const value: Check = (given, findings) => {
  if (typeof given !== "string") {
    findings.add("is not a string", "a string is needed: put numbers and booleans in quotes");
  }
};

const texts = (what: string): Check => {
  const each = entries(`an object of ${what} by key`, value, key);
  return (given, findings) => {
    const before = findings.all().length;
    each(given, findings);
    if (findings.all().length > before || !isObject(given)) {
      return;
    }
    const known = Object.entries(given).filter(([, text]) => isKnown(text)) as [string, string][];
    const size = known.reduce((sum, [name, text]) => sum + Buffer.byteLength(name) + Buffer.byteLength(text), 0);
    if (Object.keys(given).length === 0) {
      findings.add("is empty", "at least one key is needed; leave it out otherwise");
    } else if (size > LARGEST) {
      findings.add(`has ${size} bytes`, `Kubernetes takes at most ${LARGEST} in one object`);
    }
  };
};

/** A rule: the config is used by something, and each key has one text. */
const read: Rule<Plain<VersionConfigArgs>> = (config, findings) => {
  if (config.environment === false && config.mountPath === undefined) {
    findings.field("environment").add("is false without mountPath", "the pods would not get the config");
  }
  for (const name of keysOf(config.secrets).filter((each) => keysOf(config.data).includes(each))) {
    findings.field("secrets").field(name).add("is a key of data, too", "a key may be in only one of them");
  }
  if (isEnvironment(config)) {
    for (const place of ["data", "secrets"] as const) {
      for (const name of keysOf(config[place]).filter((each) => !VARIABLE.test(each))) {
        findings
          .field(place)
          .field(name)
          .add(`is ${shown(name)}, which is not a valid variable name`, "for keys that are file names, set mountPath");
      }
    }
  }
};

function keysOf(given: unknown): string[] {
  return isObject(given) ? Object.keys(given) : [];
}

/** The check of a version's config. */
export const versionConfigCheck: Check = shape<Plain<VersionConfigArgs>>(
  { data: texts("texts"), secrets: texts("secret texts"), mountPath: folder, environment: flag },
  atLeastOneOf("data", "secrets"),
  read,
);

/** Whether the keys are environment variables. */
export function isEnvironment({ environment, mountPath }: Plain<VersionConfigArgs>): boolean {
  return isKnown(environment) && (environment ?? mountPath === undefined);
}

/** Records what keeps a version's config from reaching its pods. */
export function checkConfigBeside(
  version: { config?: unknown; podSpec?: unknown },
  { volumes, extra, containerExtra }: Readonly<Record<string, unknown>>,
  findings: Findings,
): void {
  const { config } = version;
  if (setOf(version, ["config", "podSpec"]).length === 2) {
    findings
      .field("config")
      .add("is set beside podSpec", "it is for pods made from image; a podSpec names its own ConfigMaps and Secrets");
  }
  const mountPath = isObject(config) ? config.mountPath : undefined;
  for (const [field, given, name] of [
    ["extra", extra, "volumes"],
    ["containerExtra", containerExtra, "volumeMounts"],
  ] as const) {
    if (mountPath !== undefined && isObject(given) && given[name] !== undefined) {
      findings
        .field("config")
        .field("mountPath")
        .add(`is set beside pod.${field}.${name}`, "which takes the place of all volumes: use pod.volumes instead");
    }
  }
  const taken = (Array.isArray(volumes) ? Array.from<unknown>(volumes) : []).filter(isObject);
  if (typeof mountPath === "string" && taken.some((volume) => volume.mountPath === mountPath)) {
    findings
      .field("config")
      .field("mountPath")
      .add(`is ${shown(mountPath)}, where a volume of pod.volumes is mounted`, "a directory can have only one volume");
  }
}

/** A name for a ConfigMap that no other content has. */
export function configMapName(owner: string, data: Readonly<Record<string, string>>): string {
  return `${owner}-${createHash("sha256").update(canonical(data)).digest("hex").slice(0, DIGITS)}`;
}

/**
 * A name for a Secret that no other content has. Whoever can read pods can read it, so it is made by a slow hash: short
 * secrets cannot be found by trying.
 */
export function secretName(owner: string, data: Readonly<Record<string, string>>): string {
  return `${owner}-${scryptSync(canonical(data), owner, DIGITS / 2, { N: 2 ** 15, maxmem: 2 ** 26 }).toString("hex")}`;
}

const DIGITS = 10;

/** The content as a text that does not depend on the order of the keys. */
function canonical(data: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(data).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Kubernetes' `EnvFromSource`s for a version's config. */
export function renderConfigVariables(sources: ConfigSources): object[] {
  return sources.environment ? references(sources, "Ref") : [];
}

/** Kubernetes' `Volume` and `VolumeMount` for a version's config; undefined without a directory. */
export function renderConfigVolume(
  sources: ConfigSources,
  taken: readonly string[],
): { volume: object; mount: object } | undefined {
  const { mountPath } = sources;
  if (mountPath === undefined) {
    return undefined;
  }
  const name = taken.includes("config") ? "canary-config" : "config";
  return { volume: { name, projected: { sources: references(sources) } }, mount: { name, mountPath, readOnly: true } };
}

/** The ConfigMap and the Secret, as far as they exist, as fields `configMap` and `secret`, with this ending. */
function references({ configMap, secret }: ConfigSources, ending = ""): object[] {
  return Object.entries({ configMap, secret }).flatMap(([kind, name]) =>
    name === undefined ? [] : [{ [kind + ending]: { name } }],
  );
}
