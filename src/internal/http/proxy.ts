import { BlockList, isIP } from "node:net";

/** A proxy through which requests go. */
export interface Proxy {
  protocol: "http:" | "https:";
  /** Its name or address, without brackets. */
  hostname: string;
  port: number;
  /** The header `Proxy-Authorization`: a secret. @default none is sent */
  authorization?: string;
}

/** An environment's variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that an environment names for a URL: `HTTPS_PROXY` for https, `HTTP_PROXY` for http, and none for what
 * `NO_PROXY` lists. Each is also read in lower case, which comes first. A variable that is set to nothing counts as not
 * set. Requests to this machine itself (`localhost`, 127.0.0.0/8, `::1`) never go through a proxy.
 *
 * @throws ProxyError that names the variable, and never what it holds, if it is not the URL of an HTTP proxy
 */
export function proxyFor(url: URL, env: Environment): Proxy | undefined {
  const variable = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const name = env[variable.toLowerCase()] ? variable.toLowerCase() : variable;
  const address = env[name];
  if (!address || isLoopback(url) || isExcluded(url, env.no_proxy || env.NO_PROXY || "")) {
    return undefined;
  }
  return parsedProxy(address, name);
}

/** The proxy could not be used. Its user and password are never part of the message. */
export class ProxyError extends Error {
  constructor(
    message: string,
    /** What the proxy answered instead of passing the request on. @default it gave no answer */
    readonly status?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "ProxyError";
  }
}

/** The proxy's name and port, for people. */
export function proxyName({ hostname, port }: Proxy): string {
  return hostAndPort(hostname, port);
}

/** `HOST:PORT`, an IPv6 address in brackets. */
export function hostAndPort(hostname: string, port: number | string): string {
  return isIP(hostname) === 6 ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/** A URL's host without brackets and without the root's dot. */
export function hostnameOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}

/** A URL's port, or that of its protocol. */
export function portOf({ protocol, port }: URL): number {
  return Number(port || (protocol === "https:" ? 443 : 80));
}

/** A URL's user and password, `user:password`, decoded; undefined without a user and a password. */
export function credentialsIn({ username, password }: URL): string | undefined {
  return username || password ? `${decoded(username)}:${decoded(password)}` : undefined;
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

function isLoopback(url: URL): boolean {
  const host = hostnameOf(url);
  const version = isIP(host);
  return version === 0
    ? host === "localhost" || host.endsWith(".localhost")
    : LOOPBACK.check(host, version === 6 ? "ipv6" : "ipv4");
}

/**
 * Whether a list as in `NO_PROXY` has the URL's host. Its entries, apart by commas or spaces, are `*` for every host, an
 * IP address, or a domain, which stands for all hosts below it, too (with or without a leading `.` or `*.`); each may end
 * with `:PORT`.
 */
function isExcluded(url: URL, list: string): boolean {
  const host = hostnameOf(url);
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      if (entry === "*") {
        return true;
      }
      const { name, port } = entryOf(entry);
      if (port !== undefined && port !== portOf(url)) {
        return false;
      }
      return host === name || (isIP(host) === 0 && name !== "" && host.endsWith(`.${name}`));
    });
}

function entryOf(entry: string): { name: string; port?: number } {
  const [, bracketed, plain = "", port] = /^(?:\[(.*)\]|(.*?))(?::(\d+))?$/.exec(entry) ?? [];
  // More than one colon without brackets is an IPv6 address without a port.
  const address = bracketed ?? (isIP(entry) === 6 ? entry : undefined);
  if (address !== undefined) {
    const canonical = isIP(address) === 6 ? hostnameOf(new URL(`http://[${address}]`)) : address;
    return { name: canonical, port: bracketed === undefined || port === undefined ? undefined : Number(port) };
  }
  const name = plain
    .toLowerCase()
    .replace(/^\*?\./, "")
    .replace(/\.$/, "");
  return { name, port: port === undefined ? undefined : Number(port) };
}

function parsedProxy(address: string, variable: string): Proxy {
  const full = /^[a-z][a-z\d+.-]*:\/\//i.test(address) ? address : `http://${address}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new ProxyError(
      `the variable ${variable} does not hold the URL of an HTTP proxy; one like http://proxy.example:3128 is needed`,
    );
  }
  return proxyAt(url);
}

/** The HTTP proxy that a URL with the scheme `http:` or `https:` names; its user and password are the URL's. */
export function proxyAt(url: URL): Proxy {
  const credentials = credentialsIn(url);
  return {
    protocol: url.protocol === "https:" ? "https:" : "http:",
    hostname: hostnameOf(url),
    port: portOf(url),
    ...(credentials === undefined ? {} : { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` }),
  };
}

/** A `%` that encodes nothing stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
