import { FORTIO_IMAGE, importFortio } from "./fortioImage";
import type { Kubectl } from "./kubectl";

/** The namespace of the pods from which requests are sent. */
export const CALLERS = "callers";

/** How many are sent, and how. */
export interface CallerLoad {
  /** How many requests. */
  count: number;
  /** How many at once. @default 2 */
  connections?: number;
  /** Request headers. @default none */
  headers?: Readonly<Record<string, string>>;
}

/** What became of a load. */
export interface CallerResult {
  /** How many answers had each status. */
  statuses: Record<string, number>;
  /** How many answers took longer than so many seconds, as exact as fortio's histogram is there: 1, 2, 3 … are. */
  slowerThan(seconds: number): number;
}

/** The parts of fortio's report that are looked at. */
interface FortioResult {
  RetCodes: Record<string, number>;
  DurationHistogram: { Data: { End: number; Count: number }[] };
}

/** A pod of the mesh from which requests are sent, with a ServiceAccount of its own name. */
export class Caller {
  constructor(
    private readonly kubectl: Kubectl,
    readonly name: string,
  ) {}

  /** Runs fortio there; gives what it printed, also if it ended with an error. */
  async fortio(...args: string[]): Promise<string> {
    return this.kubectl
      .run("exec", "-n", CALLERS, this.name, "-c", "fortio", "--", "/fortio", ...args)
      .catch(({ stdout }) => String(stdout ?? ""));
  }

  /** The status of one request; NaN if there was no answer. */
  async status(url: string, ...options: string[]): Promise<number> {
    const told = await this.fortio("curl", "-quiet", "-curl-stdout-headers", ...options, url);
    return Number(/^HTTP\/1\.1 (\d+)/.exec(told)?.[1]);
  }

  /** Sends so many requests, by default each over a connection of its own; how many ended with which status. */
  async load(count: number, url: string, ...options: string[]): Promise<Record<string, number>> {
    const told = await this.fortio(
      "load",
      "-quiet",
      "-json",
      "-",
      "-allow-initial-errors",
      "-keepalive=false",
      "-qps",
      "0",
      "-c",
      "2",
      "-n",
      String(count),
      ...options,
      url,
    );
    return (JSON.parse(told) as { RetCodes: Record<string, number> }).RetCodes;
  }

  /**
   * Sends requests as fast as they are answered, over connections that stay open; gives what became of them, and how
   * long they took.
   */
  async measure(url: string, { count, connections = 2, headers = {} }: CallerLoad): Promise<CallerResult> {
    const lines = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
    const told = await this.fortio(
      "load",
      "-quiet",
      "-json",
      "-",
      "-allow-initial-errors",
      "-qps",
      "0",
      "-c",
      String(connections),
      "-n",
      String(count),
      "-timeout",
      "20s",
      ...lines,
      url,
    );
    const { RetCodes, DurationHistogram } = JSON.parse(told) as FortioResult;
    const slowerThan = (seconds: number) =>
      DurationHistogram.Data.filter(({ End }) => End > seconds).reduce((sum, { Count }) => sum + Count, 0);
    return { statuses: RetCodes, slowerThan };
  }

  /** What its proxy's admin interface answers. */
  ask(path: string): Promise<string> {
    return this.kubectl.run(
      "exec",
      "-n",
      CALLERS,
      this.name,
      "-c",
      "istio-proxy",
      "--",
      "pilot-agent",
      "request",
      "GET",
      path,
    );
  }

  /** How many connections its proxy has opened to each of a Service's subsets. */
  async connections(host: string, port: number, subsets: readonly string[]): Promise<number[]> {
    const lines = (await this.ask("clusters")).split("\n");
    return subsets.map((subset) => {
      const counts = lines
        .filter((line) => line.startsWith(`outbound|${port}|${subset}|${host}::`))
        .map((line) => /::cx_total::(\d+)$/.exec(line)?.[1]);
      return counts.reduce((sum, count) => sum + Number(count ?? 0), 0);
    });
  }
}

/**
 * Callers by name, each with these labels more; started if they are not there, and there as long as the shared mesh.
 */
export async function startCallers<Name extends string>(
  kubectl: Kubectl,
  labels: Record<Name, Record<string, string>>,
): Promise<Record<Name, Caller>> {
  const metadata = { name: CALLERS, labels: { "istio-injection": "enabled" } };
  await Promise.all([importFortio(), kubectl.apply({ apiVersion: "v1", kind: "Namespace", metadata })]);
  const names = Object.keys(labels) as Name[];
  for (const name of names) {
    await kubectl.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace: CALLERS, name } });
    await kubectl.apply(pod(name, labels[name]));
  }
  await kubectl.run("wait", "--for=condition=Ready", "pods", "--all", "-n", CALLERS, "--timeout=60s");
  return Object.fromEntries(names.map((name) => [name, new Caller(kubectl, name)])) as Record<Name, Caller>;
}

/** Takes all callers away, before the mesh that they are in. */
export async function endCallers(kubectl: Kubectl): Promise<void> {
  await kubectl.run("delete", "namespace", CALLERS, "--ignore-not-found");
}

function pod(name: string, labels: Record<string, string>): object {
  const container = { name: "fortio", image: FORTIO_IMAGE, imagePullPolicy: "Never", args: ["server"] };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace: CALLERS, name, labels: { app: name, ...labels } },
    spec: { serviceAccountName: name, terminationGracePeriodSeconds: 0, containers: [container] },
  };
}
