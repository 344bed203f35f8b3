import type { Kubectl } from "./kubectl";
import { FORTIO_IMAGE } from "./fortioImage";

const NAMESPACE = "callers";

/** Starts pods of the mesh from which requests are sent, one for each ServiceAccount; {@link importFortio} must be done. */
export async function startCallers(kubectl: Kubectl, ...accounts: string[]): Promise<Caller[]> {
  await kubectl.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE, labels: { "istio-injection": "enabled" } } });
  for (const account of accounts) {
    await kubectl.run("create", "serviceaccount", account, "-n", NAMESPACE);
    await kubectl.apply(pod(account));
  }
  await kubectl.run("wait", "--for=condition=Ready", "pods", "--all", "-n", NAMESPACE, "--timeout=60s");
  return accounts.map((account) => new Caller(kubectl, account));
}

/** Takes all callers away. */
export async function endCallers(kubectl: Kubectl): Promise<void> {
  await kubectl.run("delete", "namespace", NAMESPACE, "--ignore-not-found");
}

/** How many are sent, and how. */
export interface CallerLoad {
  /** How many requests. */
  count: number;
  /** How many at once. @default 2 */
  connections?: number;
  /** Request headers. @default none */
  headers?: Readonly<Record<string, string>>;
  /** Whether a connection carries several requests. @default true */
  keepAlive?: boolean;
}

/** What became of a load. */
export interface CallerResult {
  /** How many answers had each status. */
  statuses: Record<string, number>;
  /** How many answers took longer than so many seconds, as exact as fortio's histogram is there: 1, 2, 3 … are. */
  slowerThan(seconds: number): number;
}

/** A pod of the mesh, from which requests are sent. */
export class Caller {
  constructor(
    private readonly kubectl: Kubectl,
    private readonly account: string,
  ) {}

  /** The status of one request; `options` are fortio's own, e.g. `-X POST`. */
  async status(url: string, ...options: string[]): Promise<number> {
    const told = await this.fortio("curl", "-quiet", "-curl-stdout-headers", ...options, url).catch(({ stdout }) => String(stdout));
    return Number(/^HTTP\/1\.1 (\d+)/.exec(told)?.[1]);
  }

  /** Sends requests as fast as they are answered. */
  async load(url: string, { count, connections = 2, headers = {}, keepAlive = true }: CallerLoad): Promise<CallerResult> {
    const lines = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
    const how = ["-quiet", "-json", "-", "-allow-initial-errors", `-keepalive=${keepAlive}`, "-qps", "0", "-c", `${connections}`, "-n", `${count}`, "-timeout", "20s"];
    const { RetCodes, DurationHistogram } = JSON.parse(await this.fortio("load", ...how, ...lines, url)) as FortioResult;
    const slowerThan = (seconds: number) => DurationHistogram.Data.filter(({ End }) => End > seconds).reduce((sum, { Count }) => sum + Count, 0);
    return { statuses: RetCodes, slowerThan };
  }

  private fortio(...args: string[]): Promise<string> {
    return this.kubectl.run("exec", "-n", NAMESPACE, this.account, "-c", "fortio", "--", "/fortio", ...args);
  }
}

/** The parts of fortio's report that are looked at. */
interface FortioResult {
  RetCodes: Record<string, number>;
  DurationHistogram: { Data: { End: number; Count: number }[] };
}

function pod(account: string): object {
  const container = { name: "fortio", image: FORTIO_IMAGE, imagePullPolicy: "Never", args: ["server"] };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace: NAMESPACE, name: account, labels: { app: account } },
    spec: { serviceAccountName: account, terminationGracePeriodSeconds: 0, containers: [container] },
  };
}
