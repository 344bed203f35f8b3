import type { Plain } from "../../../../src/istio/plain";
import { type TrafficPolicyArgs, checkTrafficPolicy } from "../../../../src/istio/trafficPolicy";
import { type Expected, assertProblems, problemsOf } from "../../problems";

type Case = [name: string, block: object, problems: Expected[]];

/** Runs a table of blocks that are wrong; the expected paths are those below the policy. */
function refuses(title: string, cases: readonly Case[]): void {
  describe(title, () => {
    for (const [name, policy, problems] of cases) {
      it(`may not have ${name}`, () =>
        assertProblems(
          problemsOf((findings) => checkTrafficPolicy(policy as Plain<TrafficPolicyArgs>, findings)),
          problems,
        ));
    }
  });
}

const ALGORITHMS = "one of LEAST_REQUEST, ROUND_ROBIN, RANDOM, PASSTHROUGH, LEAST_CONN is needed";

refuses("load balancing", [
  ["an unknown algorithm", { loadBalancer: "FASTEST" }, [["loadBalancer", 'is "FASTEST"', ALGORITHMS]]],
  ["one in lower case", { loadBalancer: "random" }, [["loadBalancer", 'is "random"', ALGORITHMS]]],
  ["one as Istio nests it", { loadBalancer: { simple: "RANDOM" } }, [["loadBalancer", 'is {"simple":"RANDOM"}']]],
  ["null for one", { loadBalancer: null }, [["loadBalancer", "is null"]]],
  [
    "an algorithm and a hash",
    { loadBalancer: "RANDOM", consistentHash: { useSourceIp: true } },
    [["the arguments", "has loadBalancer and consistentHash", "only one of"]],
  ],
  [
    "a warm-up with RANDOM",
    { loadBalancer: "RANDOM", warmup: { duration: "1s" } },
    [["warmup", "is set beside RANDOM", "ROUND_ROBIN and LEAST_REQUEST only"]],
  ],
  [
    "a warm-up with PASSTHROUGH",
    { loadBalancer: "PASSTHROUGH", warmup: { duration: "1s" } },
    [["warmup", "is set beside PASSTHROUGH"]],
  ],
  [
    "a warm-up with a hash",
    { consistentHash: { useSourceIp: true }, warmup: { duration: "1s" } },
    [["warmup", "is set beside consistentHash"]],
  ],
  [
    "a warm-up without a duration",
    { warmup: { minimumPercent: 10 } },
    [["warmup.duration", "is missing", "a duration"]],
  ],
  [
    "a warm-up out of range",
    { warmup: { duration: "0s", minimumPercent: 150, aggression: -0.1 } },
    [
      ["warmup.duration", 'is "0s"'],
      ["warmup.minimumPercent", "is 150", "0 to 100"],
      ["warmup.aggression", "is -0.1", "above 0"],
    ],
  ],
  ["a warm-up that never grows", { warmup: { duration: "1s", aggression: 0 } }, [["warmup.aggression", "is 0"]]],
  [
    "a warm-up that grows at once",
    { warmup: { duration: "1s", aggression: Infinity } },
    [["warmup.aggression", "is Infinity"]],
  ],
  [
    "a warm-up finer than Istio counts",
    { warmup: { duration: "1.5ms" } },
    [["warmup.duration", 'is "1.5ms"', "whole milliseconds"]],
  ],
]);

refuses("a consistent hash", [
  [
    "nothing",
    { consistentHash: {} },
    [["consistentHash", "has none of httpHeaderName, httpCookie, useSourceIp, httpQueryParameterName"]],
  ],
  [
    "two things",
    { consistentHash: { httpHeaderName: "a", useSourceIp: true } },
    [["consistentHash", "has httpHeaderName and useSourceIp"]],
  ],
  [
    "the address switched off",
    { consistentHash: { useSourceIp: false } },
    [["consistentHash.useSourceIp", "is false", "true is needed"]],
  ],
  [
    "a text for a switch",
    { consistentHash: { useSourceIp: "true" } },
    [["consistentHash.useSourceIp", 'is "true"', "without quotes"]],
  ],
  [
    "a header's name that is none",
    { consistentHash: { httpHeaderName: "x user" } },
    [["consistentHash.httpHeaderName", 'is "x user"']],
  ],
  [
    "an empty parameter",
    { consistentHash: { httpQueryParameterName: "" } },
    [["consistentHash.httpQueryParameterName", 'is ""']],
  ],
  [
    "a cookie without a name",
    { consistentHash: { httpCookie: { ttl: "1h" } } },
    [["consistentHash.httpCookie.name", "is missing"]],
  ],
  [
    "a wrong cookie",
    { consistentHash: { httpCookie: { name: "a=b", path: "shop", ttl: "-1s", attributes: "Secure" } } },
    [
      ["consistentHash.httpCookie.name", 'is "a=b"'],
      ["consistentHash.httpCookie.path", 'is "shop"'],
      ["consistentHash.httpCookie.ttl", 'is "-1s"'],
      ["consistentHash.httpCookie.attributes", 'is "Secure"'],
    ],
  ],
  [
    "wrong attributes",
    { consistentHash: { httpCookie: { name: "a", attributes: [{ value: "b" }, { name: "", value: "c;d" }] } } },
    [
      ["consistentHash.httpCookie.attributes[0].name", "is missing"],
      ["consistentHash.httpCookie.attributes[1].name", 'is ""'],
      ["consistentHash.httpCookie.attributes[1].value", 'is "c;d"'],
    ],
  ],
  [
    "an attribute twice",
    { consistentHash: { httpCookie: { name: "a", attributes: [{ name: "Secure" }, { name: "Secure" }] } } },
    [["consistentHash.httpCookie.attributes[1].name", 'is "Secure", as in attributes[0]']],
  ],
  [
    "a ring and Maglev",
    { consistentHash: { useSourceIp: true, ringHash: {}, maglev: { tableSize: 5 } } },
    [["consistentHash", "has ringHash and maglev"]],
  ],
  [
    "a ring without places",
    { consistentHash: { useSourceIp: true, ringHash: { minimumRingSize: 0 } } },
    [["consistentHash.ringHash.minimumRingSize", "is 0"]],
  ],
  [
    "a ring larger than Envoy takes",
    { consistentHash: { useSourceIp: true, ringHash: { minimumRingSize: 8388609 } } },
    [["consistentHash.ringHash.minimumRingSize", "is 8388609"]],
  ],
  [
    "a ring's size in the old place",
    { consistentHash: { useSourceIp: true, minimumRingSize: 1024 } },
    [["consistentHash.minimumRingSize", "is an unknown argument"]],
  ],
  [
    "Maglev without a size",
    { consistentHash: { useSourceIp: true, maglev: {} } },
    [["consistentHash.maglev.tableSize", "is missing", "a prime number"]],
  ],
  ...[0, 1, 4, 9, 65536, 65535, 5000011, 4999997.5, -7, "7", null].map((tableSize): Case => [
    `a Maglev table of ${JSON.stringify(tableSize)}`,
    { consistentHash: { useSourceIp: true, maglev: { tableSize } } },
    [["consistentHash.maglev.tableSize", `is ${JSON.stringify(tableSize)}`, "a prime number below 5000011"]],
  ]),
]);

const at = (rest: string) => `localityLbSetting.${rest}`;
const to = { us: 100 };

refuses("a locality setting", [
  ["nothing", { localityLbSetting: {} }, [["localityLbSetting", "sets nothing"]]],
  [
    "empty lists",
    { localityLbSetting: { distribute: [], failover: [], failoverPriority: [] } },
    [
      [at("distribute"), "is []"],
      [at("failover"), "is []"],
      [at("failoverPriority"), "is []"],
    ],
  ],
  [
    "shares and regions",
    { localityLbSetting: { distribute: [{ from: "*", to }], failover: [{ from: "a", to: "b" }] } },
    [["localityLbSetting", "has distribute and failover", "cannot be combined"]],
  ],
  [
    "shares and labels",
    { localityLbSetting: { distribute: [{ from: "*", to }], failoverPriority: ["a"] } },
    [["localityLbSetting", "has distribute and failoverPriority"]],
  ],
  ["shares of nobody", { localityLbSetting: { distribute: [{ to }] } }, [[at("distribute[0].from"), "is missing"]]],
  [
    "shares for nobody",
    { localityLbSetting: { distribute: [{ from: "*" }] } },
    [[at("distribute[0].to"), "is missing"]],
  ],
  [
    "shares with a sum below 100",
    { localityLbSetting: { distribute: [{ from: "*", to: { us: 50, eu: 49 } }] } },
    [[at("distribute[0].to"), "sums to 99", "100"]],
  ],
  [
    "no shares at all",
    { localityLbSetting: { distribute: [{ from: "*", to: {} }] } },
    [[at("distribute[0].to"), "sums to 0"]],
  ],
  [
    "shares out of range",
    { localityLbSetting: { distribute: [{ from: "*", to: { us: 0, eu: 101 } }] } },
    [
      [at("distribute[0].to.us"), "is 0"],
      [at("distribute[0].to.eu"), "is 101"],
    ],
  ],
  [
    "wrong localities",
    { localityLbSetting: { distribute: [{ from: "us/*/a", to: { "a//b": 100 } }] } },
    [
      [at("distribute[0].from"), 'is "us/*/a"'],
      [at('distribute[0].to["a//b"]'), "is ", "a locality"],
    ],
  ],
  [
    "localities that overlap",
    { localityLbSetting: { distribute: [{ from: "*", to: { "us/a": 50, "us/*": 50 } }] } },
    [[at('distribute[0].to["us/*"]'), 'overlaps with "us/a"']],
  ],
  [
    "callers that overlap",
    {
      localityLbSetting: {
        distribute: [
          { from: "us/a", to },
          { from: "us", to },
        ],
      },
    },
    [[at("distribute[1].from"), 'is "us", which overlaps with that of distribute[0]']],
  ],
  [
    "callers after the rest",
    {
      localityLbSetting: {
        distribute: [
          { from: "*", to },
          { from: "us", to },
        ],
      },
    },
    [[at("distribute[1].from"), "overlaps with that of distribute[0]"]],
  ],
  [
    "the rest twice",
    {
      localityLbSetting: {
        distribute: [
          { from: "*", to },
          { from: "*", to },
        ],
      },
    },
    [[at("distribute[1].from"), "overlaps with that of distribute[0]"]],
  ],
  [
    "a region for itself",
    { localityLbSetting: { failover: [{ from: "us", to: "us" }] } },
    [[at("failover[0].to"), 'is "us", the same as from']],
  ],
  [
    "a zone for a region",
    { localityLbSetting: { failover: [{ from: "us/a", to: "*" }] } },
    [
      [at("failover[0].from"), 'is "us/a"'],
      [at("failover[0].to"), 'is "*"'],
    ],
  ],
  [
    "regions and their label",
    {
      localityLbSetting: {
        failover: [{ from: "us", to: "eu" }],
        failoverPriority: ["team", "topology.kubernetes.io/region"],
      },
    },
    [[at("failoverPriority[1]"), 'is "topology.kubernetes.io/region", beside failover']],
  ],
]);

refuses("a connection pool", [
  ["nothing", { connectionPool: {} }, [["connectionPool", "sets nothing", "tcp, http"]]],
  [
    "nothing below it",
    { connectionPool: { tcp: {}, http: {} } },
    [
      ["connectionPool.tcp", "sets nothing"],
      ["connectionPool.http", "sets nothing"],
    ],
  ],
  [
    "a limit in the wrong place",
    { connectionPool: { maxConnections: 5 } },
    [["connectionPool.maxConnections", "is an unknown argument", "tcp, http"]],
  ],
  [
    "limits of 0, which Istio takes for none",
    {
      connectionPool: {
        tcp: { maxConnections: 0 },
        http: { http1MaxPendingRequests: 0, http2MaxRequests: 0, maxRetries: 0, maxConcurrentStreams: 0 },
      },
    },
    [
      ["connectionPool.tcp.maxConnections", "is 0", "leave it out"],
      ["connectionPool.http.http1MaxPendingRequests", "is 0"],
      ["connectionPool.http.http2MaxRequests", "is 0"],
      ["connectionPool.http.maxRetries", "is 0"],
      ["connectionPool.http.maxConcurrentStreams", "is 0"],
    ],
  ],
  [
    "numbers below 0 or above 31 bits",
    { connectionPool: { tcp: { maxConnections: 2 ** 31 }, http: { maxRequestsPerConnection: -1 } } },
    [
      ["connectionPool.tcp.maxConnections", "is 2147483648"],
      ["connectionPool.http.maxRequestsPerConnection", "is -1"],
    ],
  ],
  [
    "wrong times",
    {
      connectionPool: {
        tcp: {
          connectTimeout: "0s",
          maxConnectionDuration: "0.5ms",
          idleTimeout: "0.5ms",
          tcpKeepalive: { probes: 0, time: 5, interval: "" },
        },
        http: { idleTimeout: "0s" },
      },
    },
    [
      ["connectionPool.tcp.connectTimeout", 'is "0s"'],
      ["connectionPool.tcp.tcpKeepalive.probes", "is 0"],
      ["connectionPool.tcp.tcpKeepalive.time", "is 5"],
      ["connectionPool.tcp.tcpKeepalive.interval", 'is ""'],
      ["connectionPool.tcp.maxConnectionDuration", 'is "0.5ms"'],
      ["connectionPool.tcp.idleTimeout", 'is "0.5ms"'],
      ["connectionPool.http.idleTimeout", 'is "0s"'],
    ],
  ],
  [
    "an unknown upgrade",
    { connectionPool: { http: { h2UpgradePolicy: "ALWAYS" } } },
    [["connectionPool.http.h2UpgradePolicy", "DEFAULT, DO_NOT_UPGRADE, UPGRADE"]],
  ],
  [
    "two protocols",
    { connectionPool: { http: { h2UpgradePolicy: "UPGRADE", useClientProtocol: true } } },
    [["connectionPool.http.useClientProtocol", "is true beside h2UpgradePolicy UPGRADE"]],
  ],
  [
    "half a probe",
    { connectionPool: { http: { http2KeepAlive: { interval: "1s" } } } },
    [["connectionPool.http.http2KeepAlive.timeout", "is missing"]],
  ],
]);

refuses("outlier detection", [
  [
    "the field that Istio has deprecated",
    { outlierDetection: { consecutiveErrors: 5 } },
    [["outlierDetection.consecutiveErrors", "is an unknown argument"]],
  ],
  [
    "failures to reach a pod that are not split off",
    { outlierDetection: { consecutiveLocalOriginFailures: 3 } },
    [["outlierDetection.consecutiveLocalOriginFailures", "is 3", "splitExternalLocalOriginErrors: true"]],
  ],
  [
    "them, switched off",
    { outlierDetection: { consecutiveLocalOriginFailures: 3, splitExternalLocalOriginErrors: false } },
    [["outlierDetection.consecutiveLocalOriginFailures", "is 3"]],
  ],
  [
    "numbers out of range",
    {
      outlierDetection: {
        consecutive5xxErrors: -1,
        consecutiveGatewayErrors: 4294967296,
        maxEjectionPercent: 0,
        minHealthPercent: 101,
        outlierDetectionHttpErrorCodes: [99, 600],
      },
    },
    [
      ["outlierDetection.consecutive5xxErrors", "is -1"],
      ["outlierDetection.consecutiveGatewayErrors", "is 4294967296"],
      ["outlierDetection.maxEjectionPercent", "is 0", "1 to 100"],
      ["outlierDetection.minHealthPercent", "is 101"],
      ["outlierDetection.outlierDetectionHttpErrorCodes[0]", "is 99"],
      ["outlierDetection.outlierDetectionHttpErrorCodes[1]", "is 600"],
    ],
  ],
  [
    "percents that are fractions",
    { outlierDetection: { maxEjectionPercent: 33.3 } },
    [["outlierDetection.maxEjectionPercent", "is 33.3"]],
  ],
  [
    "wrong times",
    { outlierDetection: { interval: 10, baseEjectionTime: "0s" } },
    [
      ["outlierDetection.interval", "is 10"],
      ["outlierDetection.baseEjectionTime", 'is "0s"'],
    ],
  ],
  [
    "no statuses",
    { outlierDetection: { outlierDetectionHttpErrorCodes: [] } },
    [["outlierDetection.outlierDetectionHttpErrorCodes", "is []"]],
  ],
]);

refuses("TLS", [
  ["no mode, which would be none", { tls: {} }, [["tls.mode", "is missing", "DISABLE, SIMPLE, MUTUAL, ISTIO_MUTUAL"]]],
  ["an unknown mode", { tls: { mode: "STRICT" } }, [["tls.mode", 'is "STRICT"']]],
  [
    "anything beside DISABLE",
    { tls: { mode: "DISABLE", sni: "a", insecureSkipVerify: false } },
    [
      ["tls.sni", "means nothing with mode DISABLE", "leave it out"],
      ["tls.insecureSkipVerify", "means nothing"],
    ],
  ],
  [
    "certificates of its own beside Istio's",
    { tls: { mode: "ISTIO_MUTUAL", clientCertificate: "a", credentialName: "b" } },
    [
      ["tls.clientCertificate", "means nothing", "only subjectAltNames, sni"],
      ["tls.credentialName", "means nothing"],
    ],
  ],
  [
    "a client's certificate in SIMPLE",
    { tls: { mode: "SIMPLE", clientCertificate: "a", privateKey: "b" } },
    [
      ["tls.clientCertificate", "means nothing"],
      ["tls.privateKey", "means nothing"],
    ],
  ],
  [
    "no certificates in MUTUAL",
    { tls: { mode: "MUTUAL" } },
    [
      ["tls.clientCertificate", "is missing", "credentialName"],
      ["tls.privateKey", "is missing"],
    ],
  ],
  ["no key in MUTUAL", { tls: { mode: "MUTUAL", clientCertificate: "a" } }, [["tls.privateKey", "is missing"]]],
  [
    "files and a Secret",
    { tls: { mode: "MUTUAL", clientCertificate: "a", privateKey: "b", credentialName: "c" } },
    [["tls", "has credentialName and clientCertificate, privateKey", "not from both"]],
  ],
  [
    "authorities that are not asked",
    { tls: { mode: "SIMPLE", insecureSkipVerify: true, caCertificates: "a" } },
    [["tls.insecureSkipVerify", "is true beside caCertificates"]],
  ],
  [
    "a Secret that is not asked",
    { tls: { mode: "SIMPLE", insecureSkipVerify: true, credentialName: "a" } },
    [["tls.insecureSkipVerify", "is true beside credentialName"]],
  ],
  [
    "names that are not asked for",
    { tls: { mode: "MUTUAL", credentialName: "c", insecureSkipVerify: true, subjectAltNames: ["a"] } },
    [["tls.insecureSkipVerify", "is true beside subjectAltNames"]],
  ],
  [
    "empty texts",
    { tls: { mode: "SIMPLE", caCertificates: " ", subjectAltNames: [""], sni: "" } },
    [
      ["tls.caCertificates", 'is " "'],
      ["tls.subjectAltNames[0]", 'is ""'],
      ["tls.sni", 'is ""'],
    ],
  ],
]);
