import type { runtime } from "@pulumi/pulumi";
import { runWithStandIn, type SentResource } from "../internal/pulumiSdk/standInEngine";
import { plainInputs } from "./plainInputs";
import { previewOutputs } from "./previewOutputs";
import { failing, isRefusal } from "./programFailure";

/** A resource as a program registers it with the engine. */
export interface RecordedResource {
  /** Its type token, e.g. `kubernetes:apps/v1:Deployment`. */
  type: string;
  /** Its name in the program. */
  name: string;
  /** Its inputs, with secrets closed and unknown values marked. Their shape is the resource's own. */
  inputs: any;
  /** The resource that it belongs to, as `type::name`; "" for the stack itself. */
  parent: string;
  /** The resources that it waits for, components included, as `type::name`, sorted. */
  dependencies: string[];
  /** True for one that is made and managed, false for one that is only read. */
  managed: boolean;
  /** The names of the hooks bound to it, by the moment they run. */
  hooks: { beforeUpdate: string[]; afterUpdate: string[] };
}

/** What stands for the engine while a program is recorded. */
export interface RecordOptions {
  /** The project's name. */
  project: string;
  /** The stack's name. */
  stack: string;
  /** The config, by full key (`project:key`); structured values as JSON. @default none */
  config?: Record<string, string>;
  /** Whether it is a preview of a creation: IDs, and outputs that are missing, are unknown then. @default false */
  preview?: boolean;
  /** What a resource's outputs are. @default its inputs; in a preview, see {@link previewOutputs} */
  outputs?: (resource: runtime.MockResourceArgs) => Record<string, unknown>;
}

/** What was recorded. */
export interface Recording {
  /** Everything registered, in an order in which each resource stands after all that it waits for. */
  resources: RecordedResource[];
  /** The names of the hooks that the program registered. */
  hooks: string[];
  /** The functions of providers that it called, by their tokens, each once, sorted. Their results are unknown. */
  calls: string[];
  /** What the program warned of in Pulumi's log, each once. */
  warnings: string[];
}

/**
 * Runs a program in this process without an engine, a cluster or credentials, and records what it would register.
 * Only one recording may run at a time, because Pulumi's runtime keeps its state in one place for the whole process.
 *
 * @throws Whatever the program throws, e.g. a ValidationError, at once or in an Output; `ProgramFailure` where it is
 *   more than one error.
 */
export async function record(program: () => unknown, options: RecordOptions): Promise<Recording> {
  const { project, stack, config = {}, preview = false } = options;
  const outputs = options.outputs ?? (preview ? previewOutputs : ({ inputs }) => inputs as Record<string, unknown>);
  const recording: Recording = { resources: [], hooks: [], calls: [], warnings: [] };
  const pending: Pick<RecordedResource, "type" | "name" | "inputs">[] = [];
  const calls = new Set<string>();
  const running = failing(() =>
    runWithStandIn(
      program,
      { project, stack, config, preview },
      {
        answer: (resource) => {
          pending.push(resource);
          return { id: resource.id || (preview ? "" : `${resource.name}-id`), state: outputs(resource) };
        },
        call: (token) => calls.add(token),
        sent: (resource) => {
          const index = pending.findIndex(({ type, name }) => type === resource.type && name === resource.name);
          const [{ inputs }] = pending.splice(index, 1);
          recording.resources.push(recorded(resource, inputs));
        },
        hook: ({ name }) => recording.hooks.push(name),
        warning: (text) => recording.warnings.includes(text) || recording.warnings.push(text),
      },
    ),
  );
  await running.catch((error: Error) => {
    throw calls.size === 0 || isRefusal(error) ? error : withCalls(error, [...calls]);
  });
  return { ...recording, calls: [...calls].sort() };
}

/** An error with what may have caused it: that the results of these functions are unknown. */
function withCalls(error: Error, calls: readonly string[]): Error {
  const why = `functions of providers are not called without an engine: ${[...calls].sort().join(", ")}`;
  return Object.assign(error, { message: `${error.message}; ${why}` });
}

/** @param inputs What the program gave, where neither a secret nor an unknown value is among what was sent. */
function recorded(
  { type, name, inputs: sent, parent, dependencies, managed, hooks }: SentResource,
  inputs: unknown,
): RecordedResource {
  return {
    type,
    name,
    inputs: plainInputs(sent ?? {}) ?? inputs,
    parent: shortUrn(parent),
    dependencies: dependencies.map(shortUrn).sort(),
    managed,
    hooks,
  };
}

/** `type::name` of a URN, without the types of the parents. */
function shortUrn(urn: string): string {
  const [, , types, name] = urn.split("::");
  return name === undefined ? "" : `${types.split("$").at(-1)}::${name}`;
}
