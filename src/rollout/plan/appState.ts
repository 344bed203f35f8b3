import { isObject } from "../../internal/objects";
import { appArguments } from "../../config/appConfig";
import type { ConfigSource } from "../../config/configText";
import type { ConfigValues } from "../../config/configValues";
import { explained } from "../../config/explained";
import type { StackConfig } from "../../config/stackConfig";
import type { Plain } from "../../istio/plain";
import { domainInValues } from "../../istio/clusterDomain";
import { EVERY_REQUEST, type RouteArgs } from "../../istio/route";
import { checkRouting } from "../../istio/routing";
import { resolveWeights } from "../../istio/weights";
import { checkDnsLabel } from "../../validation/names";
import { Findings, shown } from "../../validation/problem";
import type { Weights } from "../weights";

/** Where a program keeps what a rollout needs to know, if it is not this repository's program. */
export interface AppSelection {
  /** What comes before the `:` of its keys. @default the project's name */
  prefix?: string;
  /** The app's name. @default the config's `appName` */
  app?: string;
  /** The app's namespace. @default the config's `namespace`, or its `name`; then the app's name */
  namespace?: string;
  /** The versions' names, oldest first. @default those of the config's `versions`; then those that `weights` names */
  versions?: readonly string[];
}

/** How things stand before a run, and where that is written. */
export interface AppState {
  app: string;
  namespace: string;
  /** What comes before the `:` of the keys. */
  prefix: string;
  /** Oldest first. */
  versions: readonly string[];
  /** The shares that the config asks for. */
  weights: Weights;
  /**
   * Whether the shares are kept as one number, the newest of two versions', under `weight`; else by name, under
   * `weights`.
   */
  byNewest: boolean;
  routes: readonly Plain<RouteArgs>[];
  /** All values with the prefix, defaults included, by short key. */
  values: Readonly<Record<string, unknown>>;
  /** What the stack's file has under the keys that a run may write; null for one that it does not set. */
  own: ConfigValues;
  /** How the file spells them. */
  source?: ConfigSource;
}

/**
 * Reads from a stack's config how its app stands.
 *
 * @throws ValidationError that names every key from which it cannot be told.
 */
export function appStateOf(config: StackConfig, options: AppSelection = {}): AppState {
  const prefix = options.prefix ?? config.project;
  return explained(config, prefix, () => stateOf(config, prefix, options));
}

function stateOf(config: StackConfig, prefix: string, options: AppSelection): AppState {
  const findings = Findings.at(`${prefix}:`);
  const values = { ...withPrefix(prefix, config.defaults ?? {}), ...withPrefix(prefix, config.values) };
  const args = appArguments(values);
  const versions = options.versions ?? versionsOf(args, findings.field("versions"));
  const app = options.app ?? args.appName;
  checkDnsLabel(app, findings.field("appName"));
  const namespace = options.namespace ?? namespaceOf(args.namespace) ?? app;
  const weights = resolveWeights(versions, args, findings);
  checkRouting(
    args as { routes?: Plain<RouteArgs>[] },
    { versions: versions.length > 0 ? versions : undefined },
    findings,
  );
  findings.throwIfAny(`The config of ${shown(prefix)}`);
  if (weights === undefined) {
    findings
      .field(args.weights === undefined ? "weight" : "weights")
      .add("is a secret", "weights must be readable to be changed: set them without --secret");
    findings.throwIfAny(`The config of ${shown(prefix)}`);
  }
  const byNewest = args.weights === undefined;
  const keys = [byNewest ? "weight" : "weights", "routes"].map((key) => `${prefix}:${key}`);
  return {
    app: app as string,
    namespace: namespace as string,
    prefix,
    versions,
    weights: weights as Weights,
    byNewest,
    routes: (args.routes as Plain<RouteArgs>[] | undefined) ?? EVERY_REQUEST,
    values,
    own: Object.fromEntries(keys.map((key) => [key, config.values[key] ?? null])),
    source: config.sourceOf?.(keys),
  };
}

/** The settings of a rollout that a stack's config holds; none if it holds no key `rollout`. Not checked. */
export function rolloutOf(config: StackConfig, prefix: string = config.project): unknown {
  const { rollout } = appArguments({
    ...withPrefix(prefix, config.defaults ?? {}),
    ...withPrefix(prefix, config.values),
  });
  return rollout ?? {};
}

/** The domain of the cluster's Services that a stack's config gives to the app; undefined if it gives none. */
export function clusterDomainOf(config: StackConfig, prefix: string = config.project): string | undefined {
  const { mesh } = appArguments({
    ...withPrefix(prefix, config.defaults ?? {}),
    ...withPrefix(prefix, config.values),
  });
  const { clusterDomain, istiodValues } = isObject(mesh) ? mesh : {};
  return typeof clusterDomain === "string" ? clusterDomain : domainInValues(istiodValues);
}

function withPrefix(prefix: string, values: ConfigValues): Record<string, unknown> {
  const own = Object.entries(values).filter(
    ([key, value]) => key.startsWith(`${prefix}:`) && value !== null && value !== undefined,
  );
  return Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length + 1), value]));
}

function versionsOf({ versions, weights }: Record<string, unknown>, findings: Findings): string[] {
  const before = findings.all().length;
  const names = Array.isArray(versions)
    ? namesIn(versions, findings)
    : namesWithoutList(keysOf(versions ?? weights), findings);
  if (names.length === 0 && findings.all().length === before) {
    findings.add(
      versions === undefined ? "is missing" : `is ${shown(versions)}`,
      "expected a list of versions, oldest first, with unique names",
    );
  }
  return findings.all().length === before ? (names as string[]) : [];
}

/** Those of objects with a name, or of plain texts. */
function namesIn(versions: readonly unknown[], findings: Findings): unknown[] {
  const names = versions.map((each) => (isObject(each) ? each.name : each));
  names.forEach((name, index) => {
    const field = isObject(versions[index]) ? findings.field(index).field("name") : findings.field(index);
    if (field.addNoText(name, NAME)) {
      return;
    }
    if (typeof name !== "string") {
      field.add(name === undefined ? "is missing" : `is ${shown(name)}`, NAME);
    } else if (names.indexOf(name) < index) {
      field.add(`is ${shown(name)}, the name of versions[${names.indexOf(name)}] too`, NAME);
    }
  });
  return names;
}

const NAME = "every version needs a name of its own";

/** An object has names of digits in the order of their numbers, which says nothing of the versions' age. */
function namesWithoutList(names: readonly string[], findings: Findings): readonly string[] {
  const numeric = names.find((name) => /^(0|[1-9]\d*)$/.test(name));
  if (numeric !== undefined && names.length > 1) {
    findings.add(
      `is no list, and ${numeric} has digits only`,
      "the order of such names gets lost: declare versions as a list, oldest first",
    );
  }
  return names;
}

function keysOf(value: unknown): string[] {
  return isObject(value) ? Object.keys(value) : [];
}

function namespaceOf(value: unknown): unknown {
  const name = isObject(value) ? value.name : value;
  return typeof name === "string" && name !== "" ? name : undefined;
}
