import { Agent, type RequestOptions as PlainOptions, request as plainRequest } from "node:http";
import { Agent as SecureAgent, type RequestOptions, request as secureRequest } from "node:https";
import { type Socket, isIP } from "node:net";
import { connect as startTls } from "node:tls";
import { sharedByMany } from "../abortSignals";
import { errorMessage } from "./errorMessage";
import { type Proxy, ProxyError, hostAndPort, hostnameOf, portOf, proxyName } from "./proxy";

/** How long an idle connection is kept for the next request. */
const IDLE_MS = 5_000;

// Not Node's own agents, which have proxies of their own with NODE_USE_ENV_PROXY, for this machine, too.
const PLAIN = new Agent({ keepAlive: true, timeout: IDLE_MS });
const SECURE = new SecureAgent({ keepAlive: true, timeout: IDLE_MS });

/** Node's function for requests of a protocol. */
export function senderFor(protocol: string): typeof secureRequest {
  return protocol === "https:" ? secureRequest : plainRequest;
}

/** Options of Node's requests that lead straight to a URL. */
export function directly({ protocol }: URL): RequestOptions {
  return { agent: agentFor(protocol) };
}

/**
 * Options of Node's requests that lead to a URL through a proxy: through a tunnel (CONNECT) for https, so that the proxy
 * sees no more than host and port; for http the proxy is asked for the whole URL.
 *
 * @throws ProxyError if the proxy opens no tunnel
 */
export async function throughProxy(url: URL, proxy: Proxy, signal: AbortSignal): Promise<RequestOptions> {
  if (url.protocol === "https:") {
    const tunnel = await openTunnel(hostAndPort(hostnameOf(url), portOf(url)), proxy, signal);
    return { createConnection: () => secured(tunnel, url), defaultPort: 443 };
  }
  return {
    ...addressOf(proxy),
    path: `${url.origin}${url.pathname}${url.search}`,
    headers: { host: url.host, ...authorizationFor(proxy) },
  };
}

/**
 * A connection to a host and port that a proxy makes by CONNECT.
 *
 * @param target `HOST:PORT`, an IPv6 address in brackets
 * @param signal gives it up
 * @throws ProxyError if the proxy refuses it or cannot be reached
 */
export function openTunnel(target: string, proxy: Proxy, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const asking = senderFor(proxy.protocol)({
      ...addressOf(proxy),
      method: "CONNECT",
      path: target,
      headers: { host: target, ...authorizationFor(proxy) },
      signal: sharedByMany(signal),
    });
    asking.on("connect", ({ statusCode = 0 }, socket: Socket, head: Buffer) => {
      if (statusCode < 200 || statusCode > 299 || signal.aborted) {
        socket.destroy();
        reject(refusedByProxy(proxy, statusCode));
        return;
      }
      // What sends over it has time limits of its own.
      socket.setTimeout(0);
      if (head.length > 0) {
        socket.unshift(head);
      }
      resolve(socket);
    });
    asking.on("error", (error) => reject(unreachableProxy(proxy, error)));
    asking.end();
  });
}

/** The error of a proxy that answered itself. */
export function refusedByProxy(proxy: Proxy, status: number): ProxyError {
  return new ProxyError(
    status === 407
      ? `the proxy ${proxyName(proxy)} answered 407: it needs a user and a password that it accepts, given in its URL`
      : `the proxy ${proxyName(proxy)} answered ${status} to CONNECT`,
    status,
  );
}

/** The error of a proxy that did not answer. */
export function unreachableProxy(proxy: Proxy, error: unknown): ProxyError {
  return new ProxyError(`cannot connect through the proxy ${proxyName(proxy)}: ${errorMessage(error)}`, undefined, {
    cause: error,
  });
}

function secured(tunnel: Socket, url: URL): Socket {
  const host = hostnameOf(url);
  const socket = startTls({
    socket: tunnel,
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ALPNProtocols: ["http/1.1"],
  });
  // The tunnel's own errors come before the TLS connection has taken it over.
  tunnel.on("error", (error) => socket.destroy(error));
  return socket;
}

function addressOf({ protocol, hostname, port }: Proxy): PlainOptions {
  return { protocol, hostname, port, agent: agentFor(protocol) };
}

function agentFor(protocol: string): Agent {
  return protocol === "https:" ? SECURE : PLAIN;
}

function authorizationFor({ authorization }: Proxy): Record<string, string> {
  return authorization === undefined ? {} : { "proxy-authorization": authorization };
}
