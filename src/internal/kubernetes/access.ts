import { X509Certificate } from "node:crypto";
import { Agent, type OutgoingHttpHeaders } from "node:http";
import { Agent as SecuredAgent } from "node:https";
import { type SecureContext, connect, createSecureContext } from "node:tls";
import { openTunnel } from "../http/connection";
import { hostAndPort, type Proxy, proxyAt, proxyFor } from "../http/proxy";
import type { Cluster } from "./cluster";
import { type Credentials, credentialsFor } from "./credentials";
import { contentOf } from "./fields";
import type { PluginSurroundings } from "./plugin";
import type { Target } from "./target";

/** Connections to an API server, and the headers of what is asked on them. */
export interface Access {
  agent: Agent;
  /** The headers of the next request. */
  headers(): Promise<OutgoingHttpHeaders>;
  /** Until when it is good, in ms since the epoch. */
  expires: number;
}

/** How many requests may be under way at the same time. */
const MOST_CONNECTIONS = 8;

/** How long a proxy may take to make a connection, in ms. */
const CONNECT_MS = 30_000;

/**
 * Access to a cluster with its user's current credentials, through the proxy that the kubeconfig names, or else the one
 * that the environment names (`HTTPS_PROXY`, `NO_PROXY`), as in kubectl. Connections stay open: with one for each
 * request, most of the time would be spent on certificates.
 *
 * @param signal ends what is under way to it
 * @throws Error without any secret in it, if a file cannot be read, a certificate is wrong or a plugin fails
 */
export async function accessTo(
  { cluster, user }: Target,
  surroundings: PluginSurroundings,
  signal: AbortSignal,
): Promise<Access> {
  const credentials = await credentialsFor(cluster, user, surroundings, signal);
  const pool = { keepAlive: true, maxSockets: MOST_CONNECTIONS };
  const agent =
    cluster.server.protocol === "http:"
      ? new Agent(pool)
      : new SecuredAgent({
          ...pool,
          secureContext: await contextOf(cluster, user.title, credentials),
          ...(cluster.skipTlsVerify && { rejectUnauthorized: false }),
          ...(cluster.tlsServerName && { servername: cluster.tlsServerName }),
        });
  const proxy = cluster.proxy ? proxyAt(cluster.proxy) : proxyFor(cluster.server, surroundings.env);
  if (proxy !== undefined) {
    connectThrough(proxy, agent, signal);
  }
  return { agent, headers: credentials.headers, expires: credentials.expires };
}

/** Ends an access once what is asked on it is answered. */
export function retire({ agent }: Access): void {
  agent.maxFreeSockets = 0;
  Object.values(agent.freeSockets).forEach((sockets) => sockets?.forEach((socket) => socket.destroy()));
}

async function contextOf(cluster: Cluster, user: string, { certificate }: Credentials): Promise<SecureContext> {
  const ca = await contentOf(cluster.ca);
  if (cluster.ca !== undefined && !isCertificate(ca)) {
    throw new Error(`${cluster.ca.title} is not a PEM certificate`);
  }
  try {
    return createSecureContext({ ca, ...certificate });
  } catch (error) {
    throw new Error(`the client certificate of ${user} cannot be used: ${(error as Error).message}`);
  }
}

/** TLS leaves out what is no certificate without a word, and then trusts no server. */
function isCertificate(pem: Buffer = Buffer.alloc(0)): boolean {
  try {
    return pem.includes("-----BEGIN") && new X509Certificate(pem).subject !== null;
  } catch {
    return false;
  }
}

/** Has an agent ask a proxy for each of its connections. */
function connectThrough(proxy: Proxy, agent: Agent, signal: AbortSignal): void {
  const secured = agent instanceof SecuredAgent;
  agent.createConnection = (options, callback) => {
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)]);
    openTunnel(hostAndPort(options.host ?? "", Number(options.port)), proxy, inTime).then(
      (socket) => callback?.(null, secured ? connect({ ...(options as object), socket }) : socket),
      (error: Error) => callback?.(error, undefined as never),
    );
    return undefined;
  };
}
