import assert from "node:assert/strict";
import { sendMany } from "../../../demo/load/generator";
import type { Answer } from "../../../demo/load/request";
import type { Evidence, GateDefinition, GateInput } from "../../../src/rollout/gates/gate";
import { makeGate } from "../../../src/rollout/gates/kinds";
import { observations } from "../../../src/rollout/gates/histogram";
import { EnvoyCounters } from "../../../src/rollout/metrics/envoyCounters";
import { Prometheus } from "../../../src/rollout/metrics/prometheus";
import type { MetricsSource, VersionTraffic } from "../../../src/rollout/metrics/source";
import { countsOf, hasConverged } from "../../../src/rollout/runner/convergence";
import { type AnyApp, openAnyApp } from "../support/anyApp";
import { cluster } from "../support/cluster";
import { FORTIO_IMAGE, importFortio } from "../support/fortioImage";
import type { Kubectl } from "../support/kubectl";
import { type PodScrape, meshScrape } from "../support/meshScrape";
import { podsOf, switchPod } from "../support/pods";
import { PrometheusServer } from "../support/prometheusServer";
import { pause, untilAnswered } from "../support/traffic";
import { openWebSocket, type WebSocketConnection } from "../support/webSocket";
import { until } from "../support/workload";

const APP = "myapp";
const HOST = `${APP}.${APP}.svc.cluster.local`;
const NAMES: Readonly<Record<string, string>> = { "1.0": "v1", "2.0": "v2" };
const never = new AbortController().signal;

describe("metrics of real traffic, as Envoy's counters and a Prometheus give them", function () {
  this.timeout("20m");
  let app: AnyApp;
  let kubectl: Kubectl;
  let kubeconfig: string;
  let url: string;
  let scrape: PodScrape;
  let server: PrometheusServer;
  let envoys: EnvoyCounters;
  let prometheus: Prometheus;

  before(async () => {
    app = await openAnyApp("e2e-sources");
    ({ kubectl } = app);
    ({ kubeconfig } = await cluster());
    url = `${app.url}/api/v1/hello`;
    await untilAnswered({ url });
    scrape = await meshScrape(kubectl);
    server = await PrometheusServer.start([scrape.config]);
    prometheus = new Prometheus({ url: server.url, app: APP, namespace: APP, versions: ["v1", "v2", "v3"] });
    await prometheus.start(never);
    envoys = new EnvoyCounters({ app: APP, namespace: APP, intervalSeconds: 1, cluster: { kubeconfig } });
    await envoys.start(never);
    // Prometheus has seen the beginning of everything that is counted from here on. All proxies have such counters, but
    // for other clusters.
    await until(
      "Prometheus scrapes the gateway",
      async () =>
        (
          await prometheus.query(
            `count(envoy_cluster_upstream_rq{cluster_name=~"outbound.*${HOST}"})`,
            Date.now(),
            never,
          )
        ).length > 0,
      60,
    );
  });

  after(async () => {
    envoys?.stop();
    await server?.stop();
    await scrape?.forget();
  });

  /** Both sources, and what they are called. */
  const sources = (): [string, MetricsSource][] => [
    ["Envoy's counters", envoys],
    ["Prometheus", prometheus],
  ];

  const ask = (definition: GateDefinition, metrics: MetricsSource, about: Partial<GateInput>) =>
    makeGate(definition, { metrics, approval: () => undefined }).ask(
      {
        run: "run",
        app: APP,
        namespace: APP,
        target: "v2",
        phase: "hold",
        step: 0,
        weights: { v1: 50, v2: 50 },
        since: 0,
        now: Date.now(),
        ...about,
      },
      never,
    );

  /** Sends requests while nobody else does; returns what the client counted, and when it began. */
  async function counted(
    count: number,
  ): Promise<{ since: number; answers: Answer[]; byVersion: Record<string, { requests: number; failures: number }> }> {
    const since = Date.now();
    // A span begins with its first reading: read now. Prometheus has to be past it, too.
    await envoys.traffic({ from: since, to: since }, never);
    await pause(1500);
    const answers = await sendMany(count, { url });
    const byVersion: Record<string, { requests: number; failures: number }> = {};
    for (const { version, status, error } of answers) {
      const name = NAMES[version ?? ""] ?? assert.fail(`an answer of no version: ${status} ${error}`);
      const own = (byVersion[name] ??= { requests: 0, failures: 0 });
      own.requests++;
      own.failures += status >= 500 ? 1 : 0;
    }
    return { since, answers, byVersion };
  }

  /**
   * A source's metrics of a span up to now, once it reports as many requests of each version as the client counted,
   * with all durations.
   */
  function settled(
    source: MetricsSource,
    since: number,
    expected: Record<string, { requests: number }>,
  ): Promise<Readonly<Record<string, VersionTraffic>>> {
    let last: unknown;
    return until(
      `${source.description} has counted ${JSON.stringify(expected)}`,
      async () => {
        const traffic = await source.traffic({ from: since, to: Date.now() }, never);
        last = traffic;
        const whole = Object.entries(expected).every(
          ([version, { requests }]) =>
            traffic[version]?.requests >= requests && observations(traffic[version].durations) >= requests,
        );
        return whole && traffic;
      },
      60,
    ).catch((error) => assert.fail(`${error.message}; it had ${JSON.stringify(last)}`));
  }

  const counts = (traffic: Readonly<Record<string, VersionTraffic>>) =>
    Object.fromEntries(
      Object.entries(traffic).map(([version, { requests, failures }]) => [version, { requests, failures }]),
    );

  it("are exactly what the client counted, of a version that fails 5% of its requests, too", async () => {
    const [pod] = await podsOf(kubectl, APP, "v2");
    await switchPod(kubectl, APP, pod, "error=5");
    const { since, byVersion } = await counted(4000);
    await switchPod(kubectl, APP, pod, "error=0");
    assert.ok(byVersion.v2.failures > 30 && byVersion.v1.failures === 0, JSON.stringify(byVersion));
    for (const [name, source] of sources()) {
      const traffic = await settled(source, since, byVersion);
      assert.deepEqual(counts(traffic), byVersion, name);
      assert.deepEqual(
        Object.values(traffic).map(({ durations }) => observations(durations)),
        Object.values(traffic).map(({ requests }) => requests),
        name,
      );
      const { verdict, reason, metrics } = await ask({ name: "ok", kind: "success-rate" }, source, { since });
      assert.equal(verdict, "failed", reason);
      assert.deepEqual([metrics.requests, metrics.failures], [byVersion.v2.requests, byVersion.v2.failures], name);
      assert.equal(
        (await ask({ name: "ok", kind: "success-rate", min: 80 }, source, { since })).verdict,
        "passed",
        name,
      );
      assert.equal((await ask({ name: "as good", kind: "baseline" }, source, { since })).verdict, "failed", name);
      assert.equal(
        (await ask({ name: "as good", kind: "baseline", margin: 20 }, source, { since })).verdict,
        "passed",
        name,
      );
      assert.equal(
        (await ask({ name: "ok", kind: "success-rate" }, source, { since, target: "v1" })).verdict,
        "passed",
        name,
      );
    }
  });

  it("tell a slow version", async () => {
    const asFast = { name: "as fast", kind: "baseline", margin: 100, latency: {} };
    const [pod] = await podsOf(kubectl, APP, "v2");
    await switchPod(kubectl, APP, pod, "delay=300ms");
    const { since, byVersion } = await counted(400);
    const evidence: Record<string, Evidence | undefined> = {};
    for (const [name, source] of sources()) {
      await settled(source, since, byVersion);
      const slow = await ask({ name: "fast", kind: "latency", percentile: 50, maxMs: 250 }, source, { since });
      assert.equal(slow.verdict, "failed", `${name}: ${slow.reason}`);
      const usual = await ask({ name: "fast", kind: "latency", percentile: 50, maxMs: 250 }, source, {
        since,
        target: "v1",
      });
      assert.equal(usual.verdict, "passed", `${name}: ${usual.reason}`);
      // The first answer chooses the bound, and what comes after it is compared.
      const first = await ask(asFast, source, { since });
      assert.equal(first.verdict, "inconclusive", `${name}: ${first.reason}`);
      evidence[name] = first.evidence;
    }
    const more = await counted(400);
    await switchPod(kubectl, APP, pod, "delay=0s");
    for (const [name, source] of sources()) {
      await settled(source, more.since, more.byVersion);
      const { verdict, reason } = await ask(asFast, source, { since, evidence: evidence[name] });
      assert.equal(verdict, "failed", `${name}: ${reason}`);
    }
  });

  it("know nothing of a version that has none, and then nothing passes", async () => {
    const { since, byVersion } = await counted(200);
    for (const [name, source] of sources()) {
      assert.ok(!("v3" in (await settled(source, since, byVersion))), name);
      for (const definition of [
        { name: "a", kind: "success-rate", min: 0 },
        { name: "b", kind: "latency", maxMs: 1e9 },
        { name: "c", kind: "baseline", margin: 100 },
      ]) {
        const { verdict, reason } = await ask(definition, source, { since, target: "v3" });
        assert.deepEqual([verdict, reason], ["inconclusive", "no metrics for version v3"], name);
      }
    }
  });

  it("can be queried from Prometheus by PromQL of one's own", async () => {
    const { since, byVersion } = await counted(200);
    await settled(prometheus, since, byVersion);
    const query = `sum(envoy_cluster_upstream_rq_total{cluster_name="outbound|80|{{target}}|{{app}}.{{namespace}}.svc.cluster.local"})`;
    const { verdict, metrics } = await ask(
      { name: "q", kind: "promql", query, min: byVersion.v2.requests },
      prometheus,
      { since },
    );
    assert.equal(verdict, "passed");
    assert.ok(metrics.value >= byVersion.v2.requests);
    assert.equal(
      (await ask({ name: "q", kind: "promql", query: "no_such_metric", min: 0 }, prometheus, { since })).verdict,
      "inconclusive",
    );
    assert.equal(
      (await ask({ name: "q", kind: "promql", query: "sum(up) * 0 / 0", min: 0 }, prometheus, { since })).verdict,
      "inconclusive",
    );
  });

  it("count upgrades to WebSocket as successful requests, and refused ones as failures", async () => {
    const since = Date.now();
    await envoys.traffic({ from: since, to: since }, never);
    await pause(1500);
    const expected: Record<string, { requests: number; failures: number }> = {};
    const open: WebSocketConnection[] = [];
    for (let count = 0; count < 300; count++) {
      const { status, version, socket } = await openWebSocket(`${url}?error=5`);
      assert.ok(status === 101 || status === 500, `${status}`);
      await socket?.assertEchoes(`message ${count}`);
      open.push(...(socket === undefined ? [] : [socket]));
      const own = (expected[NAMES[version ?? ""] ?? assert.fail(`an answer of no version: ${status}`)] ??= {
        requests: 0,
        failures: 0,
      });
      own.requests++;
      own.failures += status === 500 ? 1 : 0;
    }
    assert.ok(open.length > 200, `${open.length} upgrades`);
    // Envoy counts an upgrade when it is answered, Istio's metrics when its connection is closed.
    const whole = (source: MetricsSource) =>
      until(
        `${source.description} has counted ${JSON.stringify(expected)}`,
        async () => {
          const traffic = await source.traffic({ from: since, to: Date.now() }, never);
          return (
            Object.entries(expected).every(([version, own]) => traffic[version]?.requests >= own.requests) && traffic
          );
        },
        60,
      );
    assert.deepEqual(counts(await whole(envoys)), expected, "while the connections are open");
    await Promise.all(open.map((socket) => socket.close()));
    for (const [name, source] of sources()) {
      const traffic = await whole(source);
      assert.deepEqual(counts(traffic), expected, name);
      assert.ok(hasConverged(countsOf(traffic), { v1: 100, v2: 0 }, { v1: 50, v2: 50 }), name);
      for (const [min, verdict] of [
        [60, "passed"],
        [100, expected.v2.failures > 0 ? "failed" : "passed"],
      ] as const) {
        const said = await ask({ name: "ok", kind: "success-rate", min }, source, { since });
        assert.equal(said.verdict, verdict, `${name}: ${said.reason}`);
      }
    }
  });

  it("go on when the gateway's pod is another one", async () => {
    const first = await counted(300);
    await settled(envoys, first.since, first.byVersion);
    await settled(prometheus, first.since, first.byVersion);
    await kubectl.run("rollout", "restart", "-n", "istio-ingress", "deployment/istio-ingressgateway");
    await kubectl.run("rollout", "status", "-n", "istio-ingress", "deployment/istio-ingressgateway", "--timeout=120s");
    await untilOnePod(kubectl);
    const second = await counted(300);
    const both = Object.fromEntries(
      ["v1", "v2"].map((version) => [
        version,
        { requests: first.byVersion[version].requests + second.byVersion[version].requests, failures: 0 },
      ]),
    );
    for (const [name, source] of sources()) {
      assert.deepEqual(counts(await settled(source, second.since, second.byVersion)), second.byVersion, name);
      assert.deepEqual(counts(await settled(source, first.since, both)), both, name);
    }
  });

  it("have the requests of callers inside the mesh", async () => {
    await importFortio();
    const metadata = (name: string) => ({ name, namespace: APP });
    const route = ["v1", "v2"].map((subset) => ({ destination: { host: HOST, subset }, weight: 50 }));
    await kubectl.apply({
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: metadata("inside"),
      spec: { hosts: [HOST], http: [{ route }] },
    });
    await kubectl.apply({
      apiVersion: "v1",
      kind: "Pod",
      metadata: metadata("caller"),
      spec: { containers: [{ name: "fortio", image: FORTIO_IMAGE, imagePullPolicy: "Never", args: ["server"] }] },
    });
    try {
      await kubectl.run("wait", "-n", APP, "--for=condition=Ready", "pod/caller", "--timeout=120s");
      const since = Date.now();
      await envoys.traffic({ from: since, to: since }, never);
      await until(
        "a caller's requests go to versions, as many as it sends",
        async () => {
          const from = Date.now();
          await envoys.traffic({ from, to: from }, never);
          await kubectl.run(
            "exec",
            "-n",
            APP,
            "caller",
            "-c",
            "fortio",
            "--",
            "/fortio",
            "load",
            "-quiet",
            "-n",
            "100",
            "-c",
            "2",
            "-qps",
            "0",
            `http://${HOST}/`,
          );
          const { v1, v2 } = await envoys.traffic({ from, to: Date.now() }, never);
          return v1.requests + v2.requests === 100;
        },
        60,
      );
    } finally {
      await kubectl.run("delete", "-n", APP, "virtualservice/inside", "pod/caller", "--ignore-not-found", "--now");
    }
  });

  it("have gRPC's failures, though HTTP calls them 200, and count an answer of the proxy's own once", async () => {
    const namespace = "grpc-calls";
    await importFortio();
    await kubectl.apply({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: namespace, labels: { "istio-injection": "enabled" } },
    });
    try {
      // v1 serves; the server of v2 listens elsewhere, so that its own proxy answers; v3 has no pods, so that the
      // caller's does.
      await applyGrpcApp(kubectl, namespace, { v1: 8079, v2: 8099 }, ["v1", "v2", "v3"]);
      await kubectl.run("wait", "-n", namespace, "--for=condition=Ready", "pod", "--all", "--timeout=180s");
      const calls = new EnvoyCounters({
        app: "calls",
        namespace,
        intervalSeconds: 1,
        gateways: [],
        cluster: { kubeconfig },
      });
      await calls.start(never);
      await until(
        "all calls are counted, and as failures those that failed",
        async () => {
          const from = Date.now();
          await calls.traffic({ from, to: from }, never).catch(() => undefined);
          const { SERVING: served = 0 } = await callsFrom(kubectl, namespace, 300);
          const traffic = await calls.traffic({ from, to: Date.now() }, never);
          const sum = (of: "requests" | "failures") =>
            Object.values(traffic).reduce((total, each) => total + each[of], 0);
          return (
            served > 0 &&
            sum("requests") === 300 &&
            sum("failures") === 300 - served &&
            traffic.v1.failures === 0 &&
            traffic.v3.failures === traffic.v3.requests &&
            traffic.v3.requests > 0
          );
        },
        90,
      );
      calls.stop();
    } finally {
      await kubectl.run("delete", "namespace", namespace, "--wait=false");
    }
  });

  it("decide nothing where their source cannot be reached, and it is said why", async () => {
    const gates: GateDefinition[] = [
      { name: "a", kind: "success-rate" },
      { name: "b", kind: "latency", maxMs: 1e9 },
      { name: "c", kind: "baseline" },
    ];
    await server.stop();
    for (const definition of [...gates, { name: "d", kind: "promql", query: "vector(1)", min: 0 }]) {
      const { verdict, reason } = await ask(definition, prometheus, { since: Date.now() - 60_000 });
      assert.equal(verdict, "inconclusive");
      assert.match(reason, /cannot query Prometheus at http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/);
    }
    const elsewhere = new EnvoyCounters({
      app: APP,
      namespace: APP,
      gateways: [{ namespace: "nowhere" }],
      cluster: { kubeconfig },
      callers: ["kube-system"],
    });
    await elsewhere.start(never);
    const nothing = await ask(
      gates[0],
      new EnvoyCounters({ app: "no-app", namespace: "kube-system", gateways: [], cluster: { kubeconfig } }),
      { since: 0 },
    );
    assert.deepEqual(
      [nothing.verdict, nothing.reason],
      ["inconclusive", "Envoy's counters were read before they were started"],
    );
    elsewhere.stop();
    await assert.rejects(
      new EnvoyCounters({ app: APP, namespace: APP, cluster: { kubeconfig, context: "no-such" } }).start(never),
      /no context "no-such"; it has /,
    );
  });
});

/** Waits until the gateway's old pod is gone: until then it may get requests, or be the last one that is read. */
function untilOnePod(kubectl: Kubectl): Promise<unknown> {
  return until(
    "the gateway has one pod",
    async () => (await kubectl.run("get", "pods", "-n", "istio-ingress", "-o", "name")).trim().split("\n").length === 1,
    120,
  );
}

/**
 * A gRPC app with a pod for each of some versions, which listens on a port; 8079 is the right one. Next to it a caller.
 */
async function applyGrpcApp(
  kubectl: Kubectl,
  namespace: string,
  ports: Readonly<Record<string, number>>,
  versions: readonly string[],
): Promise<void> {
  const host = `calls.${namespace}.svc.cluster.local`;
  const pod = (name: string, labels: Record<string, string>, ...args: string[]) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels },
    spec: {
      containers: [{ name: "fortio", image: FORTIO_IMAGE, imagePullPolicy: "Never", args: ["server", ...args] }],
    },
  });
  const route = versions.map((subset, index) => ({
    destination: { host, subset },
    weight: index === 0 ? 100 - (versions.length - 1) * 30 : 30,
  }));
  const items = [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "calls", namespace },
      spec: { selector: { app: "calls" }, ports: [{ name: "grpc", port: 80, targetPort: 8079 }] },
    },
    {
      apiVersion: "networking.istio.io/v1",
      kind: "DestinationRule",
      metadata: { name: "calls", namespace },
      spec: { host, subsets: versions.map((version) => ({ name: version, labels: { version } })) },
    },
    {
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: { name: "calls", namespace },
      spec: { hosts: [host], http: [{ retries: { attempts: 0 }, route }] },
    },
    ...Object.entries(ports).map(([version, port]) =>
      pod(`calls-${version}`, { app: "calls", version }, "-grpc-port", String(port)),
    ),
    pod("caller", {}),
  ];
  await kubectl.apply({ apiVersion: "v1", kind: "List", items });
}

/**
 * Calls from the caller's pod; gives how many there were of each outcome. Fortio ends with an error where calls failed.
 */
async function callsFrom(kubectl: Kubectl, namespace: string, count: number): Promise<Record<string, number>> {
  const load = [
    "/fortio",
    "load",
    "-quiet",
    "-json",
    "-",
    "-grpc",
    "-ping",
    "-c",
    "2",
    "-qps",
    "0",
    "-n",
    String(count),
    "calls:80",
  ];
  const told = await kubectl
    .run("exec", "-n", namespace, "caller", "-c", "fortio", "--", ...load)
    .catch(({ stdout }) => String(stdout));
  return JSON.parse(told).RetCodes;
}
