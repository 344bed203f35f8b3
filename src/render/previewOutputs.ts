import type { runtime } from "@pulumi/pulumi";
import { isObject } from "../internal/objects";
import { isSecretSent, isUnknown, unknownOutputSent } from "../internal/pulumiSdk/marks";

/** Fields that the API server sets in every object. */
const SET_IN_METADATA = ["uid", "creationTimestamp", "resourceVersion", "generation"];

/** Fields of a kind's `spec` that the API server sets where they are not given. */
const SET_IN_SPEC: Readonly<Record<string, readonly string[]>> = {
  Service: ["clusterIP", "clusterIPs"],
  PersistentVolumeClaim: ["volumeName"],
  Pod: ["nodeName"],
};

/** Types of Services whose ports get a `nodePort` each. */
const WITH_NODE_PORTS: readonly unknown[] = ["NodePort", "LoadBalancer"];

/**
 * The outputs of a resource that is made by a program for the first time, as far as they are known without an engine:
 * its inputs. All others are missing, and so unknown to the program. In a Kubernetes object's `metadata` and `spec`,
 * which it is given, the fields that only the API server sets are unknown ones, and a name that is missing is that of
 * the resource: Pulumi's own would end with random characters.
 */
export function previewOutputs({
  type,
  name,
  inputs,
}: Pick<runtime.MockResourceArgs, "type" | "name" | "inputs">): Record<string, unknown> {
  if (!isKubernetesObject(type, inputs)) {
    return inputs as Record<string, unknown>;
  }
  const { metadata = {}, spec, ...rest } = inputs as Record<string, unknown>;
  return {
    ...rest,
    metadata: isPlain(metadata) ? withUnknown({ ...named(metadata, name) }, SET_IN_METADATA) : metadata,
    ...(spec === undefined ? {} : { spec: isPlain(spec) ? specOutputs(String(rest.kind), spec) : spec }),
  };
}

/** Whether what a program registers is an object of Kubernetes, and neither a Helm Release nor one that has parts. */
export function isKubernetesObject(type: string, inputs: unknown): boolean {
  return type.startsWith("kubernetes:") && isObject(inputs) && typeof inputs.kind === "string";
}

/** Metadata with a name; that of the resource where there is none, nor a start of one. */
export function named(metadata: Readonly<Record<string, unknown>>, name: string): Record<string, unknown> {
  return metadata.name === undefined && metadata.generateName === undefined ? { ...metadata, name } : { ...metadata };
}

function specOutputs(kind: string, spec: Record<string, unknown>): Record<string, unknown> {
  const fields = kind === "Service" && spec.type === "ExternalName" ? [] : (SET_IN_SPEC[kind] ?? []);
  const ports =
    kind === "Service" && Array.isArray(spec.ports) && WITH_NODE_PORTS.includes(spec.type)
      ? { ports: spec.ports.map((port: unknown) => (isPlain(port) ? withUnknown(port, ["nodePort"]) : port)) }
      : {};
  return withUnknown({ ...spec, ...ports }, fields);
}

function withUnknown(given: Record<string, unknown>, fields: readonly string[]): Record<string, unknown> {
  return { ...Object.fromEntries(fields.map((field) => [field, unknownOutputSent()])), ...given };
}

/** Whether it is an object with fields of its own: neither unknown nor a secret. */
function isPlain(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !isUnknown(value) && !isSecretSent(value);
}
