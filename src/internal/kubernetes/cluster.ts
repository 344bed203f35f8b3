import { shownUrl } from "../http/url";
import type { Fields, Pem } from "./fields";

/** Where a cluster's API server is, and how it is known to be the right one. */
export interface Cluster {
  server: URL;
  /** The authorities that may have signed its certificate. @default those that Node.js trusts */
  ca?: Pem;
  /** Whether any certificate will do. */
  skipTlsVerify: boolean;
  /** The name that its certificate has to have. @default the server's host */
  tlsServerName?: string;
  /** An HTTP proxy that is asked for connections. @default what the environment names */
  proxy?: URL;
  /** What the cluster has to say to the plugins that log users in. */
  pluginConfig?: unknown;
}

/** The extension whose content the plugins are given. */
const PLUGIN_EXTENSION = "client.authentication.k8s.io/exec";

/** @throws Error that names the field that is missing or wrong */
export function readCluster(fields: Fields): Cluster {
  const extension = fields.objects("extensions").find((each) => each.text("name") === PLUGIN_EXTENSION);
  return {
    server: serverOf(fields),
    ca: fields.pem("certificate-authority"),
    skipTlsVerify: fields.flag("insecure-skip-tls-verify"),
    tlsServerName: fields.text("tls-server-name"),
    proxy: proxyOf(fields),
    pluginConfig: extension?.object("extension")?.plain,
  };
}

function serverOf(fields: Fields): URL {
  const server = fields.required("server");
  if (!/^https?:\/\//i.test(server) || !URL.canParse(server)) {
    throw new Error(`server of ${fields.title} is not a URL: one that starts with https:// or http:// is needed`);
  }
  return new URL(server);
}

function proxyOf(fields: Fields): URL | undefined {
  const text = fields.text("proxy-url");
  if (text === undefined) {
    return undefined;
  }
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (proxy === undefined || !/^https?:$/.test(proxy.protocol)) {
    throw new Error(
      `proxy-url of ${fields.title} ${
        proxy?.protocol.startsWith("socks") ? `is ${shownUrl(proxy)}, and SOCKS is not supported` : "is wrong"
      }: the URL of a proxy of HTTP is needed, which starts with http:// or https://`,
    );
  }
  return proxy;
}
