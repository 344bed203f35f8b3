import type { Destination } from "./destination";
import { type Weights, inOrder } from "./weights";

interface ConnectionDestination {
  destination: { host: string; subset: string; port: { number: number } };
  weight: number;
}

/**
 * A VirtualService's `tcp[]` element: connections, shared among the versions.
 *
 * @param called The port that they were opened to; any port if omitted.
 */
export function tcpRoute(destination: Destination, weights: Weights, called?: number): object {
  const route = shared(destination, weights);
  return called === undefined ? { route } : { match: [{ port: called }], route };
}

/**
 * A VirtualService's `tls[]` element: connections with one of these server names (SNI), shared among the versions.
 *
 * @param names The VirtualService's hosts; Istio requires every server name to be one of them.
 * @param called The port that they were opened to; any port if omitted.
 */
export function tlsRoute(
  names: readonly string[],
  destination: Destination,
  weights: Weights,
  called?: number,
): object {
  const match = { sniHosts: [...names], ...(called === undefined ? {} : { port: called }) };
  return { match: [match], route: shared(destination, weights) };
}

function shared({ host, port, versions }: Destination, weights: Weights): ConnectionDestination[] {
  return inOrder(weights, versions).map(([subset, weight]) => ({
    destination: { host, subset, port: { number: port } },
    weight,
  }));
}
