import { isObject } from "../internal/objects";

/**
 * How a stack's config holds an app's arguments: each under its own name, as YAML or as text. Pulumi demands a value
 * for every key that Pulumi.yaml describes, so some values there mean "not set".
 */

/** Those that are texts even if they read like something else. */
const TEXTS: readonly string[] = ["appName"];

/** Those whose default in Pulumi.yaml is an empty text or list, for "not set". */
const UNSET_IF_EMPTY: readonly string[] = ["internal", "mtls", "access", "externalScaling"];

/**
 * The arguments that a config holds.
 *
 * @param values Its values by short key, as texts (the way the engine hands them out) or as data (the way the file
 *   holds them).
 */
export function appArguments(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const parsed = Object.entries(values).map(([key, value]) => [key, dataOf(key, value)] as const);
  const given = Object.fromEntries(parsed.filter(([key, value]) => !isUnset(key, value)));
  const lone = Array.isArray(given.versions) && given.versions.length === 1;
  const { weight, ...rest } = given;
  return weight === undefined || (weight === 0 && (lone || given.weights !== undefined)) ? rest : given;
}

/** A config value as data. What is no JSON is text, and if text is wrong there, the check says so. */
export function dataOf(key: string, value: unknown): unknown {
  if (typeof value !== "string") {
    return TEXTS.includes(key) && (typeof value === "number" || typeof value === "boolean") ? String(value) : value;
  }
  if (TEXTS.includes(key)) {
    return value;
  }
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** Empty objects are defaults in Pulumi.yaml and mean "not set"; of lists, `hosts` says something when it is empty. */
function isUnset(key: string, value: unknown): boolean {
  if (UNSET_IF_EMPTY.includes(key) && (value === "" || (Array.isArray(value) && value.length === 0))) {
    return true;
  }
  return value === undefined || (isObject(value) && Object.keys(value).length === 0);
}
