import { isDeepStrictEqual } from "node:util";
import { isObject } from "../../internal/objects";
import { CLOSED_SECRET } from "../../render/secretMark";
import { UNKNOWN_VALUE } from "../../render/unknownMark";
import { SCALING_ANNOTATION } from "../../workload/kubernetesObjects";
import { differences } from "../change/differences";
import type { Inputs } from "../change/resourceChange";

/** A field that somebody changed with kubectl, and that an update of its object reverts. */
export interface KubectlField {
  /** Where it is, e.g. `spec.template.metadata.annotations.kubectl.kubernetes.io/restartedAt`. */
  path: string;
  /** Who changed it, as the API server has it: `kubectl-rollout`, `kubectl-edit`. */
  manager: string;
  /** What it is on the cluster. */
  live: unknown;
  /** Its value after the update; undefined if it is removed. */
  after?: unknown;
}

/** An entry of an object's `metadata.managedFields`. */
interface ManagedFields {
  manager?: string;
  subresource?: string;
  fieldsV1?: Inputs;
}

/** Whether a value of the program is known by the `up` only. */
function isNotKnownYet(value: unknown): boolean {
  return typeof value === "string" && value.includes(UNKNOWN_VALUE);
}

/** What `kubectl apply` keeps for itself means nothing to anybody else. */
const OF_KUBECTL_ITSELF = "kubectl.kubernetes.io/last-applied-configuration";

/**
 * The fields of a live object that kubectl's field managers own and that an update takes back. Pulumi's Kubernetes
 * provider takes over what every manager whose name begins with `kubectl` owns before it applies the program's object,
 * so that what is not in the program goes; only what belongs to a subresource, as of `kubectl scale`, it leaves to its
 * manager, unless the program has another value.
 *
 * @param live The object as the API server has it.
 * @param after The object as the program has it.
 * @param isPatch Whether the program has a part of the object only: then nothing goes.
 */
export function kubectlFields(live: Inputs, after: Inputs, isPatch = false): KubectlField[] {
  const entries: readonly ManagedFields[] = listOf(live.metadata?.managedFields);
  const owned = entries
    .filter(({ manager = "", subresource }) => manager.startsWith("kubectl") && subresource !== "status")
    .flatMap(({ manager = "", subresource, fieldsV1 = {} }) =>
      changed(fieldsV1, live, after, "")
        .filter((field) => "after" in field || (!isPatch && !subresource))
        .map((field) => ({ ...field, manager })),
    )
    .filter(({ path }) => !path.endsWith(OF_KUBECTL_ITSELF) && !isScaledElsewhere(path, after));
  const told = live.kind === "Secret" ? owned.map(closed) : owned;
  return [...new Map(told.map((field) => [field.path, field])).values()];
}

/** The content of a Secret is never shown. */
function closed(field: KubectlField): KubectlField {
  return /^(data|stringData)\b/.test(field.path)
    ? { ...field, live: CLOSED_SECRET, ...(field.after === undefined ? {} : { after: CLOSED_SECRET }) }
    : field;
}

/** For an app's Deployment whose number of pods someone else decides, the number is left alone. */
function isScaledElsewhere(path: string, after: Inputs): boolean {
  return path === "spec.replicas" && after.metadata?.annotations?.[SCALING_ANNOTATION] !== undefined;
}

type Found = Omit<KubectlField, "manager">;

/** Walks down the fields that a manager owns, beside the live object and the program's. */
function changed(owned: Inputs, live: unknown, after: unknown, path: string): Found[] {
  if (isNotKnownYet(after)) {
    return [];
  }
  const below = Object.entries(owned).filter(([key]) => key !== ".");
  if (below.length === 0) {
    return after === CLOSED_SECRET
      ? [{ path, live: CLOSED_SECRET, after }]
      : differences(live, after, path).map(({ path: inner, before, after: now }) => found(inner, before, now));
  }
  return below.flatMap(([key, fields]) => {
    const child = childOf(key, live, path);
    if (child === undefined || child.live === undefined) {
      return []; // the entry is older than the object
    }
    const now = after === CLOSED_SECRET ? CLOSED_SECRET : childOf(key, after, path)?.live;
    const isElement = !key.startsWith("f:");
    return isElement && now === undefined
      ? [found(child.path, child.live, undefined)]
      : changed(isObject(fields) ? fields : {}, child.live, now, child.path);
  });
}

function found(path: string, live: unknown, after: unknown): Found {
  return { path, live: after === CLOSED_SECRET ? CLOSED_SECRET : live, ...(after === undefined ? {} : { after }) };
}

/** What a key of managed fields means in an object or a list: `f:NAME`, `k:{…}`, `v:…` or `i:…`. */
function childOf(key: string, parent: unknown, path: string): { path: string; live: unknown } | undefined {
  const [sort, rest] = [key.slice(0, 1), key.slice(2)];
  switch (sort) {
    case "f":
      return {
        path: path === "" ? rest : `${path}.${rest}`,
        live: isObject(parent) && Object.hasOwn(parent, rest) ? parent[rest] : undefined,
      };
    case "k": {
      const wanted = JSON.parse(rest) as Inputs;
      const name = typeof wanted.name === "string" ? wanted.name : Object.values(wanted).join("/");
      const isWanted = (element: Inputs) =>
        Object.entries(wanted).every(([field, value]) => isDeepStrictEqual(element[field] ?? defaultOf(field), value));
      return { path: `${path}[${name}]`, live: listOf(parent).find(isWanted) };
    }
    case "v": {
      const value: unknown = JSON.parse(rest);
      const isThere = Array.isArray(parent) && parent.some((element) => isDeepStrictEqual(element, value));
      return { path: `${path}[${String(value)}]`, live: isThere ? value : undefined };
    }
    case "i":
      return { path: `${path}[${rest}]`, live: Array.isArray(parent) ? parent[Number(rest)] : undefined };
    default:
      return undefined;
  }
}

/** A program may leave out a part of the key of a list's element that the API server fills in. */
function defaultOf(field: string): unknown {
  return field === "protocol" ? "TCP" : undefined;
}

function listOf(value: unknown): Inputs[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
