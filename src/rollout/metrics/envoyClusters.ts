import { numberOf, samplesIn } from "./exposition";
import { countsFinalAnswers } from "./finalAnswers";
import { isServersFault } from "./grpcStatus";
import type { VersionTraffic } from "./source";

/**
 * Counters that only grow, by a key of their own: a version, and which of its counters. As one flat map they can be
 * added up and compared without knowing what they mean.
 */
export type Counters = ReadonlyMap<string, number>;

/** What a counter counts. `class` is that of the HTTP status of final answers, `code` the status of those of class 1xx, `le` the upper bound of a bucket, cumulative. */
type Counted = "total" | `class=${string}` | `code=${string}` | `grpc=${string}` | `le=${string}`;

/** An app's Service, or one port of it. */
export interface CountedService {
  /** Its name inside the cluster. */
  host: string;
  /** The port that callers use; every one if it is left out. */
  port?: number;
}

/** Where Envoy counts the requests to one version: the cluster of a DestinationRule's subset. */
export function subsetOf(clusterName: string, { host, port: wanted }: CountedService): string | undefined {
  const [direction, port = "", subset, service] = clusterName.replace(/;$/, "").split("|");
  const isWanted = wanted === undefined ? /^\d+$/.test(port) : port === String(wanted);
  return direction === "outbound" && isWanted && subset !== "" && service === host ? subset : undefined;
}

/** The counters of all versions of a service in what a proxy answers at `/stats/prometheus`. */
export function clusterCounters(text: string, counted: CountedService): Map<string, number> {
  const counters = new Map<string, number>();
  for (const { name, labels, value } of samplesIn(text)) {
    const version = labels.cluster_name === undefined ? undefined : subsetOf(labels.cluster_name, counted);
    const what = countedBy(name, labels);
    if (version !== undefined && what !== undefined && value >= 0 && value < Infinity) {
      const key = keyOf(version, what);
      // The same version behind several ports is one version.
      counters.set(key, (counters.get(key) ?? 0) + value);
    }
  }
  return counters;
}

function countedBy(name: string, labels: Readonly<Record<string, string>>): Counted | undefined {
  switch (name) {
    case "envoy_cluster_upstream_rq_total":
      return "total";
    case "envoy_cluster_upstream_rq": {
      const { response_code_class: ofClass, response_code: ofCode } = labels;
      return !countsFinalAnswers({ ofClass, ofCode })
        ? undefined
        : ofClass === undefined
          ? `code=${ofCode as string}`
          : `class=${ofClass}`;
    }
    case "envoy_cluster_upstream_rq_time_bucket":
      return labels.le === undefined ? undefined : `le=${labels.le}`;
    default: {
      const status = /^envoy_cluster_grpc_(\d+)$/.exec(name)?.[1];
      return status === undefined ? undefined : `grpc=${status}`;
    }
  }
}

/**
 * What went to each version while its counters grew from the first to the second. Versions without counters are
 * missing.
 */
export function trafficOf(from: Counters, to: Counters): Record<string, VersionTraffic> {
  const grown = new Map<string, Map<string, number>>();
  for (const [key, value] of to) {
    const [version, counted] = partsOf(key);
    const own = grown.get(version) ?? new Map<string, number>();
    grown.set(version, own.set(counted, Math.max(0, value - (from.get(key) ?? 0))));
  }
  return Object.fromEntries([...grown].map(([version, counts]) => [version, versionTraffic(counts)]));
}

function versionTraffic(counts: ReadonlyMap<string, number>): VersionTraffic {
  const sumOf = (kind: string, wanted: (label: string) => boolean) =>
    [...counts].reduce(
      (sum, [counted, count]) => (counted.startsWith(kind) && wanted(counted.slice(kind.length)) ? sum + count : sum),
      0,
    );
  const requests = sumOf("class=", () => true) + sumOf("code=", () => true);
  const failures = failuresIn({
    requests,
    serverErrors: sumOf("class=", (label) => label === "5xx"),
    grpc: sumOf("grpc=", () => true),
    grpcFailures: sumOf("grpc=", isServersFault),
  });
  const cumulative = [...counts].flatMap(([counted, count]) =>
    counted.startsWith("le=") ? [{ upTo: numberOf(counted.slice(3)) ?? NaN, count }] : [],
  );
  return { requests, failures, durations: apart(cumulative) };
}

/** Requests as Envoy counts them: by HTTP status all of them, by gRPC status those that had one. */
export interface RequestCounts {
  requests: number;
  serverErrors: number;
  grpc: number;
  grpcFailures: number;
}

/**
 * How many requests failed. An answer that Envoy itself gives to a gRPC request is counted both as 503 and by its gRPC
 * status: answers of 5xx count as failures of their own only as far as there are requests without a gRPC status.
 */
export function failuresIn({ requests, serverErrors, grpc, grpcFailures }: RequestCounts): number {
  const plain = Math.max(0, requests - grpc);
  return Math.min(requests, grpcFailures + Math.min(serverErrors, plain));
}

/** A cumulative histogram, in any order, as counts of each bucket alone; empty if it has no end. */
export function apart(cumulative: readonly { upTo: number; count: number }[]): VersionTraffic["durations"] {
  const sorted = [...cumulative].sort((a, b) => a.upTo - b.upTo);
  if (sorted.at(-1)?.upTo !== Infinity) {
    return [];
  }
  let highest = 0;
  return sorted.map(({ upTo, count }) => {
    const own = Math.max(0, count - highest);
    highest = Math.max(highest, count);
    return { upTo, count: own };
  });
}

const SEPARATOR = " ";

function keyOf(version: string, counted: Counted): string {
  return `${version}${SEPARATOR}${counted}`;
}

function partsOf(key: string): [version: string, counted: string] {
  const [version, counted] = key.split(SEPARATOR);
  return [version, counted];
}
