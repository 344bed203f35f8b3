import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { typeOf } from "../../src/internal/pulumiSdk/marks";
import { Findings } from "../../src/validation/problem";

/** Something of a cluster that only one component can have, or several under conditions. */
export interface Claim {
  /** What is claimed; claims of the same key meet. */
  key: string;
  /** The argument that it comes from, below that of all arguments. */
  at: (findings: Findings) => Findings;
  /** What is wrong where another component claims it, too. */
  what: (other: string) => string;
  /** What to do about it. */
  todo: string;
  /**
   * Whether it can be had beside another claim of its key, by the {@link detail} of that one. @default it never can
   */
  fitsBeside?: (detail: unknown) => boolean;
  /** What others have to know of it, for their {@link fitsBeside}. */
  detail?: unknown;
  /** Whether nothing more is told of a component with which it meets: all else follows from it. @default false */
  isWhole?: boolean;
}

/** Who claims something. */
export interface Claimant {
  /** The component, for people: `CanaryApp "shop"`. */
  name: string;
  /** What it is known by in its program: a component that comes again under this key takes its own place. */
  key: string;
  /** Its Kubernetes provider, which is where its objects are; undefined for the default one. */
  provider: object | undefined;
}

/** A component as one that claims something. */
export function claimant(type: string, name: string, opts: pulumi.ComponentResourceOptions = {}): Claimant {
  return {
    name: `${type} "${name}"`,
    key: claimantKey(type, name, opts.parent && typeOf(opts.parent)),
    provider: providerOf(opts),
  };
}

/** What a component is known by in its program, below a parent of a Pulumi type. */
export function claimantKey(type: string, name: string, parent = ""): string {
  return `${parent}/${type} ${name}`;
}

interface Entry {
  claimant: Claimant;
  claims: readonly Claim[];
  byKey: ReadonlyMap<string, readonly Claim[]>;
}

/** By program run: what its components have claimed. */
const claimed = new WeakMap<object, Map<string, Entry>>();

/** What the program run is known by, as in the steps of pods that follow the weight. */
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
 * Claims things for a component, as far as they are known now; or records which component of the same program has them
 * already. Components of another Kubernetes provider are left out: they may be on another cluster.
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

/** The same for what becomes known only later, beside what the component has claimed already. */
export function claimLater(given: Claimant, claims: readonly Claim[], findings: Findings): void {
  const earlier = entries().get(given.key)?.claims ?? [];
  claim(given, [...earlier, ...claims], findings);
}

/** Records each argument once, by the first of its claims that meets one of another component's. */
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

/** The Kubernetes provider that a component's objects get: its own, or that of a component which it is a part of. */
function providerOf({ provider, providers, parent }: pulumi.ComponentResourceOptions): object | undefined {
  const given = [provider, ...(Array.isArray(providers) ? providers : Object.values(providers ?? {}))];
  return given.find((each) => k8s.Provider.isInstance(each)) ?? parent?.getProvider("kubernetes:core/v1:Namespace");
}
