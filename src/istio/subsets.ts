/** The parts of a VirtualService's spec that decide which subsets get requests, or copies of them. */
interface RoutedSpec {
  http?: RoutedRule[];
  tcp?: RoutedRule[];
  tls?: RoutedRule[];
}

interface RoutedRule {
  route?: WeightedDestination[];
  mirror?: Subset;
  mirrors?: { destination?: Subset; percentage?: { value?: number } }[];
}

interface WeightedDestination {
  destination?: Subset;
  weight?: number;
}

interface Subset {
  subset?: string;
}

/** The subsets that a VirtualService's spec names, whether they get requests or not. */
export function namedSubsets(spec: unknown): Set<string> {
  return subsetsOf(
    rulesOf(spec).flatMap(({ route = [], mirror, mirrors = [] }) => [...route, { destination: mirror }, ...mirrors]),
  );
}

/**
 * The subsets to which a VirtualService's spec really sends requests: those with a weight or alone in their route
 * (Istio ignores a weight of 0 only if there is another destination), and those that get copies.
 */
export function servedSubsets(spec: unknown): Set<string> {
  return subsetsOf(
    rulesOf(spec).flatMap(({ route = [], mirror, mirrors = [] }) => [
      ...(route.length === 1 ? route : route.filter(({ weight }) => (weight ?? 0) > 0)),
      { destination: mirror },
      ...mirrors.filter(({ percentage }) => percentage?.value !== 0),
    ]),
  );
}

/** Whether requests are sent after the change to a subset that was not even named before it. */
export function bringsSubset(before: unknown, after: unknown): boolean {
  const named = namedSubsets(before);
  return [...servedSubsets(after)].some((subset) => !named.has(subset));
}

/** Whether a subset that had requests before the change is no longer named after it. */
export function dropsSubset(before: unknown, after: unknown): boolean {
  const named = namedSubsets(after);
  return [...servedSubsets(before)].some((subset) => !named.has(subset));
}

function rulesOf(spec: unknown): RoutedRule[] {
  const { http = [], tcp = [], tls = [] } = (spec as RoutedSpec | undefined) ?? {};
  return [...http, ...tcp, ...tls];
}

function subsetsOf(destinations: { destination?: Subset }[]): Set<string> {
  return new Set(destinations.flatMap(({ destination }) => destination?.subset ?? []));
}
