import * as pulumi from "@pulumi/pulumi";
import { engineTakesHooks } from "../src/internal/pulumiSdk/hooks";
import { bringsDestination, dropsDestination, specOf } from "../src/istio/subsets";

/**
 * Keeps the two moments in which requests could be lost, around an update of a VirtualService:
 *
 * - before an update that sends requests to a subset, a port of the Service or another Service which the VirtualService
 *   did not name until now: it was made a moment ago, and a proxy that gets the new route before the new cluster is
 *   warm answers 503;
 * - after an update that no longer names a subset, or another Service, which had requests: Pulumi deletes the version's
 *   DestinationRule and pods next, and a proxy that still has the old route would send requests to nothing.
 *
 * Istio has no call that says "every proxy has it", so the time is waited: istiod gathers changes for 100 ms, and the
 * proxies follow within a few hundred. An update that only shifts weights between what is named waits for nothing.
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
 * Waits after a change of the control plane, before anything that comes after it is changed. A proxy that looks for the
 * control plane again in the moment in which Kubernetes still sends it to the old pod gets no answer, and gives up
 * after 20 seconds. Until then it goes on as it was told last: a version that goes would go without its knowledge.
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
