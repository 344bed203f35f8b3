import { createProgress } from "../../../../sandbox/progress";
import { ensureTool } from "../../../../sandbox/tools";
import { CALLERS, startCallers } from "../../../e2e/support/callers";
import { cluster } from "../../../e2e/support/cluster";
import type { SharedMesh } from "../../../e2e/support/mesh";
import { type FortioReport, FortioServer } from "./fortioServer";
import { LANES, type Lane, type Origin } from "./lanes";

/** Where requests are sent. */
export interface LoadTarget {
  /** The host that the ingress gateway serves. */
  host: string;
  /** The app's address inside the mesh. */
  internalUrl: string;
}

/** The results of one way of sending requests. */
export interface LaneResult {
  lane: string;
  requests: number;
  /** The number of responses by status other than 200; -1 stands for no response. */
  failed: Record<string, number>;
  p99Ms: number;
}

/** How long fortio waits for a response before the request counts as failed. */
const TIMEOUT = "10s";

/** Sends requests in all ways at once, from this machine and from a pod of the mesh. */
export class Load {
  private running: Promise<LaneResult[]> | undefined;

  private constructor(
    private readonly servers: Readonly<Record<Origin, FortioServer>>,
    private readonly address: string,
  ) {}

  /** Starts both origins, without sending requests yet. */
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

  /** Starts sending this many requests per second in all ways together. */
  start(perSecond: number, target: LoadTarget): void {
    this.running = Promise.all(LANES.map((lane) => this.send(lane, perSecond / LANES.length, target)));
  }

  /** Stops once the last requests have been answered; returns the results. */
  async stop(): Promise<LaneResult[]> {
    await Promise.all(Object.values(this.servers).map((server) => server.stop()));
    const results = await (this.running ?? []);
    this.running = undefined;
    return results;
  }

  /** Ends both origins, including requests in progress. */
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

/** What a report of fortio says about one way. */
export function laneResult(lane: string, { RetCodes, DurationHistogram }: FortioReport): LaneResult {
  const requests = Object.values(RetCodes).reduce((sum, count) => sum + count, 0);
  const failed = Object.fromEntries(Object.entries(RetCodes).filter(([code]) => code !== "200"));
  const seconds = DurationHistogram.Percentiles?.find(({ Percentile }) => Percentile === 99)?.Value ?? 0;
  return { lane, requests, failed, p99Ms: Math.round(seconds * 10_000) / 10 };
}
