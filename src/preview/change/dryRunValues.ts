import type { StepEventMetadata } from "@pulumi/pulumi/automation";
import { isObject, replaceWithin } from "../../internal/objects";
import { UNKNOWN_VALUE } from "../../render/unknownMark";
import { ChangeKind, type ResourceChange } from "./resourceChange";

/** What the API server makes up for an object of its dry run, by where it stands in it. */
const MADE_UP: readonly ((object: Fields) => unknown[])[] = [
  ({ metadata }) => [fieldsOf(metadata).uid, fieldsOf(metadata).creationTimestamp],
  ({ spec }) => [fieldsOf(spec).clusterIP, ...listOf(fieldsOf(spec).clusterIPs)],
  ({ spec }) => listOf(fieldsOf(spec).ports).map((port) => fieldsOf(port).nodePort),
  ({ spec }) => [fieldsOf(spec).healthCheckNodePort],
];

/** The steps that create something. */
const CREATING: readonly string[] = ["create", "create-replacement"];

type Fields = Readonly<Record<string, unknown>>;

/**
 * Values that are real nowhere: a preview gives, for each Kubernetes object that is to be created, what the API server
 * would have answered this time, and a program may compute from it. After the `up` they are others, and others again in
 * the next preview. Here they are marked as unknown.
 */
export class DryRunValues {
  private readonly values = new Map<string, Set<string>>();

  /** Learns what was made up for a resource, from a step of the engine. */
  learn({ op, urn, type, new: now }: StepEventMetadata): void {
    if (!type.startsWith("kubernetes:") || !CREATING.includes(op) || now?.outputs === undefined) {
      return;
    }
    const given = new Set(MADE_UP.flatMap((read) => read(fieldsOf(now.inputs))).map(String));
    const told = MADE_UP.flatMap((read) => read(fieldsOf(now.outputs)))
      .filter((value) => typeof value === "string" || typeof value === "number")
      .map(String)
      .filter((value) => value !== "" && value !== "None" && !given.has(value));
    this.values.set(urn, new Set(told));
  }

  /** What marks all such values in changes. */
  marker(): (change: ResourceChange) => ResourceChange {
    const all = [...new Set([...this.values.values()].flatMap((values) => [...values]))];
    if (all.length === 0) {
      return (change) => change;
    }
    const pattern = patternOf(all);
    return (change) =>
      change.after === undefined || change.kind === ChangeKind.Same
        ? change
        : { ...change, after: marked(change.after, pattern) as ResourceChange["after"] };
  }
}

/** Finds such a value where it stands alone or as a whole word: not in a longer number, and not in a range of addresses. */
function patternOf(values: readonly string[]): RegExp {
  const escaped = [...values]
    .sort((one, other) => other.length - one.length)
    .map((value) => value.replace(/\W/g, "\\$&"));
  return new RegExp(`(?<![\\w.])(${escaped.join("|")})(?!\\w|\\.\\d|/\\d)`, "g");
}

function marked(value: unknown, pattern: RegExp): unknown {
  return replaceWithin(value, (each) => {
    if (typeof each === "string") {
      return each.replace(pattern, UNKNOWN_VALUE);
    }
    return typeof each === "number" && String(each).replace(pattern, "") === "" ? UNKNOWN_VALUE : each;
  });
}

function fieldsOf(value: unknown): Fields {
  return isObject(value) ? value : {};
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
