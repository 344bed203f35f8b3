import * as pulumi from "@pulumi/pulumi";
import * as runtimeState from "@pulumi/pulumi/runtime/state";
import { MockMonitor, type MockResourceArgs, type MockResourceResult } from "@pulumi/pulumi/runtime/mocks";
import { withSecretsClosed } from "./closedSecrets";

/** A resource as a program registers it with the engine. */
export interface RecordedResource {
  /** Its type token, e.g. `kubernetes:apps/v1:Deployment`. */
  type: string;
  /** Its name in the program. */
  name: string;
  /** Its inputs, all known, secrets closed. Their shape is the resource's own. */
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
  /** Whether the program is told that this is a preview. @default false */
  preview?: boolean;
  /** What a resource's outputs are. @default its inputs */
  outputs?: (resource: MockResourceArgs) => Record<string, unknown>;
}

/** What was recorded. */
export interface Recording {
  /** Everything registered, in an order in which each resource stands after all that it waits for. */
  resources: RecordedResource[];
  /** The names of the hooks that the program registered. */
  hooks: string[];
}

/**
 * Runs a program in this process without an engine, a cluster or credentials, and records what it would register.
 * Only one recording may run at a time, because Pulumi's runtime keeps its state in one place for the whole process.
 *
 * @throws Whatever the program throws, e.g. a ValidationError.
 */
export async function record(program: () => unknown, options: RecordOptions): Promise<Recording> {
  const { project, stack, config = {}, preview = false, outputs = ({ inputs }) => inputs } = options;
  const monitor = new RecordingMonitor((resource) => ({ id: resource.id || `${resource.name}-id`, state: outputs(resource) }));
  pulumi.runtime.setMockOptions(monitor, project, stack, preview);
  pulumi.runtime.setAllConfig(config);
  takeHooks((hook) => monitor.hooks.push(hook.name));
  try {
    await pulumi.runtime.runInPulumiStack(async () => program());
  } finally {
    await pulumi.runtime.disconnect();
  }
  return { resources: monitor.recorded, hooks: monitor.hooks };
}

/**
 * Has hooks told to `take` instead of to a server for the engine's calls, which Pulumi's runtime would start at the first one:
 * there is no engine that could call, and a recording that ends early would leave the server starting for ever.
 */
function takeHooks(take: (hook: pulumi.ResourceHook) => void): void {
  const { getStore } = runtimeState as unknown as { getStore(): { callbacks: object } };
  getStore().callbacks = {
    registerResourceHook: async (hook: pulumi.ResourceHook) => take(hook),
    awaitStackRegistrations: async () => undefined,
    shutdown: () => undefined,
  };
}

interface SentInputs {
  toJavaScript(): Record<string, unknown>;
}

interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getDependenciesList(): string[];
  getObject(): SentInputs | undefined;
  getHooks(): { getBeforeUpdateList(): string[]; getAfterUpdateList(): string[] } | undefined;
}

interface ReadRequest extends RegisterRequest {
  getProperties(): SentInputs | undefined;
  getHooks: never;
}

type Callback = (error: Error | null, response?: unknown) => void;

/** Pulumi's own stand-in for the engine, which besides keeps the requests as they came. */
class RecordingMonitor extends MockMonitor {
  readonly recorded: RecordedResource[] = [];
  readonly hooks: string[] = [];
  private readonly pending: RecordedResource[];

  constructor(newResource: (resource: MockResourceArgs) => MockResourceResult) {
    const pending: RecordedResource[] = [];
    super({
      newResource: (resource) => {
        pending.push({ ...BLANK, type: resource.type, name: resource.name, inputs: resource.inputs });
        return newResource(resource);
      },
      call: ({ inputs }) => inputs,
    });
    this.pending = pending;
  }

  override async registerResource(request: RegisterRequest, callback: Callback): Promise<void> {
    await super.registerResource(request, callback);
    this.keep(request, request.getObject(), true);
  }

  override async readResource(request: ReadRequest, callback: Callback): Promise<void> {
    await super.readResource(request, callback);
    this.keep(request, request.getProperties(), false);
  }

  /** Says to whoever asks that hooks are taken here; they come by {@link takeHooks}. */
  registerResourceHook(): void {}

  private keep(request: RegisterRequest, sent: SentInputs | undefined, managed: boolean): void {
    const index = this.pending.findIndex(({ type, name }) => type === request.getType() && name === request.getName());
    const hooks = managed ? request.getHooks() : undefined;
    const [read] = this.pending.splice(index, 1);
    this.recorded.push({
      ...read,
      inputs: withSecretsClosed(sent?.toJavaScript() ?? {}) ?? read.inputs,
      managed,
      parent: shortUrn(request.getParent()),
      dependencies: request.getDependenciesList().map(shortUrn).sort(),
      hooks: { beforeUpdate: hooks?.getBeforeUpdateList() ?? [], afterUpdate: hooks?.getAfterUpdateList() ?? [] },
    });
  }
}

const BLANK = { parent: "", dependencies: [], managed: true, hooks: { beforeUpdate: [], afterUpdate: [] } };

/** `type::name` of a URN, without the types of the parents. */
function shortUrn(urn: string): string {
  const [, , types, name] = urn.split("::");
  return name === undefined ? "" : `${types.split("$").at(-1)}::${name}`;
}
