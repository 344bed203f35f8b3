import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { sendMany, startLoad } from "../../load/generator";
import type { Answer } from "../../load/request";
import { expectedRange, failures } from "../../load/shares";
import { NETWORKING_API, baseDestinationRule, versionDestinationRule } from "../../traffic/istioObjects";
import { SOUND_POLICIES } from "../unit/traffic/policy/soundPolicies";
import { assertEvenPods, countByPod, podsOf, switchPod } from "./support/pods";
import { type ProgramUnderTest, forgetProgram, openProgram, requireEngine } from "./support/program";
import { gatewayClusters } from "./support/proxyConfig";
import { assertNoneFailed, pause, untilAnswered } from "./support/traffic";

const STACK = "e2e-policies";
const NAMESPACE = "myapp";
const PODS = 3;
/** How long every proxy may take to follow a change of a policy, in milliseconds. */
const FOLLOW_MS = 3000;

describe("traffic policies on a real mesh", function () {
  this.timeout("30m");
  let program: ProgramUnderTest;
  let url: string;
  let pods: string[];

  before(async function () {
    const engine = await requireEngine(this);
    program = await openProgram(engine, STACK);
    await apply({ trafficPolicy: { loadBalancer: "RANDOM" } });
    url = `${(await program.stack.outputs()).url.value}/`;
    await untilAnswered({ url });
    pods = await podsOf(program.kubectl, NAMESPACE, "v1");
    assert.equal(pods.length, PODS);
  });

  after(async () => {
    await program?.stack.destroy();
    await forgetProgram(STACK);
  });

  const version = (name: string, trafficPolicy?: object) => ({ name, image: "docker.io/library/canary-demo:1.0", replicas: PODS, trafficPolicy });

  /** Brings the stack to one version under a service's policy, or what else is asked for; gives the warnings about the app, each once. */
  async function apply(config: object): Promise<string[]> {
    const events: EngineEvent[] = [];
    await program.configure({ versions: [version("v1")], weight: 0, routes: [{}], ...config });
    await program.stack.up({ onEvent: (event) => void events.push(event) });
    await pause(FOLLOW_MS);
    const told = events.flatMap(({ diagnosticEvent }) => (diagnosticEvent?.severity === "warning" && diagnosticEvent.urn?.includes("canary-app:index:CanaryApp::") ? [diagnosticEvent.message] : []));
    return [...new Set(told)];
  }

  describe("load balancing with RANDOM", () => {
    it("draws pods at random", async () => {
      const answers = await sendMany(600, { url, connections: 1 });
      assertNoneFailed(answers);
      assertEvenPods(answers, pods);
      const repeats = repetitions(answers);
      const { least, most } = expectedRange(100 / PODS, answers.length - 1);
      assert.ok(repeats >= least && repeats <= most, `${repeats} times the same pod as before, ${least} to ${most} were expected`);
    });

    it("spares no slow pod", async () => {
      const slow = await withSlowPod();
      assert.ok(slow >= fairShare.least, `the slow pod answered ${slow} of ${fairShare.requests}, at least ${fairShare.least} were expected`);
    });

    it("goes on with a pod that fails", async () => {
      const failed = await withFailingPod(async () => failures(await sendMany(fairShare.requests, { url })).length);
      assert.ok(failed >= fairShare.least, `${failed} of ${fairShare.requests} failed, at least ${fairShare.least} were expected`);
    });

    it("refuses no request where no limit is set", async () => assertNoneFailed(await slowRequests()));
  });

  describe("load balancing by an order", () => {
    it("takes one pod after the other with ROUND_ROBIN", async () => {
      await apply({ trafficPolicy: { loadBalancer: "ROUND_ROBIN" } });
      // One connection stays with one thread of the gateway, and each thread goes round by itself.
      const answers = await sendMany(60, { url, connections: 1 });
      assertNoneFailed(answers);
      assert.deepEqual(Object.values(countByPod(answers)), [20, 20, 20]);
      assert.equal(repetitions(answers), 0);
    });

    it("spares a slow pod with LEAST_REQUEST", async () => {
      await apply({ trafficPolicy: { loadBalancer: "LEAST_REQUEST" } });
      const slow = await withSlowPod();
      assert.ok(slow < fairShare.least, `the slow pod answered ${slow} of ${fairShare.requests}, less than ${fairShare.least} were expected`);
    });
  });

  describe("a consistent hash", () => {
    const KEYS = Array.from({ length: 40 }, (_, index) => `user-${index}`);

    /** Asserts that every key has a pod of its own choice, and that the keys spread over all pods. */
    async function assertKept(send: (key: string) => Promise<Answer[]>): Promise<void> {
      const taken = new Set<string>();
      for (const key of KEYS) {
        const answers = await send(key);
        assertNoneFailed(answers);
        const counts = countByPod(answers);
        assert.equal(Object.keys(counts).length, 1, `${key} met ${JSON.stringify(counts)}`);
        taken.add(Object.keys(counts)[0]);
      }
      assert.deepEqual([...taken].sort(), pods);
    }

    it("keeps the callers with the same header on the same pod, by a ring", async () => {
      await apply({ trafficPolicy: { consistentHash: { httpHeaderName: "x-user" } } });
      await assertKept((key) => sendMany(8, { url, headers: { "x-user": key } }));
      assertEvenPods(await sendMany(300, { url }), pods);
    });

    it("keeps the callers with the same parameter of the query on the same pod, by Maglev", async () => {
      await apply({ trafficPolicy: { consistentHash: { httpQueryParameterName: "user", maglev: { tableSize: 65537 } } } });
      await assertKept((key) => sendMany(8, { url: `${url}?user=${key}` }));
    });

    it("gives a browser a cookie, and keeps it on the same pod with it", async () => {
      const httpCookie = { name: "pod", path: "/", ttl: "1h", attributes: [{ name: "SameSite", value: "Strict" }] };
      await apply({ trafficPolicy: { consistentHash: { httpCookie } } });
      const first = await fetch(url);
      const [cookie] = first.headers.getSetCookie();
      assert.match(cookie, /^pod="?[^;"]+"?;.*Max-Age=3600/i);
      assert.match(cookie, /Path=\//i);
      assert.match(cookie, /SameSite=Strict/i);
      const { pod } = (await first.json()) as { pod: string };
      assert.deepEqual(countByPod(await sendMany(40, { url, headers: { cookie: cookie.split(";")[0] } })), { [pod]: 40 });
      await assertKept((key) => sendMany(8, { url, headers: { cookie: `pod=${key}` } }));
    });
  });

  describe("policies of versions", () => {
    it("take the place of the service's, and what hardly does what it says is warned of", async () => {
      const second = { ...version("v2", { consistentHash: { httpHeaderName: "x-user" } }), image: "docker.io/library/canary-demo:2.0" };
      const warnings = await apply({ versions: [version("v1"), second], weight: 50, trafficPolicy: { loadBalancer: "LEAST_CONN" } });
      assert.equal(warnings.length, 2, warnings.join(""));
      assert.ok(warnings.some((text) => text.includes("versions[1].trafficPolicy.consistentHash keeps a caller on one pod of a version")), warnings.join(""));
      assert.ok(warnings.some((text) => text.includes("trafficPolicy.loadBalancer is LEAST_CONN")), warnings.join(""));
      const answers = await sendMany(400, { url, headers: { "x-user": "ann" } });
      assertNoneFailed(answers);
      assert.deepEqual(Object.keys(countByPod(answers.filter((answer) => answer.version === "1.0"))).sort(), pods);
      assert.equal(Object.keys(countByPod(answers.filter((answer) => answer.version === "2.0"))).length, 1);
    });
  });

  describe("a connection pool", () => {
    const narrow = { tcp: { maxConnections: 1 }, http: { http1MaxPendingRequests: 1 } };
    const wide = { http: { http1MaxPendingRequests: 1000 } };

    /** Sends more at once than the narrow pool takes, and asserts that some got 503 and all others an answer. */
    async function assertLimited(): Promise<void> {
      const answers = await slowRequests();
      const [served, refused] = [200, 503].map((status) => answers.filter((answer) => answer.status === status).length);
      assert.equal(served + refused, answers.length, JSON.stringify(answers.find(({ status }) => status !== 200 && status !== 503)));
      assert.ok(served > 0 && refused > 0, `${served} served, ${refused} refused`);
    }

    it("of the service gives 503 to what is above its limits, with a version's own load balancer, too", async () => {
      await apply({ versions: [version("v1", { loadBalancer: "RANDOM" })], trafficPolicy: { connectionPool: narrow } });
      await assertLimited();
    });

    it("of a version takes the place of the service's for callers", async () => {
      await apply({ versions: [version("v1", { connectionPool: narrow })], trafficPolicy: { connectionPool: wide } });
      await assertLimited();
    });

    it("of the service holds for the proxies beside the pods, whatever a version's is, and that is warned of", async () => {
      const warnings = await apply({ versions: [version("v1", { connectionPool: wide })], trafficPolicy: { connectionPool: narrow } });
      assert.ok(warnings.length === 1 && warnings[0].includes("versions[0].trafficPolicy.connectionPool takes the place"), warnings.join(""));
      await assertLimited();
    });

    it("for the port takes the place of what is around it", async () => {
      await apply({ trafficPolicy: { connectionPool: narrow, portLevelSettings: [{ port: 80, connectionPool: wide }] } });
      assertNoneFailed(await slowRequests());
    });
  });

  describe("outlier detection", () => {
    const EJECTION_S = 8;

    it("ejects a pod that fails, and lets it back", async () => {
      const outlierDetection = { consecutive5xxErrors: 3, interval: "1s", baseEjectionTime: `${EJECTION_S}s`, maxEjectionPercent: 50 };
      await apply({ trafficPolicy: { loadBalancer: "RANDOM", outlierDetection } });
      await withFailingPod(async (failing) => {
        const failed = failures(await sendMany(60, { url })).length;
        assert.ok(failed >= 3, `${failed} failed; three are needed before the pod is ejected`);
        const load = startLoad(50, EJECTION_S / 2, { url });
        await pause((EJECTION_S / 2) * 1000);
        const answers = await load.stop();
        assertNoneFailed(answers, "while the pod is ejected, ");
        assertEvenPods(answers, pods.filter((pod) => pod !== failing));
      });
      await untilPodAnswers(pods[0]);
      const answers = await sendMany(300, { url });
      assertNoneFailed(answers);
      assertEvenPods(answers, pods);
    });

    /** Waits until a pod gets requests again: the ejection's time, a look at who may come back, and some room. */
    async function untilPodAnswers(pod: string): Promise<void> {
      for (const end = performance.now() + 30_000; performance.now() < end; await pause(500)) {
        if ((countByPod(await sendMany(20, { url }))[pod] ?? 0) > 0) {
          await pause(500); // the gateway's other threads learn of it a moment later
          return;
        }
      }
      assert.fail(`${pod} got no request within 30 s`);
    }
  });

  describe("every block at once", () => {
    it("and every sound policy of the unit tests is accepted by Istio, for a service and for a version", async () => {
      const specs = SOUND_POLICIES.flatMap(({ policy }) => [baseDestinationRule("other", policy), versionDestinationRule("other", "v1", policy)]);
      const items = specs.map((spec, index) => ({ apiVersion: NETWORKING_API, kind: "DestinationRule", metadata: { name: `sound-${index}`, namespace: NAMESPACE }, spec }));
      const folder = await mkdtemp(join(tmpdir(), "policies-"));
      try {
        await writeFile(join(folder, "all.json"), JSON.stringify({ apiVersion: "v1", kind: "List", items }));
        const told = await program.kubectl.run("apply", "--dry-run=server", "-f", join(folder, "all.json"));
        assert.equal(told.split("\n").filter((line) => line.endsWith("created (server dry run)")).length, items.length);
      } finally {
        await rm(folder, { recursive: true });
      }
    });

    it("is taken by the gateway's proxy", async () => {
      const trafficPolicy = {
        loadBalancer: "ROUND_ROBIN",
        localityLbSetting: { enabled: true, failoverPriority: ["topology.kubernetes.io/region"] },
        warmup: { duration: "5s", minimumPercent: 20, aggression: 1.5 },
        connectionPool: {
          tcp: { maxConnections: 111, connectTimeout: "3s", tcpKeepalive: { probes: 3, time: "60s", interval: "10s" }, maxConnectionDuration: "1h", idleTimeout: "0s" },
          http: { http1MaxPendingRequests: 222, http2MaxRequests: 333, maxRequestsPerConnection: 1000, maxRetries: 5, idleTimeout: "30s", h2UpgradePolicy: "DO_NOT_UPGRADE", maxConcurrentStreams: 10, http2KeepAlive: { interval: "10s", timeout: "2s" } },
        },
        outlierDetection: { consecutive5xxErrors: 7, consecutiveGatewayErrors: 6, splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 4, interval: "5s", baseEjectionTime: "10s", maxEjectionPercent: 50, minHealthPercent: 10, outlierDetectionHttpErrorCodes: [500, 503] },
        tls: { mode: "ISTIO_MUTUAL" },
        retryBudget: { percent: 25, minRetryConcurrency: 5, budgetInterval: "1s" },
      };
      assert.deepEqual(await apply({ trafficPolicy }), []);
      assertNoneFailed(await sendMany(60, { url }));
      const cluster = (await gatewayClusters(program.kubectl)).get("outbound|80|v1|myapp.myapp.svc.cluster.local");
      const [threshold] = cluster.circuit_breakers.thresholds;
      assert.deepEqual([threshold.max_connections, threshold.max_pending_requests, threshold.max_requests], [111, 222, 333]);
      assert.equal(threshold.retry_budget.budget_percent.value, 25);
      assert.equal(cluster.connect_timeout, "3s");
      assert.equal(cluster.outlier_detection.consecutive_5xx, 7);
      assert.equal(cluster.lb_policy ?? "ROUND_ROBIN", "ROUND_ROBIN");
      assert.equal(cluster.round_robin_lb_config.slow_start_config.slow_start_window, "5s");
    });
  });

  const fairShare = { requests: 300, least: expectedRange(100 / PODS, 300).least };

  /** Many requests that take long, 16 at once. */
  function slowRequests(): Promise<Answer[]> {
    return sendMany(48, { url: `${url}?delay=300ms`, connections: 16 });
  }

  /** How many of {@link fairShare}'s requests a pod answers that is slow. */
  async function withSlowPod(): Promise<number> {
    const [slow] = pods;
    await switchPod(program.kubectl, NAMESPACE, slow, "delay=200ms");
    try {
      const answers = await sendMany(fairShare.requests, { url, connections: 12 });
      assertNoneFailed(answers);
      return countByPod(answers)[slow] ?? 0;
    } finally {
      await switchPod(program.kubectl, NAMESPACE, slow, "delay=0s");
    }
  }

  /** Does something while the first pod answers everything with 500. */
  async function withFailingPod<T>(work: (failing: string) => Promise<T>): Promise<T> {
    const [failing] = pods;
    await switchPod(program.kubectl, NAMESPACE, failing, "error=100");
    try {
      return await work(failing);
    } finally {
      await switchPod(program.kubectl, NAMESPACE, failing, "error=0");
    }
  }

  /** How often a request met the same pod as the one before it. */
  function repetitions(answers: readonly Answer[]): number {
    return answers.filter(({ pod }, index) => index > 0 && pod === answers[index - 1].pod).length;
  }
});
