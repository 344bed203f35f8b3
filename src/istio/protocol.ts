/** What an app speaks. It decides which of Istio's routes share its traffic. */
export const ServiceProtocol = {
  /** HTTP/1.1, and HTTP/2 from callers that offer it: requests are shared, by `http` routes. */
  Http: "http",
  /** HTTP/2 without TLS, only: requests are shared, by `http` routes. */
  Http2: "http2",
  /** gRPC: calls are shared, by `http` routes. */
  Grpc: "grpc",
  /** Any bytes: connections are shared, by `tcp` routes. */
  Tcp: "tcp",
  /**
   * TLS that the app itself decrypts: connections are shared, by `tls` routes, and found by the server name they ask
   * for.
   */
  Tls: "tls",
} as const;

/** One of {@link ServiceProtocol}. */
export type ServiceProtocol = (typeof ServiceProtocol)[keyof typeof ServiceProtocol];

/** Which list of a VirtualService's spec holds the routes of an app that speaks this. */
export function routesKind(protocol: ServiceProtocol): "http" | "tcp" | "tls" {
  return protocol === ServiceProtocol.Tcp || protocol === ServiceProtocol.Tls ? protocol : "http";
}
