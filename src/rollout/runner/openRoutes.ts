import { KubernetesApi } from "../../internal/kubernetes/api";
import type { AppReference } from "../../config/stackClusters";
import type { StackEngine } from "../pulumi/engine";
import { DirectRoutes, type Routes } from "../routes/directRoutes";
import type { StackContext } from "./stackContext";

/** What changes an app's routes ahead of `up`s, and gives up its connections. */
export interface OpenRoutes {
  routes: Routes;
  close(): void;
}

/** Nothing is asked for before the first change. */
export function openRoutes(
  context: StackContext,
  app: AppReference,
  engine: Pick<StackEngine, "recorded">,
): OpenRoutes {
  const ending = new AbortController();
  let opened: Promise<KubernetesApi> | undefined;
  const open = async () => {
    const api = await KubernetesApi.of(await context.clusterOf(app));
    ending.signal.addEventListener("abort", () => api.close(), { once: true });
    return api;
  };
  const api = () =>
    (opened ??= open().catch((error: unknown) => {
      opened = undefined; // it is looked for anew the next time
      throw error;
    }));
  return {
    routes: new DirectRoutes(app, api, async () => engine.recorded ?? (await context.lastState()).resources),
    close: () => ending.abort(),
  };
}
