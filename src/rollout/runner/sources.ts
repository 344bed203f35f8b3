import type { ClusterReference } from "../../internal/kubernetes/api";
import { errorMessage } from "../../internal/http/errorMessage";
import type { Secrets } from "../../internal/http/secrets";
import { untilKnown } from "../../internal/untilKnown";
import { makeSource } from "../metrics/settings";
import type { MetricsSource } from "../metrics/source";
import { clusterDomainOf } from "../plan/appState";
import { type Plan, versionsOf } from "../plan/plan";
import type { RunOptions } from "./options";
import type { StackContext } from "./stackContext";

/** Where a run's metrics come from: a source for each app. */
export interface RunSources {
  /** That of the run's own app. */
  own: MetricsSource;
  /** Those of the other apps that the plan names, moved or watched, by their names in it. */
  others: Readonly<Record<string, MetricsSource>>;
}

/** What looks up the clusters of a run's apps, again as long as that fails. */
export interface RunClusters {
  own: () => Promise<ClusterReference>;
  others: Readonly<Record<string, () => Promise<ClusterReference>>>;
}

/** The clusters of the apps that a plan names; where one is not known, why is told when it is asked for something. */
export function clustersOf(context: StackContext, plan: Plan): RunClusters {
  const clusterOf = (app: Parameters<StackContext["clusterOf"]>[0]) => untilKnown(() => context.clusterOf(app));
  return { own: clusterOf(plan), others: byName(plan, clusterOf) };
}

/** Makes a source for each app that a plan names; nothing is asked of them before {@link startSources}. */
export async function makeSources(
  context: StackContext,
  options: RunOptions,
  plan: Plan,
  clusters: RunClusters,
  secret: Secrets,
): Promise<RunSources> {
  const { source = {}, app, namespace } = plan;
  const config = await context.config();
  const subject = { app, namespace, versions: versionsOf(plan), cluster: clusters.own };
  const own = options.appSelection?.prefix;
  return {
    own: options.source ?? makeSource(source, { ...subject, domain: clusterDomainOf(config, own) }, secret),
    others: byName(plan, (other) => {
      const domain = clusterDomainOf(config, other.prefix) ?? clusterDomainOf(config, own);
      return makeSource(source, { ...other, domain, cluster: clusters.others[other.name] }, secret);
    }),
  };
}

/** Has all sources begin to count; what keeps one from it is told. */
export async function startSources(
  { own, others }: RunSources,
  signal: AbortSignal,
  note: (text: string) => void,
): Promise<void> {
  const start = (source: MetricsSource, whose: string) =>
    source
      .start(signal)
      .catch((error: unknown) => note(`metrics${whose} are not available yet: ${errorMessage(error)}`));
  await Promise.all([start(own, ""), ...Object.entries(others).map(([name, source]) => start(source, ` of ${name}`))]);
}

/** Gives up connections and timers. */
export function stopSources({ own, others }: RunSources): void {
  [own, ...Object.values(others)].forEach((source) => source.stop());
}

function byName<T>({ others = [], watched = [] }: Plan, make: (app: NamedApp) => T): Record<string, T> {
  return Object.fromEntries([...others, ...watched].map((app) => [app.name, make(app)]));
}

type NamedApp = NonNullable<Plan["watched"]>[number];
