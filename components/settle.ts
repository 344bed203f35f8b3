import * as pulumi from "@pulumi/pulumi";
import { engineTakesHooks } from "../src/internal/pulumiSdk/hooks";
import { bringsDestination, dropsDestination, specOf } from "../src/istio/subsets";

/**
 * Waits for the propagation delay at the two moments around a VirtualService's update when requests could fail:
 *
 * - before an update that sends requests to a subset, a port of the Service or another Service that the VirtualService
 *   did not name until now: it was created a moment ago, and a proxy that gets the new route before the new cluster is
 *   warm responds with 503;
 * - after an update that no longer names a subset, or another Service, which had requests: Pulumi deletes the version's
 *   DestinationRule and pods next, and a proxy that still has the old route would send requests to pods that are gone.
 *
 * Istio has no call that reports "every proxy has it", so this waits for a fixed time: istiod collects changes for
 * 100 ms, and the proxies follow within a few hundred. An update that only shifts weights between destinations that are
 * named already waits for nothing.
 */
export function settleHooks(name: string, seconds: pulumi.Input<number>): pulumi.ResourceHookBinding | undefined {
  if (!engineTakesHooks()) {
    return undefined;
  }
  return {
    beforeUpdate: [
      new pulumi.ResourceHook(`${name}-settle-before`, (hook) =>
        settleIf(bringsDestination(specOf(hook.oldInputs), specOf(hook.newInputs)), seconds),
      ),
    ],
    afterUpdate: [
      new pulumi.ResourceHook(`${name}-settle-after`, (hook) =>
        settleIf(dropsDestination(specOf(hook.oldInputs), specOf(hook.newInputs)), seconds),
      ),
    ],
  };
}

/**
 * Waits after a change of the control plane, before anything later is changed. A proxy that reconnects while Kubernetes
 * still sends it to the old istiod pod gets no answer, and gives up after 20 seconds. Until then it keeps its last
 * configuration, and would not learn that a version is being removed.
 */
export function reconnectHooks(name: string, seconds: pulumi.Input<number>): pulumi.ResourceHookBinding | undefined {
  return engineTakesHooks()
    ? { afterUpdate: [new pulumi.ResourceHook(`${name}-reconnect`, () => settleIf(true, seconds))] }
    : undefined;
}

function settleIf(needed: boolean, seconds: pulumi.Input<number>): Promise<void> | void {
  return needed
    ? new Promise((resolve) => pulumi.output(seconds).apply((known) => setTimeout(resolve, known * 1000)))
    : undefined;
}
