import { type GatewayServerArgs, type ServerProtocol, protocolOf } from "./gatewayServer";
import type { Plain } from "./plain";

const SCHEMES: Readonly<Record<ServerProtocol, string>> = {
  HTTP: "http",
  HTTP2: "http",
  GRPC: "http",
  HTTPS: "https",
  TCP: "tcp",
  TLS: "tls",
};
const USUAL_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

/**
 * Where clients call the first server that does not redirect them.
 *
 * @param address The ingress gateway's address; a port in it replaces the server's.
 */
export function entryUrl(servers: readonly Plain<GatewayServerArgs>[], address: string): string {
  const server = servers.find(({ httpsRedirect }) => httpsRedirect !== true) ?? servers[0];
  const scheme = SCHEMES[protocolOf(server)];
  const hasPort = /^[^:]*:\d+$|\]:\d+$/.test(address);
  return `${scheme}://${address}${hasPort || USUAL_PORTS[scheme] === server.port ? "" : `:${server.port}`}`;
}
