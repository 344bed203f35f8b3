/** The parts of a VirtualService's spec that say where requests, or copies of them, go. */
interface RoutedSpec {
  http?: RoutedRule[];
  tcp?: RoutedRule[];
  tls?: RoutedRule[];
}

interface RoutedRule {
  route?: WeightedDestination[];
  mirror?: Target;
  mirrors?: { destination?: Target; percentage?: { value?: number } }[];
}

interface WeightedDestination {
  destination?: Target;
  weight?: number;
}

interface Target {
  host?: string;
  port?: { number?: number };
  subset?: string;
}

/** The spec among the inputs of a VirtualService, as hooks get them. */
export function specOf(inputs: unknown): unknown {
  return (inputs as { spec?: unknown } | undefined)?.spec;
}

/** The subsets that a VirtualService's spec names, whether they get requests or not. */
export function namedSubsets(spec: unknown): Set<string> {
  return subsetsOf(named(spec));
}

/**
 * The subsets to which a VirtualService's spec really sends requests: those with a weight or alone in their route
 * (Istio ignores a weight of 0 only if there is another destination), and those that get copies.
 */
export function servedSubsets(spec: unknown): Set<string> {
  return subsetsOf(served(spec));
}

/** The subsets to which requests go after the change, and did not before it. */
export function startedSubsets(before: unknown, after: unknown): string[] {
  const known = servedSubsets(before);
  return [...servedSubsets(after)].filter((subset) => !known.has(subset));
}

/**
 * Whether requests go somewhere after the change that was not even named before it: to a subset, to a port of the app's
 * Service, to another Service. Not where a port of the Service takes the place of another one, which the Service no
 * longer has: its requests fail until they go to the new port.
 */
export function bringsDestination(before: unknown, after: unknown): boolean {
  const [old, now] = [named(before), named(after)];
  const [subsets, clusters, ports] = [subsetsOf(old), new Set(old.map(clusterOf)), new Set(now.map(portOf))];
  const isPortGone = served(before).some((target) => target.subset !== undefined && !ports.has(portOf(target)));
  return served(after).some(
    (target) =>
      (target.subset !== undefined && !subsets.has(target.subset)) ||
      (!clusters.has(clusterOf(target)) && !(target.subset !== undefined && isPortGone)),
  );
}

/** Whether a subset, or another Service, that had requests before the change is no longer named after it. */
export function dropsDestination(before: unknown, after: unknown): boolean {
  const now = new Set(named(after).map(({ subset, host }) => subset ?? host));
  return served(before).some(({ subset, host }) => !now.has(subset ?? host));
}

function named(spec: unknown): Target[] {
  return targetsOf(
    rulesOf(spec).flatMap(({ route = [], mirror, mirrors = [] }) => [...route, { destination: mirror }, ...mirrors]),
  );
}

function served(spec: unknown): Target[] {
  return targetsOf(
    rulesOf(spec).flatMap(({ route = [], mirror, mirrors = [] }) => [
      ...(route.length === 1 ? route : route.filter(({ weight }) => (weight ?? 0) > 0)),
      { destination: mirror },
      ...mirrors.filter(({ percentage }) => percentage?.value !== 0),
    ]),
  );
}

function rulesOf(spec: unknown): RoutedRule[] {
  const { http = [], tcp = [], tls = [] } = (spec as RoutedSpec | undefined) ?? {};
  return [...http, ...tcp, ...tls];
}

function targetsOf(destinations: { destination?: Target }[]): Target[] {
  return destinations.flatMap(({ destination }) => destination ?? []);
}

function subsetsOf(targets: readonly Target[]): Set<string> {
  return new Set(targets.flatMap(({ subset }) => subset ?? []));
}

function portOf({ host, port }: Target): string {
  return `${host} ${port?.number}`;
}

/** What Envoy's clusters are told apart by. */
function clusterOf(target: Target): string {
  return `${portOf(target)} ${target.subset}`;
}
