import assert from "node:assert/strict";
import { EnvoyCounters, type EnvoyCountersArgs } from "../../../../src/rollout/metrics/envoyCounters";
import { type Listening, listening } from "../../internal/http/listening";
import { warningsDuring } from "../../warnings";

const never = new AbortController().signal;
const HOST = "shop.ns.svc.cluster.local";

/** A pod of the cluster that the test plays. */
interface PlayedPod {
  namespace: string;
  name: string;
  labels?: Record<string, string>;
  restarts?: number;
  ready?: boolean;
  going?: boolean;
  /** A pod without a proxy. */
  plain?: boolean;
  /** What its proxy counted by version; "broken" if it does not answer. */
  counted: Record<string, { good: number; bad?: number }> | "broken";
}

const stats = (counted: Exclude<PlayedPod["counted"], "broken">) =>
  Object.entries(counted)
    .flatMap(([version, { good, bad = 0 }]) =>
      [
        ["2xx", good],
        ["5xx", bad],
      ].map(
        ([kind, count]) =>
          `envoy_cluster_upstream_rq{cluster_name="outbound|80|${version}|${HOST}",response_code_class="${kind}"} ${count}\n`,
      ),
    )
    .join("");

const podOf = ({ namespace, name, labels = {}, restarts = 0, ready = true, going, plain }: PlayedPod) => ({
  metadata: {
    namespace,
    name,
    uid: `uid-${name}`,
    labels,
    ...(going ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}),
  },
  status: {
    phase: "Running",
    containerStatuses: [{ name: plain ? "app" : "istio-proxy", restartCount: restarts, ready, state: { running: {} } }],
  },
});

describe("Envoy's counters, of a cluster that a test plays", () => {
  let pods: PlayedPod[];
  let asked: URL[];
  let refuse: ((path: string) => number | undefined) | undefined;
  let delayMs: number;
  let server: Listening;
  let now: number;
  let opened: EnvoyCounters[];

  beforeEach(async () => {
    pods = [
      {
        namespace: "istio-ingress",
        name: "gateway",
        labels: { istio: "ingressgateway" },
        counted: { v1: { good: 1000, bad: 5 } },
      },
      { namespace: "istio-ingress", name: "other", labels: { istio: "egress" }, counted: { v1: { good: 5 } } },
      { namespace: "ns", name: "shop-v1", counted: {} },
      { namespace: "ns", name: "plain", plain: true, counted: "broken" },
      { namespace: "elsewhere", name: "caller", counted: { v1: { good: 7 } } },
    ];
    [asked, opened, refuse, delayMs, now] = [[], [], undefined, 0, 1_000_000];
    server = await listening(async (request, response) => {
      const url = new URL(request.url ?? "", "http://played");
      asked.push(url);
      if (delayMs > 0) {
        await new Promise((resolve) => setTimeout(resolve, delayMs));
      }
      const refused = refuse?.(url.pathname);
      const [, namespace, , pod] =
        /^\/api\/v1\/namespaces\/([^/]+)\/pods(\/([^/:]+):15090\/proxy\/stats\/prometheus)?$/.exec(url.pathname) ?? [];
      const selector = url.searchParams.get("labelSelector");
      const found = pods.filter(
        (each) =>
          each.namespace === namespace &&
          (selector === null ||
            selector ===
              Object.entries(each.labels ?? {})
                .map(([name, value]) => `${name}=${value}`)
                .join(",")),
      );
      const proxy = found.find(({ name }) => name === pod);
      if (refused !== undefined) {
        response.writeHead(refused).end(JSON.stringify({ kind: "Status", message: `refused with ${refused}` }));
      } else if (pod === undefined) {
        response.end(JSON.stringify({ items: found.map(podOf) }));
      } else if (proxy === undefined || proxy.counted === "broken") {
        response.writeHead(503).end(JSON.stringify({ kind: "Status", message: "connection refused" }));
      } else {
        response.end(stats(proxy.counted));
      }
    });
  });
  afterEach(async () => {
    opened.forEach((each) => each.stop());
    await server.close();
  });

  const kubeconfig = () => `
apiVersion: v1
kind: Config
current-context: played
clusters: [{ name: played, cluster: { server: "${server.url}", insecure-skip-tls-verify: true } }]
users: [{ name: played, user: { token: hunter2 } }]
contexts: [{ name: played, context: { cluster: played, user: played } }]
`;
  const source = (more: Partial<EnvoyCountersArgs> = {}) => {
    const made = new EnvoyCounters(
      { app: "shop", namespace: "ns", intervalSeconds: 300, cluster: { kubeconfig: kubeconfig() }, ...more },
      () => now,
    );
    opened.push(made);
    return made;
  };
  async function started(more?: Partial<EnvoyCountersArgs>): Promise<EnvoyCounters> {
    const made = source(more);
    await made.start(never);
    return made;
  }
  const pod = (name: string) => pods.find((each) => each.name === name) ?? assert.fail(name);

  /** The traffic since the start, a second later than whatever was before. */
  async function traffic(from: EnvoyCounters): Promise<Record<string, string>> {
    now += 1000;
    const found = await from.traffic({ from: 1_000_000, to: now }, never);
    return Object.fromEntries(
      Object.entries(found).map(([version, { requests, failures }]) => [version, `${failures} of ${requests}`]),
    );
  }

  it("are those of the gateway and of the app's namespace since the start, with what was counted there", async () => {
    const envoys = await started();
    assert.equal(envoys.description, "Envoy's counters of 2 proxies");
    assert.deepEqual(await traffic(envoys), { v1: "0 of 0" });
    pod("gateway").counted = { v1: { good: 1090, bad: 8 }, v2: { good: 9, bad: 1 } };
    pod("shop-v1").counted = { v2: { good: 3 } };
    pod("caller").counted = { v1: { good: 1000 } };
    assert.deepEqual(await traffic(envoys), { v1: "3 of 93", v2: "1 of 13" });
  });

  it("are known in all since the proxies started, before anything was counted", async () => {
    const envoys = source();
    assert.deepEqual(envoys.totals(), {});
    await envoys.start(never);
    const { requests, failures } = envoys.totals().v1;
    assert.deepEqual([requests, failures], [1005, 5]);
  });

  it("are those of other gateways and callers, too, if they are named", async () => {
    const envoys = await started({ gateways: [{ namespace: "istio-ingress" }], callers: ["elsewhere", "ns"] });
    assert.equal(envoys.description, "Envoy's counters of 4 proxies");
    pod("caller").counted = { v1: { good: 17 } };
    pod("other").counted = { v1: { good: 6 } };
    assert.deepEqual(await traffic(envoys), { v1: "0 of 11" });
  });

  it("ask proxies for the app's counters alone", async () => {
    await started();
    const filters = asked.flatMap(({ searchParams }) => searchParams.get("filter") ?? []);
    assert.equal(filters.length, 2);
    assert.ok(new RegExp(filters[0]).test(`cluster.outbound|80|v2|${HOST};.upstream_rq_200`));
    assert.ok(!new RegExp(filters[0]).test("cluster.outbound|80|v2|shopping.ns.svc.cluster.local;.upstream_rq_200"));
  });

  it("ask proxies for those of one port, if it is named", async () => {
    const envoys = await started({ port: 9090 });
    const [filter] = asked.flatMap(({ searchParams }) => searchParams.get("filter") ?? []);
    assert.ok(new RegExp(filter).test(`cluster.outbound|9090|v2|${HOST};.upstream_rq_200`));
    assert.ok(!new RegExp(filter).test(`cluster.outbound|80|v2|${HOST};.upstream_rq_200`));
    pod("gateway").counted = { v1: { good: 1090 } };
    await assert.rejects(
      traffic(envoys),
      /has counted a request to a version of shop\.ns\.svc\.cluster\.local on its port 9090/,
    );
  });

  it("go on with pods that come, go, and start anew", async () => {
    const envoys = await started();
    pod("gateway").counted = { v1: { good: 1010, bad: 5 } };
    assert.deepEqual(await traffic(envoys), { v1: "0 of 10" });
    Object.assign(pod("gateway"), { restarts: 1, counted: { v1: { good: 2000 } } });
    pods.push({
      namespace: "istio-ingress",
      name: "gateway-2",
      labels: { istio: "ingressgateway" },
      counted: { v1: { good: 4, bad: 1 } },
    });
    assert.deepEqual(await traffic(envoys), { v1: "1 of 2015" });
    pods = pods.filter(({ name }) => name !== "gateway-2");
    assert.deepEqual(await traffic(envoys), { v1: "1 of 2015" });
  });

  it("do without a proxy that comes or goes and does not answer, and count what it says later", async () => {
    Object.assign(pod("shop-v1"), { ready: false, counted: "broken" });
    pods.push({ namespace: "ns", name: "old", going: true, counted: "broken" });
    const envoys = await started();
    Object.assign(pod("shop-v1"), { ready: true, counted: { v1: { good: 50 } } });
    pods = pods.filter(({ name }) => name !== "old");
    assert.deepEqual(await traffic(envoys), { v1: "0 of 0" });
    pod("shop-v1").counted = { v1: { good: 60 } };
    assert.deepEqual(await traffic(envoys), { v1: "0 of 10" });
  });

  it("do without a proxy that goes after it was listed", async () => {
    const envoys = await started();
    pod("gateway").counted = { v1: { good: 1010, bad: 5 } };
    assert.deepEqual(await traffic(envoys), { v1: "0 of 10" });
    refuse = (path) => {
      const isGone = path.includes("/shop-v1:15090/");
      pods = isGone ? pods.filter(({ name }) => name !== "shop-v1") : pods;
      return isGone ? 503 : undefined;
    };
    pod("gateway").counted = { v1: { good: 1012, bad: 5 } };
    assert.deepEqual(await traffic(envoys), { v1: "0 of 12" });
  });

  it("are an error where one that serves does not answer: figures of the others alone would be wrong", async () => {
    const envoys = await started();
    pod("gateway").counted = "broken";
    await assert.rejects(
      traffic(envoys),
      /cannot read the proxy of pod gateway in istio-ingress: the API server answered 503 to GET .*: connection refused/,
    );
    pod("gateway").counted = { v1: { good: 1001 } };
    assert.deepEqual(await traffic(envoys), { v1: "0 of 1" });
  });

  it("are an error where nothing is to be seen, which says what to do", async () => {
    pod("gateway").counted = {};
    await assert.rejects(
      traffic(await started()),
      /none of the 2 proxies in istio-ingress, ns has counted a request to a version of shop\.ns\.svc\.cluster\.local.*proxyStatsMatcher/,
    );
    pods = [];
    await assert.rejects(traffic(await started()), /no Istio proxies in istio-ingress, ns/);
  });

  it("are an error before their start, and where that fails", async () => {
    await assert.rejects(source().traffic({ from: 0, to: now }, never), /before they were started/);
    refuse = () => 403;
    await assert.rejects(
      source().start(never),
      /the API server answered 403 to GET \/api\/v1\/namespaces\/[\w-]+\/pods: refused with 403/,
    );
    await assert.rejects(
      source({ cluster: { kubeconfig: kubeconfig(), context: "none" } }).start(never),
      /no context "none"; it has played/,
    );
    await assert.rejects(
      source({ cluster: { kubeconfig: kubeconfig().replaceAll(server.url, "http://127.0.0.1:1") } }).start(never),
      /the API server at http:\/\/127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED/,
    );
  });

  it("are there as soon as their cluster is known, and ask for it as often as they are asked until then", async () => {
    let looked = 0;
    const cluster = async () => {
      looked += 1;
      if (looked <= 2) {
        throw new Error("the state of the stack cannot be read");
      }
      return { kubeconfig: kubeconfig() };
    };
    const late = source({ cluster });
    await assert.rejects(late.start(never), /the state of the stack cannot be read/);
    await assert.rejects(traffic(late), /the state of the stack cannot be read/);
    assert.deepEqual(await traffic(late), { v1: "0 of 0" });
    pod("gateway").counted = { v1: { good: 1010, bad: 5 } };
    assert.deepEqual(await traffic(late), { v1: "0 of 10" });
    assert.equal(looked, 3);
  });

  it("are read of many proxies for many who ask at once, and Node sees no leak in that", async () => {
    pods.push(
      ...Array.from({ length: 30 }, (_, index): PlayedPod => ({ namespace: "ns", name: `c${index}`, counted: {} })),
    );
    delayMs = 5;
    const { signal } = new AbortController();
    const ask = async () => {
      const envoys = await started();
      now += 1000;
      await Promise.all(
        Array.from({ length: 20 }, () => envoys.traffic({ from: 1_000_000, to: now }, signal).catch(() => undefined)),
      );
    };
    assert.deepEqual(await warningsDuring(ask), []);
  });

  it("do not look for their cluster unasked", async () => {
    let looked = 0;
    const cluster = async (): Promise<never> => {
      looked += 1;
      throw new Error("the state of the stack cannot be read");
    };
    const late = source({ cluster, intervalSeconds: 0.02 });
    await assert.rejects(late.start(never), /cannot be read/);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(looked, 1);
  });

  it("are read again where the first reading failed", async () => {
    refuse = () => 503;
    const late = source({ intervalSeconds: 0.02 });
    await assert.rejects(late.start(never), /answered 503/);
    [refuse, asked] = [undefined, []];
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.ok(asked.length > 0);
  });

  it("show no token, whatever goes wrong", async () => {
    refuse = () => 401;
    const error = await source()
      .start(never)
      .then(
        () => assert.fail("it started"),
        (reason: Error) => reason,
      );
    assert.match(error.message, /answered 401/);
    assert.ok(!`${error.message} ${error.stack}`.includes("hunter2"));
  });

  it("try again with a new token where the old one has run out", async () => {
    let first = true;
    refuse = () => (first ? ((first = false), 401) : undefined);
    assert.deepEqual(await traffic(await started()), { v1: "0 of 0" });
  });

  it("are read once for all who ask at the same time", async () => {
    const envoys = await started();
    now += 1000;
    asked = [];
    await Promise.all([1, 2, 3, 4].map(() => envoys.traffic({ from: 1_000_000, to: now }, never)));
    assert.equal(asked.length, 4, "two lists and two proxies");
    await envoys.traffic({ from: 1_000_000, to: now }, never);
    assert.equal(asked.length, 4, "what is known is not read again");
  });

  it("are read by themselves, too, so that a span can begin in between", async () => {
    const envoys = await started({ intervalSeconds: 0.05 });
    asked = [];
    now += 1000;
    pod("gateway").counted = { v1: { good: 1500 } };
    const begun = now;
    // Not in the middle of a reading, two lists and two proxies, which would have the new figure at the old time.
    while (asked.length < 20 || asked.length % 4 !== 0) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    now += 1000;
    pod("gateway").counted = { v1: { good: 1507 } };
    assert.deepEqual(
      Object.values(await envoys.traffic({ from: begun, to: now }, never)).map(({ requests }) => requests),
      [7],
    );
  });

  it("are up to date where a reading was under way that had begun before", async () => {
    const envoys = await started();
    delayMs = 50;
    const early = envoys.traffic({ from: 1_000_000, to: (now += 1000) }, never);
    await new Promise((resolve) => setTimeout(resolve, 70)); // the pods are listed, and the proxies are being read
    pod("gateway").counted = { v1: { good: 2000, bad: 5 } };
    const late = envoys.traffic({ from: 1_000_000, to: (now += 1000) }, never);
    await early;
    pod("gateway").counted = { v1: { good: 2007, bad: 5 } };
    assert.equal((await late).v1.requests, 1007);
  });

  it("do not keep a caller waiting who has given up, and serve the others", async () => {
    const envoys = await started();
    now += 1000;
    delayMs = 200;
    const stop = new AbortController();
    const [given, other] = [
      envoys.traffic({ from: 0, to: now }, stop.signal),
      envoys.traffic({ from: 0, to: now }, never),
    ];
    stop.abort(new Error("given up"));
    await assert.rejects(given, /given up/);
    assert.ok("v1" in (await other));
  });

  it("are no longer read after their stop", async () => {
    const envoys = await started({ intervalSeconds: 0.05 });
    envoys.stop();
    await new Promise((resolve) => setTimeout(resolve, 100));
    asked = [];
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(asked.length, 0);
    now += 1000;
    await assert.rejects(envoys.traffic({ from: 0, to: now }, never));
  });
});
