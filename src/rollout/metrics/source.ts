/** What a version answered in a span of time, as its callers' proxies saw it. */
export interface VersionTraffic {
  /** Requests that were answered; an upgrade to another protocol, such as WebSocket, is one (101). */
  requests: number;
  /** Those of them that failed: 5xx, or no answer; for gRPC a status that is the server's fault. */
  failures: number;
  /**
   * How long they took: counts by upper bound in ms, ascending, not cumulative, the last bound Infinity; empty if not
   * known.
   */
  durations: readonly { readonly upTo: number; readonly count: number }[];
}

/** Which span of time, in ms since the epoch. */
export interface Span {
  from: number;
  to: number;
}

/** Where metrics come from. All methods reject with an Error that says what could not be reached and why. */
export interface MetricsSource {
  /** For people, e.g. `Prometheus at http://…` or `Envoy's counters of 3 proxies`. */
  readonly description: string;
  /** Starts collecting what cannot be asked for later; counters are compared with their values at this time. */
  start(signal: AbortSignal): Promise<void>;
  /**
   * Every version's traffic in the span, by its name. A version without any series is missing: not the same as 0
   * requests.
   */
  traffic(span: Span, signal: AbortSignal): Promise<Readonly<Record<string, VersionTraffic>>>;
  /**
   * Every version's traffic since the proxies started that are there now, as it was read last: what can be told before
   * anything was counted. Missing where the source can be asked for any span at once.
   */
  totals?(): Readonly<Record<string, VersionTraffic>>;
  /**
   * The numbers that a query in the source's own language gives at a time in ms since the epoch, one for each series;
   * missing where it has none.
   */
  query?(query: string, at: number, signal: AbortSignal): Promise<readonly number[]>;
  /** Gives up connections and timers. */
  stop(): void;
}
