import assert from "node:assert/strict";
import type { Kubectl } from "./kubectl";
import { pause } from "./traffic";

/** Waits for something to be so; gives what was found then. Fails after so many seconds. */
export async function until<T>(what: string, look: () => Promise<T | false>, seconds = 30): Promise<T> {
  for (const end = performance.now() + seconds * 1000; performance.now() < end; await pause(250)) {
    const found = await look();
    if (found !== false) {
      return found;
    }
  }
  assert.fail(`not within ${seconds} s: ${what}`);
}

/** What the API server said against a request; fails if it said nothing. */
export async function refusalOf(request: Promise<unknown>): Promise<string> {
  const said = await request.then(
    () => undefined,
    (error: Error) => error.message,
  );
  assert.ok(said !== undefined, "nothing was refused");
  return said;
}

/** What is so at one moment. */
export interface ReplicaSample {
  /** The VirtualService's weights by version. */
  weights: Record<string, number>;
  /** The ready pods by version. */
  ready: Record<string, number>;
}

/** Looks at an app's weights and ready pods several times a second until it is stopped. */
export function sampleReplicas(kubectl: Kubectl, namespace: string, app: string): { stop(): Promise<ReplicaSample[]> } {
  const samples: ReplicaSample[] = [];
  let stopped = false;
  const running = (async () => {
    while (!stopped) {
      // One after the other: the weights first, so that pods that go right after a change are not held against the old
      // weights.
      const text = await kubectl.run(
        "get",
        "-n",
        namespace,
        "-o",
        "json",
        `virtualservice/${app}`,
        `deployment/${app}-v1`,
        `deployment/${app}-v2`,
      );
      const [routes, ...deployments] = JSON.parse(text).items;
      const weights = routes.spec.http[0].route.map(({ destination, weight }: any) => [
        destination.subset,
        weight ?? 0,
      ]);
      const ready = deployments.map(({ metadata, status }: any) => [
        metadata.labels.version,
        status.readyReplicas ?? 0,
      ]);
      samples.push({ weights: Object.fromEntries(weights), ready: Object.fromEntries(ready) });
      await pause(200);
    }
  })();
  return {
    stop: async () => {
      stopped = true;
      await running;
      return samples;
    },
  };
}
