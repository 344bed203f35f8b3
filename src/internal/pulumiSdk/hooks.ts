import * as pulumi from "@pulumi/pulumi";

/**
 * Whether the engine of this program takes resource hooks. False under `pulumi.runtime.setMocks`, which has none: an
 * app must not be what keeps its user's unit tests from running.
 */
export function engineTakesHooks(): boolean {
  const monitor = pulumi.runtime.getMonitor() as { registerResourceHook?: unknown } | undefined;
  return typeof monitor?.registerResourceHook === "function";
}
