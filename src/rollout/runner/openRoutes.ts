import type { AppReference } from "../../config/stackClusters";
import { KubernetesApi } from "../../internal/kubernetes/api";
import { untilKnown } from "../../internal/untilKnown";
import type { StackEngine } from "../pulumi/engine";
import { DirectRoutes, type Routes } from "../routes/directRoutes";
import type { StackContext } from "./stackContext";
import type { ShiftedApp } from "./trafficShift";

/** The apps whose routes can be changed ahead of `up`s, and what gives up the connections for it. */
export interface OpenRoutes {
  apps: readonly ShiftedApp[];
  close(): void;
}

/** An app of a run: its own, or one of its plan's `others`, with its name there. */
type AppOfRun = AppReference & Pick<ShiftedApp, "name">;

type Recording = Pick<StackEngine, "recorded">;

/** Nothing is asked for before the first change. */
export function openRoutes(context: StackContext, apps: readonly AppOfRun[], engine: Recording): OpenRoutes {
  const ending = new AbortController();
  return {
    apps: apps.map(({ app, namespace, name }) => ({
      ...{ app, namespace, name },
      routes: routesOf(context, { app, namespace }, engine, ending.signal),
    })),
    close: () => ending.abort(),
  };
}

function routesOf(context: StackContext, app: AppReference, engine: Recording, ending: AbortSignal): Routes {
  const api = untilKnown(async () => {
    const made = await KubernetesApi.of(await context.clusterOf(app));
    ending.addEventListener("abort", () => made.close(), { once: true });
    return made;
  });
  return new DirectRoutes(app, api, async () => engine.recorded ?? (await context.lastState()).resources);
}
