import { request as plainRequest } from "node:http";
import { request as securedRequest } from "node:https";
import { type Socket, isIPv6 } from "node:net";

/** How long a proxy may take to make a connection, in ms. */
const CONNECT_MS = 30_000;

/**
 * A connection to a host and port that a proxy of HTTP makes.
 *
 * @param signal gives it up
 * @throws Error that names the proxy's host, and nothing of its user and password
 */
export function tunnel(proxy: URL, host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const target = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
    const failed = (what: string) => reject(new Error(`the proxy ${proxy.host} ${what}`));
    const asked = (proxy.protocol === "https:" ? securedRequest : plainRequest)({
      host: proxy.hostname.replace(/^\[|\]$/g, ""),
      port: proxy.port,
      method: "CONNECT",
      path: target,
      headers: { host: target, ...authorization(proxy) },
      agent: false,
      timeout: CONNECT_MS,
    });
    const giveUp = () => asked.destroy(new Error("it is no longer needed"));
    signal.addEventListener("abort", giveUp, { once: true });
    asked.on("close", () => signal.removeEventListener("abort", giveUp));
    asked.on("timeout", () => asked.destroy(new Error(`no answer within ${CONNECT_MS / 1000} s`)));
    asked.on("error", (error: NodeJS.ErrnoException) => failed(`makes no connection: ${error.message || error.code}`));
    asked.on("connect", ({ statusCode = 0 }, socket: Socket, head) => {
      if (statusCode < 200 || statusCode > 299) {
        socket.destroy();
        failed(`answered ${statusCode} to CONNECT ${target}`);
        return;
      }
      socket.setTimeout(0);
      if (head.length > 0) {
        socket.unshift(head);
      }
      resolve(socket);
    });
    asked.end();
  });
}

function authorization({ username, password }: URL): Record<string, string> {
  const user = [username, password].map(decodeURIComponent).join(":");
  return user === ":" ? {} : { "proxy-authorization": `Basic ${Buffer.from(user).toString("base64")}` };
}
