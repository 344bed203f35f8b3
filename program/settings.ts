import * as pulumi from "@pulumi/pulumi";
import type { CanaryAppArgs } from "../components";
import { checkCanaryApp } from "../components/canaryAppArgs";
import { Findings } from "../validation/problem";

/** What a stack's config says: the arguments of the CanaryApp, each under its own name. */
export interface Settings extends CanaryAppArgs {
  /** The app's name. */
  appName: string;
}

/** The keys of the config; Pulumi.yaml describes them. All but `appName` and `weight` are YAML of the argument of that name. */
const KEYS = [
  "appName", "versions", "weight", "weights", "hosts", "gateway", "internal", "mtls", "access", "routes", "sticky", "trafficPolicy",
  "namespace", "service", "mesh", "transition", "pod", "disruptionBudget", "replicasFollowWeight",
] as const;

/** Those whose default in Pulumi.yaml is an empty text or list, for "not set". */
const UNSET_IF_EMPTY: readonly string[] = ["internal", "mtls", "access"];

/**
 * Reads and checks a stack's config.
 *
 * @throws ValidationError that names every key that is wrong, before anything is registered.
 */
export function readSettings(config: pulumi.Config): Settings {
  const parsed = KEYS.map((key) => [key, parse(config.get(key))]).filter(([key, value]) => !isUnset(key as string, value));
  const given = { ...Object.fromEntries(parsed), appName: config.get("appName") ?? "" }; // a text even if it reads like a number
  // Pulumi demands a value for every key that Pulumi.yaml describes, so `weight` is 0 where nobody has set it.
  const settings = { ...given, ...(given.weights === undefined || given.weight !== 0 ? {} : { weight: undefined }) } as unknown as Settings;
  if (settings.weight === 0 && Array.isArray(settings.versions) && settings.versions.length === 1) {
    settings.weight = undefined;
  }
  const findings = Findings.at(`${config.name}:`);
  checkKeys(config.name, findings);
  checkCanaryApp(settings.appName, settings, findings);
  findings.throwIfAny(`The config of stack "${pulumi.getStack()}"`);
  return settings;
}

/** Records the keys of this project that the program does not read: a misspelt one would be passed over in silence. */
function checkKeys(project: string, findings: Findings): void {
  const keys = Object.keys(pulumi.runtime.allConfig()).filter((key) => key.startsWith(`${project}:`));
  for (const key of keys.map((each) => each.slice(project.length + 1)).filter((each) => !KEYS.some((known) => known === each))) {
    findings.field(key).add("is no key of this program", `known are ${KEYS.join(", ")}`);
  }
}

/** A config value as data. What is no JSON is text, and if text is wrong there, the check says so. */
function parse(text: string | undefined): unknown {
  if (text === undefined) {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Empty objects are defaults in Pulumi.yaml and mean "not set"; of lists, `hosts` says something when it is empty. */
function isUnset(key: string, value: unknown): boolean {
  if (UNSET_IF_EMPTY.includes(key) && (value === "" || (Array.isArray(value) && value.length === 0))) {
    return true;
  }
  return value === undefined || (typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0);
}
