import { isObject } from "../src/internal/objects";

/**
 * Which of Envoy's counters proxies have to show so that traffic can be judged by version: for every subset's cluster
 * the requests by status, how long they took, and gRPC's statuses. Istio hides them by default, for they are many in a
 * mesh of many services; clusters without a subset stay hidden here, too. RE2, as `inclusionRegexps` of a
 * `proxyStatsMatcher` take it.
 */
export const VERSION_COUNTERS: readonly string[] = [
  String.raw`cluster\.outbound\|\d+\|[^|;]+\|[^;]*;?\.upstream_rq_(\dxx|\d{3}|total|time|timeout|retry|pending_overflow)$`,
  String.raw`cluster\.outbound\|\d+\|[^|;]+\|[^;]*;?\.upstream_cx_connect_fail$`,
  String.raw`cluster\.outbound\|\d+\|[^|;]+\|[^;]*;?\.grpc\.\d+$`,
];

/**
 * The values for Istio's chart `istiod` that have all proxies show {@link VERSION_COUNTERS}, under those that were
 * given.
 */
export function withVersionCounters(given: unknown): object {
  return under(
    { meshConfig: { defaultConfig: { proxyStatsMatcher: { inclusionRegexps: [...VERSION_COUNTERS] } } } },
    given ?? {},
  ) as object;
}

/** Both as one, as Helm joins values: objects field by field, and the second wins in all else. */
function under(ours: unknown, given: unknown): unknown {
  if (!isObject(ours) || !isObject(given)) {
    return given;
  }
  const joined = Object.entries(given).map(([name, value]) => [
    name,
    Object.hasOwn(ours, name) ? under(ours[name], value) : value,
  ]);
  return { ...ours, ...Object.fromEntries(joined) };
}
