/** The kinds of servers: all servers on one port of an ingress gateway must be of the same kind. */
export type PortKind = "http" | "tls" | "tcp";

/** The kind of a Gateway's server, by the protocol as Istio spells it. */
export function portKind(protocol: string): PortKind {
  switch (protocol.toUpperCase()) {
    case "HTTPS":
    case "TLS":
      return "tls";
    case "HTTP":
    case "HTTP2":
    case "GRPC":
    case "GRPC-WEB":
      return "http";
    default:
      return "tcp";
  }
}
