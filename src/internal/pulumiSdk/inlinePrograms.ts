import { type Load, type SdkPart, sdkPart } from "./sdkPart";

const PURPOSE = "to keep a program loaded between two `up`s";
/** How Pulumi's SDK runs a program that is a function. */
const RUN: SdkPart = { module: "runtime/stack", name: "runInPulumiStack", kind: "function", purpose: PURPOSE };
/** How it connects to the engine: newer versions have options of their own for that. */
const CLIENT_OPTIONS = "grpcClientOptions";
const CHANNEL_OPTIONS: SdkPart = {
  module: "runtime/settings",
  name: "grpcChannelOptions",
  kind: "object",
  purpose: PURPOSE,
};

type Run = (program: () => Promise<unknown>) => Promise<unknown>;
type Options = Record<string, unknown>;

/** What gRPC calls a connection that is lost, and a call that was ended. */
const LOST = [14, 1];
const LOSS = "the connection to Pulumi's engine was lost before all resources were registered, and nothing is deleted";

const guarded = new WeakSet<object>();

/**
 * Has an `up` fail where its program, a function that Automation runs in this process, loses the engine. Pulumi's SDK
 * takes it for one that came to its end, and then the engine deletes all that it had not registered: the whole stack,
 * if it was lost at once.
 *
 * @param load `require` of whoever runs programs: the copy of Pulumi's SDK that it finds is guarded.
 * @throws MissingSdkPart if that copy runs programs in another way than is known here.
 */
export function guardInlinePrograms(load: Load): void {
  const run = sdkPart<Run>(RUN, load);
  const connecting = clientOptions(load);
  const stack = load(`@pulumi/pulumi/${RUN.module}`) as { runInPulumiStack: Run };
  if (guarded.has(stack)) {
    return;
  }
  guarded.add(stack);
  stack.runInPulumiStack = (program) =>
    run(program).catch((error: unknown) => {
      throw isLost(error) ? new Error(`${LOSS}: ${error.message}`, { cause: error }) : error;
    });
  // Engines of earlier `up`s leave their connections behind, and one that failed would be taken for that of an engine
  // which has got its port.
  connecting["grpc.use_local_subchannel_pool"] = 1;
}

function clientOptions(load: Load): Options {
  const channelOptions = sdkPart<Options>(CHANNEL_OPTIONS, load);
  const settings = load(`@pulumi/pulumi/${CHANNEL_OPTIONS.module}`) as { [CLIENT_OPTIONS]?: Options };
  return settings[CLIENT_OPTIONS] ?? channelOptions;
}

function isLost(error: unknown): error is Error {
  return error instanceof Error && LOST.includes((error as { code?: unknown }).code as number);
}
