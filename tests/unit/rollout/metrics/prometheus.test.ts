import assert from "node:assert/strict";
import type { IncomingHttpHeaders } from "node:http";
import { Prometheus, type PrometheusArgs } from "../../../../src/rollout/metrics/prometheus";
import { type Listening, bodyOf, listening } from "../../internal/http/listening";
import { warningsDuring } from "../../warnings";

const never = new AbortController().signal;
const SPAN = { from: 1_700_000_000_000, to: 1_700_000_060_000 };

type Row = [labels: Record<string, string>, value: string];
const vector = (rows: Row[]) => ({
  status: "success",
  data: { resultType: "vector", result: rows.map(([metric, value]) => ({ metric, value: [1_700_000_060, value] })) },
});

describe("a Prometheus", () => {
  let server: Listening;
  let asked: { path?: string; headers: IncomingHttpHeaders; query: string; time: string | null }[];
  let answer: (query: string) => { status?: number; body: unknown } | "none";

  beforeEach(async () => {
    asked = [];
    answer = () => ({ body: vector([]) });
    server = await listening(async (request, response) => {
      const form = new URLSearchParams(await bodyOf(request));
      const query = form.get("query") ?? "";
      asked.push({ path: `${request.method} ${request.url}`, headers: request.headers, query, time: form.get("time") });
      const given = answer(query);
      if (given !== "none") {
        response
          .writeHead(given.status ?? 200)
          .end(typeof given.body === "string" ? given.body : JSON.stringify(given.body));
      }
    });
  });
  afterEach(() => server.close());

  const source = (more: Partial<PrometheusArgs> = {}, secrets?: (name: string) => string | undefined) =>
    new Prometheus({ url: server.url, app: "shop", namespace: "ns", versions: ["v1", "v2"], ...more }, secrets);
  /** Answers by what a query is about; with no data about everything else. */
  const about = (rows: Record<string, Row[]>) => (query: string) => ({
    body: vector(Object.entries(rows).find(([metric]) => query.includes(`${metric}{`))?.[1] ?? []),
  });

  it("gives Istio's standard metrics by version: answers, failures of HTTP and gRPC, durations", async () => {
    const series = (version: string, response_code: string, more: Record<string, string> = {}) => ({
      reporter: "source",
      destination_workload: `shop-${version}`,
      response_code,
      ...more,
    });
    const bucket = (le: string) => ({ reporter: "source", destination_workload: "shop-v2", le });
    answer = about({
      istio_requests_total: [
        [series("v1", "200"), "900"],
        [series("v1", "503"), "10"],
        [series("v1", "404"), "5"],
        [series("v2", "200", { grpc_response_status: "0" }), "80"],
        [series("v2", "200", { grpc_response_status: "14" }), "3"],
        [series("v2", "200", { grpc_response_status: "5" }), "2"],
        [series("v2", "0", { response_flags: "UC" }), "4"],
        [series("v2", "0", { response_flags: "DC" }), "1000"],
        [{ ...series("v2", "500"), reporter: "destination" }, "77"],
      ],
      istio_request_duration_milliseconds_bucket: [
        [bucket("1"), "50"],
        [bucket("+Inf"), "85.4"],
        [bucket("5"), "80"],
        [{ ...bucket("5"), reporter: "destination" }, "1000"],
      ],
    });
    assert.deepEqual(await source().traffic(SPAN, never), {
      v1: { requests: 915, failures: 10, durations: [] },
      v2: {
        requests: 89,
        failures: 7,
        durations: [
          { upTo: 1, count: 50 },
          { upTo: 5, count: 30 },
          { upTo: Infinity, count: 5 },
        ],
      },
    });
    assert.ok(
      asked.every(
        ({ query }) =>
          query.includes('destination_workload_namespace="ns"') &&
          query.includes('destination_workload=~"shop-v1|shop-v2"'),
      ),
      asked[0].query,
    );
    assert.ok(asked.every(({ path, time }) => path === "POST /api/v1/query" && time === "1700000060.000"));
  });

  it("gives the counters of one port, if it is named: Istio's metrics do not tell ports apart", async () => {
    const cluster = (port: number) => `outbound|${port}|v2|shop.ns.svc.cluster.local`;
    answer = about({
      istio_requests_total: [[{ reporter: "source", destination_workload: "shop-v2", response_code: "200" }, "1000"]],
      envoy_cluster_upstream_rq: [
        [{ cluster_name: cluster(80), response_code_class: "2xx" }, "900"],
        [{ cluster_name: cluster(9090), response_code_class: "2xx" }, "90"],
      ],
    });
    assert.deepEqual(await source({ port: 9090 }).traffic(SPAN, never), {
      v2: { requests: 90, failures: 0, durations: [] },
    });
    assert.ok(
      asked.every(({ query }) => query.includes(String.raw`"outbound\\|9090\\|(v1|v2)\\|shop`)),
      asked[0].query,
    );
  });

  it("takes what the versions' own proxies say where no caller has one", async () => {
    answer = about({
      istio_requests_total: [[{ reporter: "destination", destination_workload: "shop-v2", response_code: "200" }, "7"]],
    });
    assert.deepEqual(await source().traffic(SPAN, never), { v2: { requests: 7, failures: 0, durations: [] } });
  });

  it("asks for as many statuses of gRPC as there are, and Node sees no leak in that", async () => {
    const cluster_name = "outbound|80|v2|shop.ns.svc.cluster.local";
    const names = Array.from({ length: 17 }, (_, status) => `envoy_cluster_grpc_${status}`);
    answer = (query) =>
      query.startsWith("count by (__name__)")
        ? { body: vector(names.map((__name__) => [{ __name__ }, "1"])) }
        : about({
            envoy_cluster_upstream_rq: [[{ cluster_name, response_code_class: "2xx" }, "90"]],
            ...Object.fromEntries(names.map((name) => [name, [[{ cluster_name }, "1"]]])),
          })(query);
    const { signal } = new AbortController();
    assert.deepEqual(await warningsDuring(() => source().traffic(SPAN, signal)), []);
    assert.ok(asked.length >= 17);
  });

  it("gives Envoy's counters by version where there are no metrics of Istio's", async () => {
    const cluster_name = "outbound|80|v2|shop.ns.svc.cluster.local";
    answer = (query) =>
      query.startsWith("count by (__name__)")
        ? { body: vector([[{ __name__: "envoy_cluster_grpc_14" }, "1"]]) }
        : about({
            envoy_cluster_upstream_rq: [
              [{ cluster_name, response_code_class: "2xx" }, "90"],
              [{ cluster_name, response_code_class: "5xx" }, "10"],
            ],
            envoy_cluster_grpc_14: [[{ cluster_name }, "10"]],
            envoy_cluster_upstream_rq_time_bucket: [
              [{ cluster_name, le: "25" }, "60"],
              [{ cluster_name, le: "+Inf" }, "100"],
            ],
          })(query);
    assert.deepEqual(await source().traffic(SPAN, never), {
      v2: {
        requests: 100,
        failures: 20,
        durations: [
          { upTo: 25, count: 60 },
          { upTo: Infinity, count: 40 },
        ],
      },
    });
  });

  it("gives upgrades to WebSocket as requests that succeeded, by Envoy's counters", async () => {
    const of = (version: string) => ({ cluster_name: `outbound|80|${version}|shop.ns.svc.cluster.local` });
    // By class without a code, and by code without a class, as Envoy has them; the query asks for one code only.
    answer = about({
      envoy_cluster_upstream_rq: [
        [{ ...of("v1"), response_code: "101" }, "900"],
        [{ ...of("v1"), response_code_class: "1xx" }, "900"],
        [{ ...of("v2"), response_code: "101" }, "98"],
        [{ ...of("v2"), response_code_class: "1xx" }, "131"],
        [{ ...of("v2"), response_code_class: "5xx" }, "2"],
      ],
    });
    assert.deepEqual(await source().traffic(SPAN, never), {
      v1: { requests: 900, failures: 0, durations: [] },
      v2: { requests: 100, failures: 2, durations: [] },
    });
    const [query] = asked.map((each) => each.query).filter((each) => each.includes("envoy_cluster_upstream_rq{"));
    assert.match(query, /sum by \(cluster_name, response_code_class, response_code\)/);
    assert.match(query, /envoy_cluster_upstream_rq\{response_code=~"\|101",cluster_name=~/);
  });

  it("gives them by Istio's metrics, too, but not how long their connections were open", async () => {
    const series = (response_code: string) => ({
      reporter: "source",
      destination_workload: "shop-v2",
      response_code,
      response_flags: "DC",
    });
    answer = about({ istio_requests_total: [[series("101"), "40"]] });
    assert.deepEqual(await source().traffic(SPAN, never), { v2: { requests: 40, failures: 0, durations: [] } });
    const durations = asked.filter(({ query }) => query.includes("istio_request_duration_milliseconds_bucket{"));
    assert.ok(durations.length > 0);
    assert.ok(
      durations.every(({ query }) => query.includes('response_code!="101"')),
      durations[0].query,
    );
  });

  it("knows nothing of versions without series, and nothing at all of none", async () => {
    assert.deepEqual(await source().traffic(SPAN, never), {});
  });

  it("takes names as they are, not as patterns", async () => {
    await source({ app: "sh.op", versions: ["v1.0"] }).traffic(SPAN, never);
    assert.ok(
      asked.some(({ query }) => query.includes('destination_workload=~"sh\\\\.op-v1\\\\.0"')),
      asked[0].query,
    );
    assert.ok(
      asked.some(({ query }) => query.includes('(v1\\\\.0)\\\\|sh\\\\.op\\\\.ns\\\\.svc\\\\.cluster\\\\.local;?"')),
      asked[2].query,
    );
  });

  it("returns the numbers of a custom query: none, one, several, NaN, a scalar", async () => {
    const numbers = async (body: unknown) => {
      answer = () => ({ body });
      return source().query("x", SPAN.to, never);
    };
    assert.deepEqual(await numbers(vector([])), []);
    assert.deepEqual(await numbers(vector([[{}, "1.5"]])), [1.5]);
    assert.deepEqual(
      await numbers(
        vector([
          [{ a: "1" }, "1"],
          [{ a: "2" }, "+Inf"],
        ]),
      ),
      [1, Infinity],
    );
    assert.deepEqual(await numbers(vector([[{}, "NaN"]])), [NaN]);
    assert.deepEqual(await numbers({ status: "success", data: { resultType: "scalar", result: [1, "3"] } }), [3]);
  });

  const refusals: [name: string, given: { status?: number; body: unknown }, expected: RegExp][] = [
    [
      "a mistake in the query",
      { status: 400, body: { status: "error", errorType: "bad_data", error: "parse error: unexpected end" } },
      /answered 400: parse error: unexpected end/,
    ],
    [
      "a query that took too long",
      { status: 503, body: { status: "error", error: "query timed out" } },
      /answered 503: query timed out/,
    ],
    ["a login page", { status: 200, body: "<html>" }, /answered 200/],
    ["no permission", { status: 401, body: "who are you" }, /answered 401/],
    [
      "many times at once",
      { body: { status: "success", data: { resultType: "matrix", result: [] } } },
      /answered with matrix; need a query that returns an instant vector or a scalar/,
    ],
    ["nothing", { body: { status: "success" } }, /answered with nothing/],
  ];
  for (const [name, given, expected] of refusals) {
    it(`that answers with ${name} is an error that says so`, async () => {
      answer = () => given;
      await assert.rejects(source().query("x", 0, never), expected);
      await assert.rejects(source().traffic(SPAN, never), expected);
      await assert.rejects(source().start(never), expected);
    });
  }

  it("is sent a token and headers, in place of user and password, or with them", async () => {
    const secrets = (name: string) => (name === "t" ? "hunter2" : undefined);
    await source({ token: { secret: "t" }, headers: { "X-Scope-OrgID": "shop" } }, secrets).start(never);
    await source({ url: `${server.url.replace("http://", "http://ann:hunter2@")}/prometheus/` }).start(never);
    assert.deepEqual([asked[0].headers.authorization, asked[0].headers["x-scope-orgid"]], ["Bearer hunter2", "shop"]);
    assert.deepEqual(
      [asked[1].headers.authorization, asked[1].path],
      [`Basic ${Buffer.from("ann:hunter2").toString("base64")}`, "POST /prometheus/api/v1/query"],
    );
  });

  it("shows nothing secret, in its description and in its errors", async () => {
    const secret = {
      url: `${server.url.replace("http://", "http://ann:hunter2@")}/p?key=hunter2`,
      token: "hunter2",
      headers: { "x-key": "hunter2" },
      timeoutSeconds: 0.2,
    };
    assert.equal(source(secret).description, `Prometheus at ${server.url}/p`);
    const failing = async (given: typeof answer, args = secret) => {
      answer = given;
      const error = await source(args)
        .start(never)
        .then(
          () => assert.fail("it answered"),
          (reason: Error) => reason,
        );
      assert.ok(!`${error.message} ${error.stack}`.includes("hunter2"), error.stack);
      return error.message;
    };
    assert.match(await failing(() => ({ status: 403, body: "no" })), /answered 403/);
    assert.match(await failing(() => "none"), /did not answer within 0.2 s/);
    assert.match(
      await failing(() => "none", { ...secret, url: "http://ann:hunter2@127.0.0.1:1/hunt?key=hunter2" }),
      /cannot query Prometheus at .*: .*ECONNREFUSED/,
    );
  });

  it("is asked once more where it does not answer for a moment", async () => {
    for (const trouble of [502, 500]) {
      let failures = 1;
      answer = () => (failures-- > 0 ? { status: trouble, body: "" } : { body: vector([[{}, "7"]]) });
      assert.deepEqual(await source().query("x", 0, never), [7]);
    }
    assert.equal(asked.length, 4);
    answer = () => ({ status: 503, body: "" });
    await assert.rejects(source().query("x", 0, never), /answered 503/);
    assert.equal(asked.length, 6);
  });

  it("is not asked without a secret that it needs", async () => {
    await assert.rejects(
      source({ token: { secret: "promToken" } }).start(never),
      /no promToken; set it with `pulumi config set --secret promToken`/,
    );
    assert.equal(asked.length, 0);
  });

  it("is given up when the run is stopped", async () => {
    answer = () => "none";
    const stop = new AbortController();
    const asking = source().traffic(SPAN, stop.signal);
    stop.abort(new Error("stopped"));
    await assert.rejects(asking, /stopped/);
  });
});
