import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { typeOf } from "../../src/internal/pulumiSdk/marks";
import { Findings } from "../../src/validation/problem";

/** Something in a cluster that only one component can have, or several under conditions. */
export interface Claim {
  /** What is claimed. Claims with the same key conflict. */
  key: string;
  /** The argument that the claim comes from, relative to all arguments. */
  at: (findings: Findings) => Findings;
  /** What is wrong if another component claims it, too. */
  what: (other: string) => string;
  /** What to do about it. */
  todo: string;
  /**
   * Whether the claim is compatible with another one of the same key, given the {@link detail} of that one.
   * @default never compatible
   */
  fitsBeside?: (detail: unknown) => boolean;
  /** What other claims need to know of this one, for their {@link fitsBeside}. */
  detail?: unknown;
  /** Whether this conflict hides all others with the same component, because they follow from it. @default false */
  isWhole?: boolean;
}

/** The owner of claims. */
export interface Claimant {
  /** The component, for messages: `CanaryApp "shop"`. */
  name: string;
  /**
   * Identifies the component in its program: one that is registered again under this key replaces its own earlier
   * claims.
   */
  key: string;
  /** Its Kubernetes provider, which decides the cluster of its objects; undefined for the default one. */
  provider: object | undefined;
}

/** A component as an owner of claims. */
export function claimant(type: string, name: string, opts: pulumi.ComponentResourceOptions = {}): Claimant {
  return {
    name: `${type} "${name}"`,
    key: claimantKey(type, name, opts.parent && typeOf(opts.parent)),
    provider: providerOf(opts),
  };
}

/** What identifies a component in its program, below a parent of a Pulumi type. */
export function claimantKey(type: string, name: string, parent = ""): string {
  return `${parent}/${type} ${name}`;
}

interface Entry {
  claimant: Claimant;
  claims: readonly Claim[];
  byKey: ReadonlyMap<string, readonly Claim[]>;
}

/** What components have claimed, by program run. */
const claimed = new WeakMap<object, Map<string, Entry>>();

/** What identifies the program run, as in {@link RoutesSteps}. */
function entries(): Map<string, Entry> {
  const run = pulumi.runtime.getMonitor() as object | undefined;
  if (run === undefined) {
    return new Map();
  }
  const known = claimed.get(run) ?? new Map<string, Entry>();
  claimed.set(run, known);
  return known;
}

/**
 * Claims things for a component, as far as they are known now; or else records which component of the same program
 * already has them. Components with another Kubernetes provider are ignored: they may be in another cluster.
 */
export function claim(given: Claimant, claims: readonly Claim[], findings: Findings): void {
  const known = entries();
  const before = findings.all().length;
  for (const [key, { claimant: other, byKey }] of known) {
    if (key !== given.key && other.provider === given.provider) {
      recordMeetings(other.name, claims, byKey, findings);
    }
  }
  if (findings.all().length === before) {
    const byKey = new Map<string, Claim[]>();
    claims.forEach((each) => byKey.set(each.key, [...(byKey.get(each.key) ?? []), each]));
    const { name } = known.get(given.key)?.claimant ?? given;
    known.set(given.key, { claimant: { ...given, name }, claims, byKey });
  }
}

/** The same for claims that become known later, in addition to what the component has claimed already. */
export function claimLater(given: Claimant, claims: readonly Claim[], findings: Findings): void {
  const earlier = entries().get(given.key)?.claims ?? [];
  claim(given, [...earlier, ...claims], findings);
}

/** Records each argument once, by the first of its claims that conflicts with another component's. */
function recordMeetings(
  other: string,
  claims: readonly Claim[],
  theirs: ReadonlyMap<string, readonly Claim[]>,
  findings: Findings,
): void {
  const told = new Set<string>();
  for (const own of claims) {
    const isTaken = theirs.get(own.key)?.some(({ detail }) => own.fitsBeside?.(detail) !== true);
    if (isTaken !== true || told.has(pathOf(own))) {
      continue;
    }
    told.add(pathOf(own));
    own.at(findings).add(own.what(other), own.todo);
    if (own.isWhole === true) {
      return;
    }
  }
}

function pathOf({ at }: Claim): string {
  const path = Findings.at();
  at(path).add("", "");
  return path.all()[0].path;
}

/** The Kubernetes provider of a component's objects: its own, or the one that it inherits from its parent. */
function providerOf({ provider, providers, parent }: pulumi.ComponentResourceOptions): object | undefined {
  const given = [provider, ...(Array.isArray(providers) ? providers : Object.values(providers ?? {}))];
  return given.find((each) => k8s.Provider.isInstance(each)) ?? parent?.getProvider("kubernetes:core/v1:Namespace");
}
