import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { CanaryApp, type CanaryAppArgs } from "../../components";
import { ProgramFailure } from "../../src/render/programFailure";
import { type RecordOptions, type RecordedResource, type Recording, record } from "../../src/render/recorder";

/** The type tokens of what an app is made of. */
export const TYPES = {
  stack: "pulumi:pulumi:Stack",
  app: "canary-app:index:CanaryApp",
  mesh: "canary-app:index:IstioMesh",
  version: "canary-app:index:AppVersion",
  namespace: "kubernetes:core/v1:Namespace",
  serviceAccount: "kubernetes:core/v1:ServiceAccount",
  service: "kubernetes:core/v1:Service",
  deployment: "kubernetes:apps/v1:Deployment",
  release: "kubernetes:helm.sh/v3:Release",
  gateway: "kubernetes:networking.istio.io/v1:Gateway",
  destinationRule: "kubernetes:networking.istio.io/v1:DestinationRule",
  virtualService: "kubernetes:networking.istio.io/v1:VirtualService",
} as const;

/** Two versions at 75/25 without anything else: every other argument has its default. */
export const TWO_VERSIONS: CanaryAppArgs = {
  versions: [
    { name: "v1", image: "example.com/shop:1.0" },
    { name: "v2", image: "example.com/shop:2.0" },
  ],
  weight: 25,
};

/** The values of an app's outputs, as far as they are known; of each Deployment its name. */
export interface AppOutputs {
  url?: string;
  weights?: Record<string, number>;
  namespace?: string;
  deployments?: Record<string, string>;
}

/** Records one app. */
export async function recordApp(
  args: CanaryAppArgs,
  name = "shop",
  options: Partial<RecordOptions> = {},
): Promise<Recording & { outputs: AppOutputs }> {
  const outputs: AppOutputs = {};
  const recording = await record(
    () => {
      const { url, weights, namespace, deployments } = new CanaryApp(name, args);
      url.apply((known) => void (outputs.url = known));
      weights.apply((known) => void (outputs.weights = known));
      namespace.apply((known) => void (outputs.namespace = known));
      const names = deployments.apply((all) =>
        Object.fromEntries(Object.entries(all).map(([version, { metadata }]) => [version, metadata.name])),
      );
      pulumi.output(names).apply((known) => void (outputs.deployments = known));
    },
    { project: "test", stack: "dev", ...options },
  );
  return { ...recording, outputs };
}

/** The one resource of that type and name; fails if there is none, or more. */
export function find(resources: readonly RecordedResource[], type: string, name: string): RecordedResource {
  const found = resources.filter((resource) => resource.type === type && resource.name === name);
  assert.equal(found.length, 1, `${type}::${name} among:\n${resources.map(key).join("\n")}`);
  return found[0];
}

/** `type::name`, as parents and dependencies are told. */
export function key({ type, name }: Pick<RecordedResource, "type" | "name">): string {
  return `${type}::${name}`;
}

/** An Output whose value is known only after the update, as a preview has them. */
export function unknownOutput<T>(): pulumi.Output<T> {
  const Output = pulumi.Output as unknown as new (...parts: unknown[]) => pulumi.Output<T>;
  return new Output(
    new Set(),
    Promise.resolve(undefined),
    Promise.resolve(false),
    Promise.resolve(false),
    Promise.resolve(new Set()),
  );
}

/** What became of a program that fails only when an Output becomes known. */
export interface LateFailure {
  /** The messages of all errors, each once; none if nothing failed. */
  messages: string[];
  /** What was registered all the same, as `type::name`. */
  registered: string[];
}

/** Runs a program whose Outputs fail. What waits for a failed resource waits for ever. */
export async function recordFailing(
  program: () => unknown,
  options: Partial<RecordOptions> = {},
): Promise<LateFailure> {
  const registered: string[] = [];
  const outputs: RecordOptions["outputs"] = (resource) => {
    registered.push(key(resource));
    return resource.inputs;
  };
  const messages = await record(program, { project: "test", stack: "dev", outputs, ...options }).then(
    () => [],
    (error: Error) => (error instanceof ProgramFailure ? error.errors : [error]).map(({ message }) => message),
  );
  await record(() => undefined, { project: "test", stack: "dev" }); // or Pulumi counts what waits for ever, and fails the process
  return { messages, registered };
}
