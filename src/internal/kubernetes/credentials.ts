import { readFile } from "node:fs/promises";
import type { OutgoingHttpHeaders } from "node:http";
import type { Cluster } from "./cluster";
import { contentOf } from "./fields";
import { type PluginSurroundings, runPlugin } from "./plugin";
import type { User } from "./user";

/** What requests prove with as whom they are made. */
export interface Credentials {
  /** The headers of the next request. */
  headers(): Promise<OutgoingHttpHeaders>;
  /** A client certificate and its key, as PEM. */
  certificate?: { cert: string | Buffer | undefined; key: string | Buffer | undefined };
  /** Until when they are good, in ms since the epoch; Infinity where nobody says. */
  expires: number;
}

/**
 * A user's credentials for a cluster, with all files read and the plugin run. A server of plain HTTP gets none, as
 * kubectl has it: everybody on the way could read them.
 *
 * @param signal ends the plugin
 * @throws Error without any secret in it
 */
export async function credentialsFor(
  cluster: Cluster,
  user: User,
  surroundings: PluginSurroundings,
  signal: AbortSignal,
): Promise<Credentials> {
  if (cluster.server.protocol === "http:") {
    return { headers: async () => ({}), expires: Infinity };
  }
  const { plugin, password, tokenFile, impersonation } = user;
  const written = password ?? tokenFile ?? user.token;
  const printed =
    plugin === undefined || written !== undefined
      ? undefined
      : await runPlugin(
          plugin,
          user.title,
          plugin.provideClusterInfo ? await clusterInfo(cluster) : undefined,
          surroundings,
          signal,
        );
  const token = tokenFile === undefined ? async () => user.token ?? printed?.token : tokenOf(tokenFile, user);
  const certificate = user.certificate && {
    cert: await contentOf(user.certificate.cert),
    key: await contentOf(user.certificate.key),
  };
  return {
    headers: async () => ({ ...impersonation, ...authorization(await token(), user) }),
    certificate: printed?.certificate ?? certificate,
    expires: printed?.expires ?? Infinity,
  };
}

function authorization(token: string | undefined, { title, password }: User): OutgoingHttpHeaders {
  if (password !== undefined) {
    return { authorization: `Basic ${Buffer.from(`${password.username}:${password.password}`).toString("base64")}` };
  }
  if (token === undefined) {
    return {};
  }
  if (/[^\x21-\x7e]/.test(token)) {
    throw new Error(
      `the token of ${title} cannot be sent: it has spaces, line breaks or other characters that no token has`,
    );
  }
  return { authorization: `Bearer ${token}` };
}

/** The file is read for each request, as tokens are renewed in it; its last token stays while it cannot be read. */
function tokenOf(file: string, user: User): () => Promise<string | undefined> {
  let last = user.token;
  return async () => {
    try {
      last = (await readFile(file, "utf8")).trim() || last;
    } catch (error) {
      if (last === undefined) {
        throw new Error(`tokenFile of ${user.title} cannot be read: ${(error as Error).message}`);
      }
    }
    if (last === undefined) {
      throw new Error(`tokenFile of ${user.title} is empty: ${file}`);
    }
    return last;
  };
}

/** What a plugin is told of a cluster. */
async function clusterInfo(cluster: Cluster): Promise<object> {
  const ca = await contentOf(cluster.ca);
  return {
    server: cluster.server.href.replace(/\/$/, ""),
    ...(cluster.tlsServerName && { "tls-server-name": cluster.tlsServerName }),
    ...(cluster.skipTlsVerify && { "insecure-skip-tls-verify": true }),
    ...(ca && { "certificate-authority-data": ca.toString("base64") }),
    ...(cluster.proxy && { "proxy-url": cluster.proxy.href }),
    ...(cluster.pluginConfig !== undefined && { config: cluster.pluginConfig }),
  };
}
