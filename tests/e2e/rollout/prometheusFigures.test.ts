import assert from "node:assert/strict";
import { Prometheus } from "../../../src/rollout/metrics/prometheus";
import { type Listening, listening } from "../../unit/internal/http/listening";
import { PrometheusServer } from "../support/prometheusServer";
import { until } from "../support/workload";

const never = new AbortController().signal;

/** What one proxy shows: the value of each series. */
type Shown = Map<string, number>;

describe("the metrics of a real Prometheus that scrapes simulated proxies", function () {
  this.timeout("5m");
  let proxies: Map<string, Shown | undefined>;
  let exporter: Listening;
  let prometheus: PrometheusServer;
  let source: Prometheus;

  const istio = (version: string, code: string, more = "") =>
    `istio_requests_total{reporter="source",destination_workload_namespace="ns",destination_workload="shop-${version}",response_code="${code}"${more}}`;
  const envoy = (version: string, what: string, label = "") =>
    `envoy_cluster_${what}{cluster_name="outbound|80|${version}|shop.ns.svc.cluster.local"${label}}`;

  beforeEach(async () => {
    proxies = new Map([
      ["a", new Map()],
      ["b", new Map()],
    ]);
    exporter = await listening(({ url }, response) => {
      const shown = proxies.get((url ?? "").slice(1));
      if (shown === undefined) {
        return void response.writeHead(503).end();
      }
      response
        .writeHead(200, { "content-type": "text/plain; version=0.0.4" })
        .end([...shown].map(([series, value]) => `${series} ${value}\n`).join(""));
    });
    const target = new URL(exporter.url).host;
    prometheus = await PrometheusServer.start(
      ["a", "b"].map((name) => ({
        job_name: name,
        metrics_path: `/${name}`,
        static_configs: [{ targets: [target], labels: { pod: name } }],
      })),
      "200ms",
    );
    source = new Prometheus({ url: prometheus.url, app: "shop", namespace: "ns", versions: ["v1", "v2"] });
    await source.start(never);
  });
  afterEach(async () => {
    await prometheus.stop();
    await exporter.close();
  });

  const show = (proxy: string, series: Record<string, number>) =>
    Object.entries(series).forEach(([name, value]) => proxies.get(proxy)?.set(name, value));

  /** Waits until everything that is shown now has been scraped; gives a time after it. */
  async function scraped(): Promise<number> {
    const mark = `mark_${Math.random().toString(36).slice(2)}`;
    const alive = [...proxies].flatMap(([name, shown]) => (shown === undefined ? [] : [name]));
    alive.forEach((name) => show(name, { [mark]: 1 }));
    return until(`${alive.length} proxies are scraped`, async () => {
      const now = Date.now();
      return (await source.query(mark, now, never)).length === alive.length && now;
    });
  }

  async function traffic(from: number, to: number): Promise<Record<string, string>> {
    const found = await source.traffic({ from, to }, never);
    return Object.fromEntries(
      Object.entries(found).map(([version, { requests, failures }]) => [version, `${failures} of ${requests}`]),
    );
  }

  it("are exactly what was counted in the span, not what was before or after it", async () => {
    show("a", { [istio("v1", "200")]: 1000, [istio("v1", "500")]: 7 });
    show("b", { [istio("v1", "200")]: 5000 });
    const from = await scraped();
    show("a", { [istio("v1", "200")]: 1090, [istio("v1", "500")]: 10 });
    show("b", { [istio("v1", "200")]: 5007 });
    const to = await scraped();
    show("a", { [istio("v1", "200")]: 2000 });
    const later = await scraped();
    assert.deepEqual(await traffic(from, to), { v1: "3 of 100" });
    assert.deepEqual(await traffic(to, later), { v1: "0 of 910" });
  });

  it("have what a series brings with its first sample: the first failures of a new version are such a series", async () => {
    show("a", { [istio("v1", "200")]: 1000 });
    const from = await scraped();
    show("a", { [istio("v2", "200")]: 90, [istio("v2", "503")]: 10 });
    assert.deepEqual(await traffic(from, await scraped()), { v1: "0 of 0", v2: "10 of 100" });
  });

  it("have what a proxy counted that is gone, and all of one that is new", async () => {
    show("a", { [istio("v2", "200")]: 10 });
    proxies.set("b", undefined);
    const from = await scraped();
    show("a", { [istio("v2", "200")]: 30 });
    await scraped();
    proxies.set("a", undefined);
    proxies.set(
      "b",
      new Map([
        [istio("v2", "200"), 5],
        [istio("v2", "500"), 2],
      ]),
    );
    assert.deepEqual(await traffic(from, await scraped()), { v2: "2 of 27" });
  });

  it("go on after a counter began at 0 again", async () => {
    show("a", { [istio("v2", "200")]: 1000, [istio("v2", "500")]: 40 });
    const from = await scraped();
    show("a", { [istio("v2", "200")]: 1050 });
    await scraped();
    show("a", { [istio("v2", "200")]: 20, [istio("v2", "500")]: 20 });
    assert.deepEqual(await traffic(from, await scraped()), { v2: "20 of 90" });
  });

  it("go on after a counter began at 0 again and rose above what it was, if not to the last request", async () => {
    show("a", { [istio("v2", "200")]: 100 });
    const from = await scraped();
    show("a", { [istio("v2", "200")]: 0 });
    await scraped();
    show("a", { [istio("v2", "200")]: 1000 });
    const { v2 } = await source.traffic({ from, to: await scraped() }, never);
    assert.ok(v2.requests >= 900 && v2.requests <= 2000, JSON.stringify(v2));
  });

  it("do not take for new what was counted before Prometheus was there", async () => {
    show("a", { [istio("v2", "200")]: 100_000, [istio("v2", "500")]: 100_000 });
    const to = await scraped();
    const found = await source.traffic({ from: to - 60_000, to }, never);
    assert.equal(found.v2?.requests ?? 0, 0, JSON.stringify(found));
  });

  it("have durations, gRPC's statuses, and nothing about a version without series", async () => {
    const bucket = (le: string) =>
      `istio_request_duration_milliseconds_bucket{reporter="source",destination_workload_namespace="ns",destination_workload="shop-v1",le="${le}"}`;
    show("a", {
      [bucket("5")]: 100,
      [bucket("+Inf")]: 100,
      [istio("v1", "200", ',grpc_response_status="0"')]: 100,
      [istio("v1", "200", ',grpc_response_status="13"')]: 5,
    });
    const from = await scraped();
    show("a", {
      [bucket("5")]: 150,
      [bucket("+Inf")]: 170,
      [istio("v1", "200", ',grpc_response_status="0"')]: 160,
      [istio("v1", "200", ',grpc_response_status="13"')]: 15,
    });
    const to = await scraped();
    assert.deepEqual(await source.traffic({ from, to }, never), {
      v1: {
        requests: 70,
        failures: 10,
        durations: [
          { upTo: 5, count: 50 },
          { upTo: Infinity, count: 20 },
        ],
      },
    });
  });

  it("are those of Envoy's counters where there are no metrics of Istio's", async () => {
    const before = {
      [envoy("v1", "upstream_rq", ',response_code_class="2xx"')]: 50,
      [envoy("v1", "upstream_rq", ',response_code="200"')]: 50,
    };
    show("a", before);
    show("b", before);
    const from = await scraped();
    const after = {
      [envoy("v1", "upstream_rq", ',response_code_class="2xx"')]: 150,
      [envoy("v1", "upstream_rq", ',response_code="200"')]: 150,
      [envoy("v2", "upstream_rq", ',response_code_class="2xx"')]: 20,
      [envoy("v2", "upstream_rq", ',response_code_class="5xx"')]: 4,
      [envoy("v2", "grpc_0")]: 15,
      [envoy("v2", "grpc_13")]: 5,
      [envoy("v2", "grpc_14")]: 4,
      [envoy("v2", "upstream_rq_time_bucket", ',le="25"')]: 12,
      [envoy("v2", "upstream_rq_time_bucket", ',le="+Inf"')]: 24,
    };
    show("a", after);
    show("b", after);
    const to = await scraped();
    const found = await source.traffic({ from, to }, never);
    assert.deepEqual(found, {
      v1: { requests: 200, failures: 0, durations: [] },
      v2: {
        requests: 48,
        failures: 18,
        durations: [
          { upTo: 25, count: 24 },
          { upTo: Infinity, count: 24 },
        ],
      },
    });
  });

  it("are an error, that says so, when it is gone", async () => {
    await prometheus.stop();
    await assert.rejects(
      source.traffic({ from: 0, to: Date.now() }, never),
      /cannot query Prometheus at http:\/\/127\.0\.0\.1:\d+/,
    );
  });
});
