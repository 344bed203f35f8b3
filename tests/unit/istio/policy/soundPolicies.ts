import type { Plain } from "../../../../src/istio/plain";
import type { TrafficPolicyArgs } from "../../../../src/istio/trafficPolicy";

/** Policies that are right, and what Istio gets for them; left out where that is spelt the same. */
const POLICIES: readonly [name: string, policy: Plain<TrafficPolicyArgs>, rendered?: object][] = [
  ["RANDOM", { loadBalancer: "RANDOM" }, { loadBalancer: { simple: "RANDOM" } }],
  ["ROUND_ROBIN", { loadBalancer: "ROUND_ROBIN" }, { loadBalancer: { simple: "ROUND_ROBIN" } }],
  ["LEAST_REQUEST", { loadBalancer: "LEAST_REQUEST" }, { loadBalancer: { simple: "LEAST_REQUEST" } }],
  ["PASSTHROUGH", { loadBalancer: "PASSTHROUGH" }, { loadBalancer: { simple: "PASSTHROUGH" } }],
  ["LEAST_CONN", { loadBalancer: "LEAST_CONN" }, { loadBalancer: { simple: "LEAST_CONN" } }],
  [
    "a hash of a header",
    { consistentHash: { httpHeaderName: "x-user" } },
    { loadBalancer: { consistentHash: { httpHeaderName: "x-user" } } },
  ],
  [
    "a hash of the address",
    { consistentHash: { useSourceIp: true } },
    { loadBalancer: { consistentHash: { useSourceIp: true } } },
  ],
  [
    "a hash of a parameter, on a ring",
    { consistentHash: { httpQueryParameterName: "user", ringHash: { minimumRingSize: 2048 } } },
    { loadBalancer: { consistentHash: { httpQueryParameterName: "user", ringHash: { minimumRingSize: 2048 } } } },
  ],
  [
    "a hash on a ring of the default's size",
    { consistentHash: { useSourceIp: true, ringHash: {} } },
    { loadBalancer: { consistentHash: { useSourceIp: true, ringHash: {} } } },
  ],
  [
    "a hash by the largest Maglev table",
    { consistentHash: { useSourceIp: true, maglev: { tableSize: 4999999 } } },
    { loadBalancer: { consistentHash: { useSourceIp: true, maglev: { tableSize: 4999999 } } } },
  ],
  [
    "a hash by the smallest Maglev table",
    { consistentHash: { useSourceIp: true, maglev: { tableSize: 2 } } },
    { loadBalancer: { consistentHash: { useSourceIp: true, maglev: { tableSize: 2 } } } },
  ],
  [
    "a hash of a cookie that is only read",
    { consistentHash: { httpCookie: { name: "user" } } },
    { loadBalancer: { consistentHash: { httpCookie: { name: "user" } } } },
  ],
  [
    "a hash of a cookie that is set",
    {
      consistentHash: {
        httpCookie: {
          name: "user",
          path: "/shop",
          ttl: "0s",
          attributes: [{ name: "SameSite", value: "Strict" }, { name: "Secure" }],
        },
      },
    },
    {
      loadBalancer: {
        consistentHash: {
          httpCookie: {
            name: "user",
            path: "/shop",
            ttl: "0s",
            attributes: [{ name: "SameSite", value: "Strict" }, { name: "Secure" }],
          },
        },
      },
    },
  ],
  [
    "shares by locality",
    {
      localityLbSetting: {
        enabled: true,
        distribute: [
          { from: "us-west/zone1/*", to: { "us-west/zone1/*": 80, "us-west/zone2": 20 } },
          { from: "us-west/zone2", to: { "*": 100 } },
          { from: "*", to: { "eu/a/b": 1, "us-west": 99 } },
        ],
      },
    },
    {
      loadBalancer: {
        localityLbSetting: {
          enabled: true,
          distribute: [
            { from: "us-west/zone1/*", to: { "us-west/zone1/*": 80, "us-west/zone2": 20 } },
            { from: "us-west/zone2", to: { "*": 100 } },
            { from: "*", to: { "eu/a/b": 1, "us-west": 99 } },
          ],
        },
      },
    },
  ],
  [
    "regions and labels to fail over by",
    {
      localityLbSetting: { failover: [{ from: "eu", to: "us" }], failoverPriority: ["team", "stage=prod"] },
      outlierDetection: {},
    },
    {
      loadBalancer: {
        localityLbSetting: { failover: [{ from: "eu", to: "us" }], failoverPriority: ["team", "stage=prod"] },
      },
      outlierDetection: {},
    },
  ],
  [
    "no locality",
    { localityLbSetting: { enabled: false } },
    { loadBalancer: { localityLbSetting: { enabled: false } } },
  ],
  ["a warm-up alone", { warmup: { duration: "30s" } }, { loadBalancer: { warmup: { duration: "30s" } } }],
  [
    "a warm-up and a load balancer",
    { loadBalancer: "ROUND_ROBIN", warmup: { duration: "1m30s", minimumPercent: 0, aggression: 0.1 } },
    { loadBalancer: { simple: "ROUND_ROBIN", warmup: { duration: "1m30s", minimumPercent: 0, aggression: 0.1 } } },
  ],
  [
    "limits for TCP",
    {
      connectionPool: {
        tcp: {
          maxConnections: 1,
          connectTimeout: "30ms",
          tcpKeepalive: { probes: 3, time: "7200s", interval: "75s" },
          maxConnectionDuration: "1h",
          idleTimeout: "0s",
        },
      },
    },
  ],
  ["keep-alive with the system's times", { connectionPool: { tcp: { tcpKeepalive: {} } } }],
  [
    "limits for HTTP",
    {
      connectionPool: {
        http: {
          http1MaxPendingRequests: 1,
          http2MaxRequests: 2147483647,
          maxRequestsPerConnection: 0,
          maxRetries: 1,
          idleTimeout: "1ms",
          h2UpgradePolicy: "DO_NOT_UPGRADE",
          useClientProtocol: true,
          maxConcurrentStreams: 1,
          http2KeepAlive: { interval: "10s", timeout: "1s" },
        },
      },
    },
  ],
  ["an upgrade to HTTP/2", { connectionPool: { http: { h2UpgradePolicy: "UPGRADE", useClientProtocol: false } } }],
  ["outlier detection with Istio's values", { outlierDetection: {} }],
  [
    "outlier detection with every value",
    {
      outlierDetection: {
        consecutive5xxErrors: 0,
        consecutiveGatewayErrors: 4294967295,
        splitExternalLocalOriginErrors: true,
        consecutiveLocalOriginFailures: 1,
        interval: "1s",
        baseEjectionTime: "3m",
        maxEjectionPercent: 100,
        minHealthPercent: 0,
        outlierDetectionHttpErrorCodes: [100, 599],
      },
    },
  ],
  [
    "outlier detection that never looks at failures to reach a pod",
    { outlierDetection: { consecutiveLocalOriginFailures: 0 } },
  ],
  ["no TLS", { tls: { mode: "DISABLE" } }],
  [
    "Istio's mutual TLS",
    {
      tls: {
        mode: "ISTIO_MUTUAL",
        sni: "shop.example.com",
        subjectAltNames: ["spiffe://cluster.local/ns/shop/sa/shop"],
      },
    },
  ],
  ["TLS", { tls: { mode: "SIMPLE" } }],
  [
    "TLS with its own authorities",
    {
      tls: {
        mode: "SIMPLE",
        caCertificates: "/etc/certs/ca.pem",
        caCrl: "/etc/certs/ca.crl",
        subjectAltNames: ["a"],
        sni: "b",
        insecureSkipVerify: false,
      },
    },
  ],
  ["TLS without checks", { tls: { mode: "SIMPLE", insecureSkipVerify: true, sni: "b" } }],
  [
    "mutual TLS by files",
    {
      tls: {
        mode: "MUTUAL",
        clientCertificate: "/etc/certs/a.pem",
        privateKey: "/etc/certs/a.key",
        caCertificates: "/etc/certs/ca.pem",
      },
    },
  ],
  ["mutual TLS by a Secret", { tls: { mode: "MUTUAL", credentialName: "shop-client", insecureSkipVerify: true } }],
  ["a retry budget", { retryBudget: { percent: 12.5, minRetryConcurrency: 1, budgetInterval: "0s" } }],
  [
    "a policy for some ports",
    {
      loadBalancer: "RANDOM",
      portLevelSettings: [
        { port: 80, consistentHash: { useSourceIp: true }, connectionPool: { tcp: { maxConnections: 5 } } },
        { port: 443, tls: { mode: "DISABLE" }, outlierDetection: {} },
      ],
    },
    {
      loadBalancer: { simple: "RANDOM" },
      portLevelSettings: [
        {
          port: { number: 80 },
          loadBalancer: { consistentHash: { useSourceIp: true } },
          connectionPool: { tcp: { maxConnections: 5 } },
        },
        { port: { number: 443 }, tls: { mode: "DISABLE" }, outlierDetection: {} },
      ],
    },
  ],
  ["Istio's own fields alone", { extra: { proxyProtocol: { version: "V2" } } }, { proxyProtocol: { version: "V2" } }],
  [
    "a load balancer and Istio's own fields",
    { loadBalancer: "RANDOM", extra: { outlierDetection: { interval: "1s" } } },
    { loadBalancer: { simple: "RANDOM" }, outlierDetection: { interval: "1s" } },
  ],
  [
    "Istio's own block instead of ours",
    { loadBalancer: "RANDOM", extra: { loadBalancer: { consistentHash: { useSourceIp: true } } } },
    { loadBalancer: { consistentHash: { useSourceIp: true } } },
  ],
];

/** Policies that are right, and what Istio gets for them. */
export const SOUND_POLICIES = POLICIES.map(([name, policy, rendered = policy]) => ({ name, policy, rendered }));
