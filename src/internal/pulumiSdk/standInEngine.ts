import * as pulumi from "@pulumi/pulumi";
import { UNKNOWN_SENT } from "./marks";
import { type SdkPart, sdkMember, sdkPart } from "./sdkPart";

type MockResourceArgs = pulumi.runtime.MockResourceArgs;
type MockResourceResult = pulumi.runtime.MockResourceResult;

/** A resource as its registration is sent to the engine. */
export interface SentResource {
  /** Its type token, e.g. `kubernetes:apps/v1:Deployment`. */
  type: string;
  name: string;
  /** Its inputs as they are sent, secrets and unknown values in their wrappings; undefined if nothing was sent. */
  inputs: Record<string, unknown> | undefined;
  /** The URN of the resource that it belongs to; "" for the stack itself. */
  parent: string;
  /** The URNs of the resources that it waits for. */
  dependencies: string[];
  /** True for one that is made and managed, false for one that is only read. */
  managed: boolean;
  /** The names of the hooks bound to it. */
  hooks: { beforeUpdate: string[]; afterUpdate: string[] };
}

/** Who answers a program in the engine's place. */
export interface StandIn {
  /** Told of each resource before it is registered; gives its ID and outputs. */
  answer(resource: MockResourceArgs): MockResourceResult;
  /** Told of each call of a provider's function, by its token. */
  call(token: string): void;
  /** Told of each resource once it is registered. */
  sent(resource: SentResource): void;
  /** Told of each hook that the program registers. */
  hook(hook: pulumi.ResourceHook): void;
  /** Told of each warning that the program logs. @default they go to the console, as everywhere without an engine */
  warning?(text: string): void;
}

/** What a program is told about itself. */
export interface ProgramContext {
  project: string;
  stack: string;
  /** The config, by full key; structured values as JSON. */
  config: Record<string, string>;
  preview: boolean;
}

/**
 * Runs a program in this process, answered by a stand-in for the engine. Only one may run at a time, because Pulumi's
 * runtime keeps its state in one place for the whole process.
 *
 * @throws MissingSdkPart if the SDK's own stand-in works in another way than is known here
 * @throws Whatever the program throws
 */
export async function runWithStandIn(
  program: () => unknown,
  { project, stack, config, preview }: ProgramContext,
  standIn: StandIn,
): Promise<void> {
  pulumi.runtime.setMockOptions(monitorFor(standIn), project, stack, preview);
  pulumi.runtime.setAllConfig(config);
  takeHooks((hook) => standIn.hook(hook));
  const log: { warn: typeof pulumi.log.warn } = pulumi.log;
  const { warn } = log;
  if (standIn.warning !== undefined) {
    log.warn = async (text) => standIn.warning?.(text);
  }
  try {
    await pulumi.runtime.runInPulumiStack(async () => program());
  } finally {
    // What waits for outputs goes on after the program, until the engine is let go.
    await pulumi.runtime.disconnect().finally(() => (log.warn = warn));
  }
}

const PURPOSE = "to run a program without an engine (`canary render`)";
const part = (module: string, name: string, kind: SdkPart["kind"] = "function"): SdkPart => ({
  module,
  name,
  kind,
  purpose: PURPOSE,
});

type Callback = (error: Error | null, response?: unknown) => void;
type Take = (request: object, callback: Callback) => Promise<void>;
type NewMonitor = new (mocks: pulumi.runtime.Mocks) => object;

/** The SDK's own stand-in for the engine, which besides tells of the requests as they came. */
function monitorFor(standIn: StandIn): object {
  const MockMonitor = sdkPart<NewMonitor>(part("runtime/mocks", "MockMonitor"));
  const monitor = new MockMonitor({
    newResource: (resource) => standIn.answer(resource),
    call: ({ token, inputs }) => {
      standIn.call(token);
      return withUnknownField(inputs);
    },
  });
  const telling = (name: string, managed: boolean): Take => {
    const take = sdkMember<Take>(monitor, part("runtime/mocks", `MockMonitor.${name}`));
    return async (request, callback) => {
      let resource: SentResource;
      try {
        resource = sentResource(request, managed);
      } catch (error) {
        return callback(error as Error); // nobody waits for this call, only for its answer
      }
      await take(request, callback);
      standIn.sent(resource);
    };
  };
  return Object.assign(monitor, {
    registerResource: telling("registerResource", true),
    readResource: telling("readResource", false),
    // Says to whoever asks that hooks are taken here; they come by `takeHooks`.
    registerResourceHook: () => undefined,
  });
}

/**
 * The result of a call that nobody answers: what it was called with, and a field that is unknown, so that an Output of
 * it is unknown as a whole in a preview.
 */
function withUnknownField(inputs: object): object {
  return { ...inputs, unknown: UNKNOWN_SENT };
}

/** Reads a request, which is one of gRPC's messages. */
function sentResource(request: object, managed: boolean): SentResource {
  const type = managed ? "RegisterResourceRequest" : "ReadResourceRequest";
  const ask = <T>(getter: string, of: unknown = request, ofType = type): T =>
    sdkMember<() => T>(of, part("proto/resource_pb", `${ofType}.${getter}`))();
  const inputs = ask<{ toJavaScript(): Record<string, unknown> } | undefined>(managed ? "getObject" : "getProperties");
  const hooks = managed ? ask<object | undefined>("getHooks") : undefined;
  const namesOf = (getter: string) =>
    hooks === undefined ? [] : ask<string[]>(getter, hooks, `${type}.ResourceHooksBinding`);
  return {
    type: ask("getType"),
    name: ask("getName"),
    inputs: inputs?.toJavaScript(),
    parent: ask("getParent"),
    dependencies: ask("getDependenciesList"),
    managed,
    hooks: { beforeUpdate: namesOf("getBeforeUpdateList"), afterUpdate: namesOf("getAfterUpdateList") },
  };
}

/**
 * Has hooks told to `take` instead of to a server for the engine's calls, which Pulumi's runtime would start at the
 * first one: there is no engine that could call, and a run that ends early would leave the server starting for ever.
 */
function takeHooks(take: (hook: pulumi.ResourceHook) => void): void {
  const getStore = sdkPart<() => object>(part("runtime/state", "getStore"));
  const store = getStore() as { callbacks?: unknown };
  if (!("callbacks" in store)) {
    // Never there: it is what throws.
    sdkMember(store, part("runtime/state", "Store.callbacks", "object"));
  }
  store.callbacks = {
    registerResourceHook: async (hook: pulumi.ResourceHook) => take(hook),
    awaitStackRegistrations: async () => undefined,
    shutdown: () => undefined,
  };
}

/**
 * A value as it was sent to the engine in the form in which the program gave it.
 *
 * @throws MissingSdkPart
 */
export function deserialized(sent: unknown): unknown {
  return sdkPart<(value: unknown) => unknown>(part("runtime", "deserializeProperty"))(sent);
}
