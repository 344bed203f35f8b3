import assert from "node:assert/strict";
import { VERSION_COUNTERS } from "../../../../components/versionCounters";
import { apart, clusterCounters, failuresIn, subsetOf, trafficOf } from "../../../../src/rollout/metrics/envoyClusters";

const HOST = "shop.ns.svc.cluster.local";

describe("the cluster of a version", () => {
  const names: [name: string, version: string | undefined][] = [
    [`outbound|80|v2|${HOST}`, "v2"],
    [`outbound|80|v2|${HOST};`, "v2"],
    [`outbound|8080|v2|${HOST}`, "v2"],
    [`outbound|80||${HOST}`, undefined],
    [`inbound|80|v2|${HOST}`, undefined],
    ["outbound|80|v2|other.ns.svc.cluster.local", undefined],
    ["outbound|80|v2|ashop.ns.svc.cluster.local", undefined],
    [`outbound_.80_.v2_.${HOST}`, undefined],
    ["xds-grpc", undefined],
    ["", undefined],
  ];
  for (const [name, version] of names) {
    it(`${version ?? "none"} is in ${JSON.stringify(name)}`, () =>
      assert.equal(subsetOf(name, { host: HOST }), version));
  }
});

/** As an Envoy of the sandbox answered. */
const TEXT = `
# TYPE envoy_cluster_upstream_rq counter
envoy_cluster_upstream_rq{cluster_name="outbound|80|v1|${HOST}",response_code="200"} 72
envoy_cluster_upstream_rq{cluster_name="outbound|80|v1|${HOST}",response_code_class="2xx"} 72
envoy_cluster_upstream_rq{cluster_name="outbound|80|v1|${HOST}",response_code="503"} 3
envoy_cluster_upstream_rq{cluster_name="outbound|80|v1|${HOST}",response_code_class="5xx"} 3
envoy_cluster_upstream_rq{cluster_name="outbound|80|v1|${HOST}",response_code_class="1xx"} 5
envoy_cluster_upstream_rq{cluster_name="outbound|81|v1|${HOST}",response_code_class="4xx"} 5
envoy_cluster_upstream_rq_total{cluster_name="outbound|80|v1|${HOST}"} 75
envoy_cluster_upstream_rq_total{cluster_name="outbound|80|v2|${HOST}"} 0
envoy_cluster_external_upstream_rq{cluster_name="outbound|80|v1|${HOST}",response_code_class="5xx"} 1000
envoy_cluster_upstream_rq{cluster_name="outbound|80|v1|other.ns.svc.cluster.local",response_code_class="2xx"} 1000
envoy_cluster_upstream_rq_time_bucket{cluster_name="outbound|80|v1|${HOST}",le="0.5"} 60
envoy_cluster_upstream_rq_time_bucket{cluster_name="outbound|80|v1|${HOST}",le="1"} 70
envoy_cluster_upstream_rq_time_bucket{cluster_name="outbound|80|v1|${HOST}",le="+Inf"} 75
`;

describe("the cluster of a version on one port", () => {
  const names: [name: string, version: string | undefined][] = [
    [`outbound|80|v2|${HOST}`, "v2"],
    [`outbound|8080|v2|${HOST}`, undefined],
    [`outbound|8|v2|${HOST}`, undefined],
    [`outbound|80||${HOST}`, undefined],
  ];
  for (const [name, version] of names) {
    it(`${version ?? "none"} is in ${JSON.stringify(name)}`, () =>
      assert.equal(subsetOf(name, { host: HOST, port: 80 }), version));
  }
});

describe("what an Envoy counted", () => {
  it("is told by version: answers, failures, durations", () => {
    assert.deepEqual(trafficOf(new Map(), clusterCounters(TEXT, { host: HOST })), {
      v1: {
        requests: 80,
        failures: 3,
        durations: [
          { upTo: 0.5, count: 60 },
          { upTo: 1, count: 10 },
          { upTo: Infinity, count: 5 },
        ],
      },
      v2: { requests: 0, failures: 0, durations: [] },
    });
  });

  it("is told of one port alone, if it is named: else of all together", () => {
    const requests = (port?: number) => trafficOf(new Map(), clusterCounters(TEXT, { host: HOST, port })).v1?.requests;
    assert.deepEqual([undefined, 80, 81, 82].map(requests), [80, 75, 5, undefined]);
  });

  it("is told as what came on top of what was there", () => {
    const before = clusterCounters(TEXT, { host: HOST });
    const after = clusterCounters(
      TEXT.replace('"200"} 72', '"200"} 90')
        .replace('"2xx"} 72', '"2xx"} 90')
        .replace('="5xx"} 3', '="5xx"} 5')
        .replace('"+Inf"} 75', '"+Inf"} 85'),
      { host: HOST },
    );
    assert.deepEqual(trafficOf(before, after).v1, {
      requests: 20,
      failures: 2,
      durations: [
        { upTo: 0.5, count: 0 },
        { upTo: 1, count: 0 },
        { upTo: Infinity, count: 10 },
      ],
    });
  });

  it("has upgrades to WebSocket as requests that succeeded, and nothing of the answers before an answer", () => {
    const cluster = (version: string) => `cluster_name="outbound|80|${version}|${HOST}"`;
    const text = `
envoy_cluster_upstream_rq{${cluster("v1")},response_code="101"} 900
envoy_cluster_upstream_rq{${cluster("v1")},response_code_class="1xx"} 900
envoy_cluster_upstream_rq{${cluster("v2")},response_code="100"} 30
envoy_cluster_upstream_rq{${cluster("v2")},response_code="101"} 98
envoy_cluster_upstream_rq{${cluster("v2")},response_code="102"} 4
envoy_cluster_upstream_rq{${cluster("v2")},response_code="103"} 3
envoy_cluster_upstream_rq{${cluster("v2")},response_code_class="1xx"} 135
envoy_cluster_upstream_rq{${cluster("v2")},response_code="503"} 2
envoy_cluster_upstream_rq{${cluster("v2")},response_code_class="5xx"} 2
envoy_cluster_upstream_rq{${cluster("v2")},response_code="200"} 30
envoy_cluster_upstream_rq{${cluster("v2")},response_code_class="2xx"} 30
`;
    assert.deepEqual(trafficOf(new Map(), clusterCounters(text, { host: HOST })), {
      v1: { requests: 900, failures: 0, durations: [] },
      v2: { requests: 130, failures: 2, durations: [] },
    });
  });

  it("is nothing about versions that it has no counters of", () => {
    assert.deepEqual(trafficOf(new Map(), clusterCounters("", { host: HOST })), {});
    assert.deepEqual(trafficOf(new Map(), clusterCounters(TEXT, { host: "none.ns.svc.cluster.local" })), {});
  });

  it("counts gRPC's statuses that are the server's fault, as an Envoy of the sandbox told them", () => {
    const grpc = `
envoy_cluster_grpc_0{cluster_name="outbound|80|v1|${HOST}"} 72
envoy_cluster_grpc_5{cluster_name="outbound|80|v1|${HOST}"} 8
envoy_cluster_grpc_14{cluster_name="outbound|80|v2|${HOST}"} 74
envoy_cluster_grpc_14{cluster_name="outbound|80|v3|${HOST}"} 54
envoy_cluster_upstream_rq{cluster_name="outbound|80|v1|${HOST}",response_code_class="2xx"} 80
envoy_cluster_upstream_rq{cluster_name="outbound|80|v2|${HOST}",response_code_class="2xx"} 74
envoy_cluster_upstream_rq{cluster_name="outbound|80|v3|${HOST}",response_code_class="5xx"} 54
`;
    const traffic = trafficOf(new Map(), clusterCounters(grpc, { host: HOST }));
    assert.deepEqual(
      Object.entries(traffic).map(([version, { requests, failures }]) => [version, requests, failures]),
      [
        ["v1", 80, 0],
        ["v2", 74, 74],
        ["v3", 54, 54],
      ],
    );
  });

  it("never counts more failures than requests, and none of them twice", () => {
    assert.equal(failuresIn({ requests: 100, serverErrors: 7, grpc: 0, grpcFailures: 0 }), 7);
    assert.equal(failuresIn({ requests: 100, serverErrors: 7, grpc: 100, grpcFailures: 7 }), 7);
    assert.equal(failuresIn({ requests: 100, serverErrors: 7, grpc: 100, grpcFailures: 30 }), 30);
    assert.equal(failuresIn({ requests: 100, serverErrors: 7, grpc: 50, grpcFailures: 30 }), 37);
    assert.equal(failuresIn({ requests: 10, serverErrors: 0, grpc: 12, grpcFailures: 12 }), 10);
  });
});

describe("a cumulative histogram", () => {
  it("is taken apart, in whatever order it is", () => {
    assert.deepEqual(
      apart([
        { upTo: Infinity, count: 9 },
        { upTo: 1, count: 4 },
        { upTo: 5, count: 7 },
      ]),
      [
        { upTo: 1, count: 4 },
        { upTo: 5, count: 3 },
        { upTo: Infinity, count: 2 },
      ],
    );
  });

  it("that falls somewhere has no negative counts", () => {
    assert.deepEqual(
      apart([
        { upTo: 1, count: 4 },
        { upTo: 5, count: 3 },
        { upTo: Infinity, count: 6 },
      ]),
      [
        { upTo: 1, count: 4 },
        { upTo: 5, count: 0 },
        { upTo: Infinity, count: 2 },
      ],
    );
  });

  it("is none without its end", () => assert.deepEqual(apart([{ upTo: 1, count: 4 }]), []));
});

describe("the counters that a mesh's proxies are told to show", () => {
  const shown = (counter: string, cluster = `outbound|80|v2|${HOST};`) =>
    VERSION_COUNTERS.some((pattern) => new RegExp(`^(?:${pattern})`).test(`cluster.${cluster}.${counter}`));

  it("are those that are read here, and what people look at", () => {
    for (const counter of [
      "upstream_rq_1xx",
      "upstream_rq_101",
      "upstream_rq_5xx",
      "upstream_rq_503",
      "upstream_rq_total",
      "upstream_rq_time",
      "upstream_rq_timeout",
      "upstream_rq_retry",
      "upstream_cx_connect_fail",
      "grpc.0",
      "grpc.14",
    ]) {
      assert.ok(shown(counter), counter);
      assert.ok(shown(counter, `outbound|80|v2|${HOST}`), `${counter} of an older Istio`);
    }
  });

  it("are no others, for there are many", () => {
    for (const counter of [
      "upstream_cx_total",
      "upstream_rq_timeouts_of_another_kind",
      "lb_healthy_panic",
      "external.upstream_rq_200",
      "grpc.success",
      "upstream_rq_per_try_timeout",
    ]) {
      assert.ok(!shown(counter), counter);
    }
    for (const cluster of [`outbound|80||${HOST};`, `inbound|80|v2|${HOST};`, "inbound|8080||;", "xds-grpc;"]) {
      assert.ok(!shown("upstream_rq_200", cluster), cluster);
    }
  });
});
