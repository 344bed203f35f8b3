import type { Input } from "@pulumi/pulumi";
import type { Findings } from "../../validation/problem";
import { type Check, atLeastOneOf, required, shape } from "../../validation/shape";
import type { Plain } from "../plain";
import { duration, flag, integer, oneOf } from "../../validation/values";
import { count, limit, timeout } from "./numbers";

/** When HTTP/1.1 from a caller becomes HTTP/2 towards the pods. */
export const H2UpgradePolicy = {
  /** As the mesh has it. */
  Default: "DEFAULT",
  /** Never, whatever the mesh has. */
  DoNotUpgrade: "DO_NOT_UPGRADE",
  /** Always; the pods must speak HTTP/2 without TLS. */
  Upgrade: "UPGRADE",
} as const;

/** One of {@link H2UpgradePolicy}. */
export type H2UpgradePolicy = (typeof H2UpgradePolicy)[keyof typeof H2UpgradePolicy];

/** How a silent TCP connection is probed. */
export interface TcpKeepaliveArgs {
  /**
   * How many probes without an answer end the connection. DestinationRule `connectionPool.tcp.tcpKeepalive.probes`.
   * @default the operating system's, 9 on Linux
   */
  probes?: Input<number>;
  /**
   * How long it must be silent before the first probe, e.g. `7200s`. DestinationRule
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
  /** How long opening one may take. DestinationRule `connectionPool.tcp.connectTimeout`. @default 10s */
  connectTimeout?: Input<string>;
  /**
   * How a silent connection is probed; `{}` with the operating system's times. DestinationRule
   * `connectionPool.tcp.tcpKeepalive`.
   * @default not at all
   */
  tcpKeepalive?: Input<TcpKeepaliveArgs>;
  /** How long a connection may live. DestinationRule `connectionPool.tcp.maxConnectionDuration`. @default for ever */
  maxConnectionDuration?: Input<string>;
  /**
   * How long a connection without traffic is kept; `0s` for ever. `http.idleTimeout` comes first for HTTP.
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
   * How long the answer to one may take before the connection is closed. DestinationRule
   * `connectionPool.http.http2KeepAlive.timeout`.
   */
  timeout: Input<string>;
}

/** Limits for HTTP. Every limit counts for one proxy and all pods of the destination together. */
export interface HttpPoolArgs {
  /**
   * How many requests wait for a connection, from 1; more get 503. DestinationRule
   * `connectionPool.http.http1MaxPendingRequests`.
   * @default 4294967295
   */
  http1MaxPendingRequests?: Input<number>;
  /**
   * How many requests are under way, from 1; more get 503. For HTTP/1.1, too. DestinationRule
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
  /** How many retries are under way, from 1. DestinationRule `connectionPool.http.maxRetries`. @default 4294967295 */
  maxRetries?: Input<number>;
  /** How long a connection without requests is kept. DestinationRule `connectionPool.http.idleTimeout`. @default 1h */
  idleTimeout?: Input<string>;
  /**
   * When HTTP/1.1 becomes HTTP/2. DestinationRule `connectionPool.http.h2UpgradePolicy`.
   * @default as the mesh has it
   */
  h2UpgradePolicy?: Input<H2UpgradePolicy>;
  /**
   * Whether the pods are spoken to in the caller's protocol; not with `h2UpgradePolicy: UPGRADE`. DestinationRule
   * `connectionPool.http.useClientProtocol`.
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
 * How many connections and requests callers may have open; what is above it fails at once instead of piling up. The
 * service's pool holds twice: for every caller's proxy, and for the proxy beside each pod. A version's pool holds for
 * callers alone: it can be lower than the service's, but where it is higher, the pods' own proxies still go by the
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
