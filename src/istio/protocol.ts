/** What an app speaks. It decides which of Istio's kinds of routes share its traffic. */
export const ServiceProtocol = {
  /** HTTP/1.1, and HTTP/2 from callers that offer it: requests are shared, by `http` routes. */
  Http: "http",
  /** HTTP/2 without TLS, only: requests are shared, by `http` routes. */
  Http2: "http2",
  /** gRPC: calls are shared, by `http` routes. */
  Grpc: "grpc",
  /** Any bytes: connections are shared, by `tcp` routes. */
  Tcp: "tcp",
  /** TLS that the app itself decrypts: connections are shared, by `tls` routes, and matched by server name (SNI). */
  Tls: "tls",
} as const;

/** One of {@link ServiceProtocol}. */
export type ServiceProtocol = (typeof ServiceProtocol)[keyof typeof ServiceProtocol];

/** The lists of a VirtualService's spec that contain routes. */
export type RoutesKind = "http" | "tcp" | "tls";

/** The list of a VirtualService's spec that contains the routes of a port with this protocol. */
export function routesKind(protocol: ServiceProtocol): RoutesKind {
  return protocol === ServiceProtocol.Tcp || protocol === ServiceProtocol.Tls ? protocol : "http";
}

/** What an app speaks, and which argument says so. */
export interface Spoken {
  /** The protocol of each of its ports, in their order; at least one. */
  protocols: readonly ServiceProtocol[];
  /** Whether it is set by the list `service.ports`; otherwise by `service.protocol`. */
  listed: boolean;
}

/** Whether one of an app's ports has routes of this kind. */
export function hasRoutesOf({ protocols }: Spoken, kind: RoutesKind): boolean {
  return protocols.some((protocol) => routesKind(protocol) === kind);
}

/** The kinds of routes that an app's ports have, each once. */
export function kindsOf({ protocols }: Spoken): RoutesKind[] {
  return [...new Set(protocols.map(routesKind))];
}

/** What an app speaks, as words that name the argument. */
export function spokenInWords({ protocols, listed }: Spoken): string {
  return listed
    ? `service.ports speak ${[...new Set(protocols)].join(" and ")}`
    : `service.protocol is ${protocols.join()}`;
}
