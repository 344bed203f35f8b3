import type { Input } from "@pulumi/pulumi";
import type { Findings } from "../../validation/problem";
import { type Check, atLeastOneOf, required, shape } from "../../validation/shape";
import type { Plain } from "../plain";
import { duration, flag, integer, oneOf } from "../../validation/values";
import { count, limit, timeout } from "./numbers";

/** When a caller's HTTP/1.1 is upgraded to HTTP/2 towards the pods. */
export const H2UpgradePolicy = {
  /** As the mesh is configured. */
  Default: "DEFAULT",
  /** Never, whatever the mesh's setting is. */
  DoNotUpgrade: "DO_NOT_UPGRADE",
  /** Always; the pods must speak HTTP/2 without TLS. */
  Upgrade: "UPGRADE",
} as const;

/** One of {@link H2UpgradePolicy}. */
export type H2UpgradePolicy = (typeof H2UpgradePolicy)[keyof typeof H2UpgradePolicy];

/** How an idle TCP connection is probed. */
export interface TcpKeepaliveArgs {
  /**
   * The number of unanswered probes that close the connection. DestinationRule
   * `connectionPool.tcp.tcpKeepalive.probes`.
   * @default the operating system's, 9 on Linux
   */
  probes?: Input<number>;
  /**
   * How long it must be idle before the first probe, e.g. `7200s`. DestinationRule
   * `connectionPool.tcp.tcpKeepalive.time`.
   * @default the operating system's, 2 hours on Linux
   */
  time?: Input<string>;
  /**
   * The time between probes. DestinationRule `connectionPool.tcp.tcpKeepalive.interval`.
   * @default the operating system's, 75 seconds on Linux
   */
  interval?: Input<string>;
}

/** Limits for connections of every protocol. */
export interface TcpPoolArgs {
  /**
   * How many connections one proxy opens to all pods together, from 1. DestinationRule
   * `connectionPool.tcp.maxConnections`.
   * @default 4294967295
   */
  maxConnections?: Input<number>;
  /** How long opening a connection may take. DestinationRule `connectionPool.tcp.connectTimeout`. @default 10s */
  connectTimeout?: Input<string>;
  /**
   * How an idle connection is probed; `{}` with the operating system's times. DestinationRule
   * `connectionPool.tcp.tcpKeepalive`.
   * @default not at all
   */
  tcpKeepalive?: Input<TcpKeepaliveArgs>;
  /** How long a connection may live. DestinationRule `connectionPool.tcp.maxConnectionDuration`. @default no limit */
  maxConnectionDuration?: Input<string>;
  /**
   * How long an idle connection is kept open; `0s` for ever. For HTTP, `http.idleTimeout` takes precedence.
   * DestinationRule `connectionPool.tcp.idleTimeout`.
   * @default 1h
   */
  idleTimeout?: Input<string>;
}

/** How an HTTP/2 connection is probed. */
export interface Http2KeepAliveArgs {
  /** The time between pings. DestinationRule `connectionPool.http.http2KeepAlive.interval`. */
  interval: Input<string>;
  /**
   * How long the response to a ping may take before the connection is closed. DestinationRule
   * `connectionPool.http.http2KeepAlive.timeout`.
   */
  timeout: Input<string>;
}

/** Limits for HTTP. Every limit is for one proxy and all pods of the destination together. */
export interface HttpPoolArgs {
  /**
   * How many requests may wait for a connection, from 1; more get 503. DestinationRule
   * `connectionPool.http.http1MaxPendingRequests`.
   * @default 4294967295
   */
  http1MaxPendingRequests?: Input<number>;
  /**
   * How many requests may be open, from 1; more get 503. For HTTP/1.1, too. DestinationRule
   * `connectionPool.http.http2MaxRequests`.
   * @default 4294967295
   */
  http2MaxRequests?: Input<number>;
  /**
   * How many requests one connection carries: 1 for no keep-alive, 0 for no limit. DestinationRule
   * `connectionPool.http.maxRequestsPerConnection`.
   * @default 0
   */
  maxRequestsPerConnection?: Input<number>;
  /**
   * How many retries may be in progress, from 1. DestinationRule `connectionPool.http.maxRetries`.
   * @default 4294967295
   */
  maxRetries?: Input<number>;
  /**
   * How long a connection without requests is kept open. DestinationRule `connectionPool.http.idleTimeout`.
   * @default 1h
   */
  idleTimeout?: Input<string>;
  /**
   * When HTTP/1.1 is upgraded to HTTP/2. DestinationRule `connectionPool.http.h2UpgradePolicy`.
   * @default as the mesh is configured
   */
  h2UpgradePolicy?: Input<H2UpgradePolicy>;
  /**
   * Whether the proxy uses the caller's HTTP version towards the pods; not with `h2UpgradePolicy: UPGRADE`.
   * DestinationRule `connectionPool.http.useClientProtocol`.
   * @default false
   */
  useClientProtocol?: Input<boolean>;
  /**
   * How many requests one HTTP/2 connection carries at once, from 1. DestinationRule
   * `connectionPool.http.maxConcurrentStreams`.
   * @default 2147483647
   */
  maxConcurrentStreams?: Input<number>;
  /**
   * How HTTP/2 connections are probed; since Istio 1.31. DestinationRule `connectionPool.http.http2KeepAlive`.
   * @default not at all
   */
  http2KeepAlive?: Input<Http2KeepAliveArgs>;
}

/**
 * How many connections and requests callers may have open; anything above fails at once instead of piling up. The
 * service's pool applies twice: to every caller's proxy, and to the sidecar of each pod. A version's pool applies to
 * callers alone: it can be lower than the service's, but if it is higher, the pods' own sidecars still apply the
 * service's.
 */
export interface ConnectionPoolArgs {
  /** Limits for connections of every protocol. DestinationRule `connectionPool.tcp`. @default Istio's */
  tcp?: Input<TcpPoolArgs>;
  /** Limits for HTTP. DestinationRule `connectionPool.http`. @default Istio's */
  http?: Input<HttpPoolArgs>;
}

const LARGEST_COUNT = 2 ** 32 - 1;

const tcpKeepalive = shape({
  probes: integer(1, LARGEST_COUNT, "a whole number of probes, 1 or more,"),
  time: duration,
  interval: duration,
});

const tcp = shape<Plain<TcpPoolArgs>>(
  {
    maxConnections: limit("connections"),
    connectTimeout: duration,
    tcpKeepalive,
    maxConnectionDuration: duration,
    idleTimeout: timeout,
  },
  atLeastOneOf("maxConnections", "connectTimeout", "tcpKeepalive", "maxConnectionDuration", "idleTimeout"),
);

const httpFields: Readonly<Record<keyof HttpPoolArgs, Check>> = {
  http1MaxPendingRequests: limit("requests"),
  http2MaxRequests: limit("requests"),
  maxRequestsPerConnection: count("requests"),
  maxRetries: limit("retries"),
  idleTimeout: duration,
  h2UpgradePolicy: oneOf(Object.values(H2UpgradePolicy)),
  useClientProtocol: flag,
  maxConcurrentStreams: limit("requests"),
  http2KeepAlive: shape({ interval: required(duration, "a duration"), timeout: required(duration, "a duration") }),
};

const http = shape<Plain<HttpPoolArgs>>(httpFields, atLeastOneOf(...Object.keys(httpFields)), oneProtocol);

/** Checks a connection pool. */
export const connectionPool: Check = shape<Plain<ConnectionPoolArgs>>({ tcp, http }, atLeastOneOf("tcp", "http"));

function oneProtocol({ h2UpgradePolicy, useClientProtocol }: Plain<HttpPoolArgs>, findings: Findings): void {
  if (h2UpgradePolicy === H2UpgradePolicy.Upgrade && useClientProtocol === true) {
    findings
      .field("useClientProtocol")
      .add("is true beside h2UpgradePolicy UPGRADE", "only one of them can decide on the protocol");
  }
}
