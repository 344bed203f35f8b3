import { isObject } from "../src/internal/objects";

/**
 * The Envoy counters that proxies have to expose so that traffic can be measured by version: for every subset's
 * cluster, the requests by status, their latency, and gRPC statuses. Istio hides them by default, because a mesh of
 * many services has many of them; clusters without a subset stay hidden here, too. RE2 syntax, as in `inclusionRegexps`
 * of a `proxyStatsMatcher`.
 */
export const VERSION_COUNTERS: readonly string[] = [
  String.raw`cluster\.outbound\|\d+\|[^|;]+\|[^;]*;?\.upstream_rq_(\dxx|\d{3}|total|time|timeout|retry|pending_overflow)$`,
  String.raw`cluster\.outbound\|\d+\|[^|;]+\|[^;]*;?\.upstream_cx_connect_fail$`,
  String.raw`cluster\.outbound\|\d+\|[^|;]+\|[^;]*;?\.grpc\.\d+$`,
];

/**
 * The values for Istio's chart `istiod` that make all proxies expose {@link VERSION_COUNTERS}, with the given values on
 * top.
 */
export function withVersionCounters(given: unknown): object {
  return under(
    { meshConfig: { defaultConfig: { proxyStatsMatcher: { inclusionRegexps: [...VERSION_COUNTERS] } } } },
    given ?? {},
  ) as object;
}

/** Both merged, as Helm merges values: objects field by field, and otherwise the second wins. */
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
