import { createProgress } from "../../../../sandbox/progress";
import { ensureTool } from "../../../../sandbox/tools";
import { CALLERS, startCallers } from "../../../e2e/support/callers";
import { cluster } from "../../../e2e/support/cluster";
import type { SharedMesh } from "../../../e2e/support/mesh";
import { type FortioReport, FortioServer } from "./fortioServer";
import { LANES, type Lane, type Origin } from "./lanes";

/** What requests are sent to. */
export interface LoadTarget {
  /** The host that the ingress gateway serves. */
  host: string;
  /** The app's address inside the mesh. */
  internalUrl: string;
}

/** What became of one lane's requests. */
export interface LaneResult {
  lane: string;
  requests: number;
  /** How many answers had each status that is not 200; -1 stands for none at all. */
  failed: Record<string, number>;
  p99Ms: number;
}

/** How long fortio waits for an answer before the request counts as failed. */
const TIMEOUT = "10s";

/** Sends requests on all lanes at once, from this machine and from a pod of the mesh. */
export class Load {
  private running: Promise<LaneResult[]> | undefined;

  private constructor(
    private readonly servers: Readonly<Record<Origin, FortioServer>>,
    private readonly address: string,
  ) {}

  /** Brings both origins up; nothing is sent yet. */
  static async ready({ kubectl, address }: SharedMesh): Promise<Load> {
    const pod = "prover";
    await startCallers(kubectl, { [pod]: {} });
    const { path } = await ensureTool("fortio", createProgress());
    const target = await cluster();
    const servers = {
      gateway: await FortioServer.here(path),
      sidecar: await FortioServer.inPod(target.kubectl, target.kubeconfig, CALLERS, pod),
    };
    return new Load(servers, address);
  }

  /** Begins to send so many requests a second over all lanes. */
  start(perSecond: number, target: LoadTarget): void {
    this.running = Promise.all(LANES.map((lane) => this.send(lane, perSecond / LANES.length, target)));
  }

  /** Ends it, when the answers to the last requests are there; gives what became of all. */
  async stop(): Promise<LaneResult[]> {
    await Promise.all(Object.values(this.servers).map((server) => server.stop()));
    const results = await (this.running ?? []);
    this.running = undefined;
    return results;
  }

  /** Ends both origins; what is being sent ends with them. */
  async close(): Promise<void> {
    await this.stop().catch(() => undefined);
    Object.values(this.servers).forEach((server) => server.close());
  }

  private async send(
    { name, from, options }: Lane,
    perSecond: number,
    { host, internalUrl }: LoadTarget,
  ): Promise<LaneResult> {
    const to: Record<string, string> =
      from === "gateway" ? { url: `http://${this.address}/`, H: `host: ${host}` } : { url: internalUrl };
    const report = await this.servers[from].send({
      ...to,
      qps: String(perSecond),
      c: "2",
      p: "99",
      timeout: TIMEOUT,
      nocatchup: "on",
      ...options,
    });
    return laneResult(name, report);
  }
}

/** What a report of fortio says of one lane. */
export function laneResult(lane: string, { RetCodes, DurationHistogram }: FortioReport): LaneResult {
  const requests = Object.values(RetCodes).reduce((sum, count) => sum + count, 0);
  const failed = Object.fromEntries(Object.entries(RetCodes).filter(([code]) => code !== "200"));
  const seconds = DurationHistogram.Percentiles?.find(({ Percentile }) => Percentile === 99)?.Value ?? 0;
  return { lane, requests, failed, p99Ms: Math.round(seconds * 10_000) / 10 };
}
