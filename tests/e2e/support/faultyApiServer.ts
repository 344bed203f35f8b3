import { readFile, writeFile } from "node:fs/promises";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { Agent, request } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { parse, stringify } from "yaml";

/** What becomes of a request to the API server. */
export type Fault =
  | { kind: "delay"; milliseconds: number }
  /** It never reaches the API server, which answers with this status. */
  | { kind: "status"; status: number }
  /** Its connection ends, and it never reaches the API server. */
  | { kind: "cut" }
  /** The API server does what it was asked, and its answer is lost. */
  | { kind: "answer lost" };

/** A request as faults are chosen by. */
export interface ApiRequest {
  method: string;
  path: string;
}

/**
 * Stands before an API server, hands on what it is asked with the rights of a kubeconfig, and makes what faults it is
 * told to.
 */
export class FaultyApiServer {
  /** The fault of a request, if it has one; changed at any time. */
  faultOf: (asked: ApiRequest) => Fault | undefined = () => undefined;

  private constructor(
    private readonly server: Server,
    private readonly agent: Agent,
    /** A kubeconfig by which clients come here. */
    readonly kubeconfig: string,
  ) {}

  /** Starts one; its kubeconfig is written into the folder. */
  static async start(kubeconfig: string, folder: string): Promise<FaultyApiServer> {
    const { clusters, users } = parse(await readFile(kubeconfig, "utf8")) as Kubeconfig;
    const [{ cluster }] = clusters;
    const [{ user }] = users;
    const decoded = (text: string) => Buffer.from(text, "base64");
    const credentials = {
      ca: decoded(cluster["certificate-authority-data"]),
      cert: decoded(user["client-certificate-data"]),
      key: decoded(user["client-key-data"]),
    };
    const agent = new Agent({ ...credentials, keepAlive: true });
    const own = join(folder, "faulty.kubeconfig");
    const server = createServer((asked, answer) => faulty.pass(asked, answer, cluster.server));
    const faulty = new FaultyApiServer(server, agent, own);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const context = { cluster: "faulty", user: "faulty" };
    const config = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "faulty", cluster: { server: `http://127.0.0.1:${port}` } }],
      users: [{ name: "faulty", user: {} }],
      contexts: [{ name: "faulty", context }],
      "current-context": "faulty",
    };
    await writeFile(own, stringify(config));
    return faulty;
  }

  /** Ends it, with all connections. */
  close(): void {
    this.server.close();
    this.server.closeAllConnections();
    this.agent.destroy();
  }

  private pass(asked: IncomingMessage, answer: ServerResponse, server: string): void {
    const fault = this.faultOf({ method: asked.method ?? "", path: asked.url ?? "" });
    if (fault?.kind === "cut") {
      asked.socket.destroy();
    } else if (fault?.kind === "status") {
      const status = {
        kind: "Status",
        apiVersion: "v1",
        status: "Failure",
        message: "a fault made on purpose",
        code: fault.status,
      };
      answer.writeHead(fault.status, { "content-type": "application/json" }).end(JSON.stringify(status));
    } else {
      setTimeout(
        () => this.hand(asked, answer, server, fault?.kind === "answer lost"),
        fault?.kind === "delay" ? fault.milliseconds : 0,
      );
    }
  }

  private hand(asked: IncomingMessage, answer: ServerResponse, server: string, losesAnswer: boolean): void {
    const url = new URL(asked.url ?? "/", server);
    const outgoing = request(
      url,
      { method: asked.method, headers: { ...asked.headers, host: url.host }, agent: this.agent },
      (incoming) => {
        if (losesAnswer) {
          asked.socket.destroy();
          incoming.resume();
          return;
        }
        answer.writeHead(incoming.statusCode ?? 502, incoming.headers);
        incoming.pipe(answer);
      },
    );
    outgoing.on("error", () => asked.socket.destroy());
    answer.on("close", () => outgoing.destroy());
    asked.pipe(outgoing);
  }
}

interface Kubeconfig {
  clusters: { cluster: { server: string; "certificate-authority-data": string } }[];
  users: { user: { "client-certificate-data": string; "client-key-data": string } }[];
}
