import type { Destination } from "./destination";
import { type Weights, inOrder } from "./weights";

interface ConnectionDestination {
  destination: { host: string; subset: string; port: { number: number } };
  weight: number;
}

/** A VirtualService's one `tcp[]` element: every connection, shared among the versions. */
export function tcpRoute(destination: Destination, weights: Weights): { route: ConnectionDestination[] } {
  return { route: shared(destination, weights) };
}

/**
 * A VirtualService's one `tls[]` element: connections that ask for one of these server names, shared among the
 * versions.
 *
 * @param names The VirtualService's hosts; Istio wants every server name to be one of them.
 */
export function tlsRoute(names: readonly string[], destination: Destination, weights: Weights): object {
  return { match: [{ sniHosts: [...names] }], route: shared(destination, weights) };
}

function shared({ host, port, versions }: Destination, weights: Weights): ConnectionDestination[] {
  return inOrder(weights, versions).map(([subset, weight]) => ({
    destination: { host, subset, port: { number: port } },
    weight,
  }));
}
