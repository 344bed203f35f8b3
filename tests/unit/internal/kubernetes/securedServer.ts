import type { IncomingHttpHeaders } from "node:http";
import { type Server, createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { stringify } from "yaml";
import { type Certificate, selfSigned } from "../../../e2e/support/certificate";

/** A request as the server has seen it. */
export interface Seen {
  path: string;
  headers: IncomingHttpHeaders;
  /** The name in the client certificate that it trusts; undefined if there was none. */
  client?: string;
}

/** The host that the server's certificate is for. */
export const SERVER_NAME = "api.test";

/** An API server with TLS that the test process itself is. */
export class SecuredServer {
  readonly seen: Seen[] = [];
  /** How many connections were made to it. */
  connections = 0;
  /** The status of its next answer. */
  statusOf: (seen: Seen) => number = () => 200;

  private constructor(
    private readonly server: Server,
    /** Its certificate, which is its own authority. */
    readonly certificate: Certificate,
  ) {
    server.on("secureConnection", () => this.connections++);
  }

  /**
   * @param clients the authorities of client certificates
   * @param host what its certificate is for
   */
  static async start(clients: readonly Certificate[] = [], host = SERVER_NAME): Promise<SecuredServer> {
    const certificate = selfSigned(host);
    const ca = [certificate, ...clients].map(({ cert }) => cert);
    const server = createServer({ ...certificate, ca, requestCert: true, rejectUnauthorized: false });
    const made = new SecuredServer(server, certificate);
    server.on("request", (request, response) => {
      const socket = request.socket as TLSSocket;
      // A resumed session of a client without a certificate counts as authorized.
      const name: unknown = socket.authorized ? socket.getPeerCertificate().subject?.CN : undefined;
      const client = typeof name === "string" ? name : undefined;
      const seen: Seen = { path: request.url ?? "", headers: request.headers, client };
      made.seen.push(seen);
      response.writeHead(made.statusOf(seen)).end(JSON.stringify({ message: `seen ${made.seen.length}` }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return made;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  get last(): Seen {
    return this.seen[this.seen.length - 1];
  }

  /** The cluster's entry in a kubeconfig. */
  get cluster(): Record<string, unknown> {
    return {
      server: this.url,
      "certificate-authority-data": base64(this.certificate.cert),
      "tls-server-name": SERVER_NAME,
    };
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}

/** A kubeconfig of one cluster and one user, both called `dev`. */
export function kubeconfigOf(cluster: object, user: object = {}): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "dev",
    clusters: [{ name: "dev", cluster }],
    users: [{ name: "dev", user }],
    contexts: [{ name: "dev", context: { cluster: "dev", user: "dev" } }],
  });
}

export function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** What an API server is asked with where nothing stops it. */
export const NEVER = new AbortController().signal;

/** The message of what a promise rejects with. */
export async function complaintOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no complaint",
    (error: Error) => error.message,
  );
}
