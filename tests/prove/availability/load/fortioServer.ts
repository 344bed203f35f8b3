import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";

/** The used parts of fortio's report of a run. */
export interface FortioReport {
  /** The number of responses by status; -1 stands for no response. */
  RetCodes: Record<string, number>;
  DurationHistogram: { Percentiles: { Percentile: number; Value: number }[] | null };
}

/** A fortio that sends requests on command, controlled by its HTTP interface; on this machine, or in a pod. */
export class FortioServer {
  private constructor(
    private readonly process: ChildProcess,
    private readonly address: string,
  ) {}

  /** fortio on this machine. */
  static async here(fortio: string): Promise<FortioServer> {
    const none = ["-grpc-port", "-tcp-port", "-udp-port", "-redirect-port"].flatMap((port) => [port, "disabled"]);
    const server = spawn(fortio, ["server", "-http-port", "127.0.0.1:0", ...none], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    return new FortioServer(
      server,
      await told(server, "stderr", /Fortio \S+ .*server listening on tcp (127\.0\.0\.1:\d+)/),
    );
  }

  /** fortio in a caller's pod, reached without passing through its sidecar. */
  static async inPod(kubectl: string, kubeconfig: string, namespace: string, pod: string): Promise<FortioServer> {
    const args = ["--kubeconfig", kubeconfig, "port-forward", "-n", namespace, `pod/${pod}`, ":8080"];
    const forward = spawn(kubectl, args, { stdio: ["ignore", "pipe", "inherit"] });
    return new FortioServer(forward, await told(forward, "stdout", /Forwarding from (127\.0\.0\.1:\d+)/));
  }

  /** Sends requests until {@link stop}; resolves with the report of all of them. */
  async send(options: Readonly<Record<string, string>>): Promise<FortioReport> {
    return JSON.parse(await this.ask("run", { t: "on", ...options })) as FortioReport;
  }

  /** Ends all requests in progress. */
  async stop(): Promise<void> {
    await this.ask("stop", {});
  }

  /** Ends fortio itself, or the connection to it. */
  close(): void {
    this.process.kill();
  }

  private ask(what: string, parameters: Readonly<Record<string, string>>): Promise<string> {
    return new Promise((resolve, reject) => {
      const query = new URLSearchParams(parameters);
      const asking = request(`http://${this.address}/fortio/rest/${what}?${query}`, (answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.on("error", reject);
        answer.on("end", () => resolve(Buffer.concat(parts).toString()));
      });
      asking.on("error", reject);
      asking.end();
    });
  }
}

/** Waits for a line of a process's output; returns the first group. Later output is ignored. */
async function told(process: ChildProcess, stream: "stdout" | "stderr", form: RegExp): Promise<string> {
  let said = "";
  const gone = once(process, "exit").then(() => Promise.reject(new Error(`${process.spawnfile} has ended: ${said}`)));
  const found = new Promise<string>((resolve) => {
    process[stream]?.on("data", (text: Buffer) => {
      said = `${said}${text.toString()}`.slice(-10_000);
      const [, group] = form.exec(said) ?? [];
      if (group !== undefined) {
        resolve(group);
      }
    });
  });
  return Promise.race([found, gone]);
}
