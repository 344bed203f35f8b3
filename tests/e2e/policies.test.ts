import assert from "node:assert/strict";
import type { TrafficPolicyArgs } from "../../components";
import { sendMany, startLoad } from "../../demo/load/generator";
import { failures } from "../../demo/load/shares";
import { NETWORKING_API, baseDestinationRule, versionDestinationRule } from "../../src/istio/istioObjects";
import { SOUND_POLICIES } from "../unit/istio/policy/soundPolicies";
import { testEngine } from "./support/engine";
import { assertEvenPods, countByPod } from "./support/pods";
import { PolicyApp } from "./support/policyApp";
import { assertNoneFailed, pause, untilAnswered } from "./support/traffic";

describe("limits and health of pods, on a real mesh", function () {
  this.timeout("20m");
  let app: PolicyApp;

  before(async () => {
    app = await PolicyApp.start(await testEngine(), "limited");
  });

  /** Many slow requests, 16 at once. */
  const slowRequests = () => sendMany(48, { ...app.target, url: `${app.url}?delay=300ms`, connections: 16 });

  describe("a connection pool", () => {
    const narrow = { tcp: { maxConnections: 1 }, http: { http1MaxPendingRequests: 1 } };
    const wide = { http: { http1MaxPendingRequests: 1000 } };

    /**
     * Sends more requests at once than the narrow pool allows, and asserts that some got 503 and all others a response.
     */
    async function assertLimited(): Promise<void> {
      const answers = await slowRequests();
      const [served, refused] = [200, 503].map((status) => answers.filter((answer) => answer.status === status).length);
      assert.equal(
        served + refused,
        answers.length,
        JSON.stringify(answers.find(({ status }) => status !== 200 && status !== 503)),
      );
      assert.ok(served > 0 && refused > 0, `${served} served, ${refused} refused`);
    }

    it("has no limit where none is set", async () => assertNoneFailed(await slowRequests()));

    it("of the service gives 503 to what is above its limits, with a version's own load balancer, too", async () => {
      await app.apply({
        versions: [app.version("v1", { loadBalancer: "RANDOM" })],
        trafficPolicy: { connectionPool: narrow },
      });
      await assertLimited();
    });

    it("of a version replaces the service's for callers", async () => {
      await app.apply({
        versions: [app.version("v1", { connectionPool: narrow })],
        trafficPolicy: { connectionPool: wide },
      });
      await assertLimited();
    });

    it("of the service applies to the pods' own sidecars, whatever a version's is, with a warning", async () => {
      const warnings = await app.apply({
        versions: [app.version("v1", { connectionPool: wide })],
        trafficPolicy: { connectionPool: narrow },
      });
      assert.ok(
        warnings.length === 1 && warnings[0].includes("versions[0].trafficPolicy.connectionPool takes the place"),
        warnings.join(""),
      );
      await assertLimited();
    });

    it("for the port replaces the policy around it", async () => {
      await app.apply({
        trafficPolicy: { connectionPool: narrow, portLevelSettings: [{ port: 80, connectionPool: wide }] },
      });
      assertNoneFailed(await slowRequests());
    });
  });

  describe("outlier detection", () => {
    const EJECTION_S = 8;

    const DETECTION = { consecutive5xxErrors: 3, interval: "1s", baseEjectionTime: `${EJECTION_S}s` };

    it("ejects a pod that fails, and lets it back", async () => {
      await app.apply({
        trafficPolicy: { loadBalancer: "RANDOM", outlierDetection: { ...DETECTION, maxEjectionPercent: 50 } },
      });
      await assertEjected();
    });

    it("ejects one of three pods where no share is set, though Istio's own share of 10 % ejects none", async () => {
      assert.deepEqual(await app.apply({ trafficPolicy: { loadBalancer: "RANDOM", outlierDetection: DETECTION } }), []);
      assert.equal((await app.gatewayCluster()).outlier_detection.max_ejection_percent, 34);
      await assertEjected();
    });

    it("ejects no pod if the share is less than one pod, with a warning", async () => {
      const warnings = await app.apply({
        trafficPolicy: { loadBalancer: "RANDOM", outlierDetection: { ...DETECTION, maxEjectionPercent: 33 } },
      });
      assert.ok(
        warnings.length === 1 &&
          warnings[0].includes("trafficPolicy.outlierDetection.maxEjectionPercent is 33, which ejects no pod of v1"),
        warnings.join(""),
      );
      const [failing] = app.pods;
      await app.withPod(failing, "error=100", "error=0", async () => {
        assert.ok(failures(await sendMany(60, app.target)).length >= 3);
        await pause(2000);
        const late = failures(await sendMany(60, app.target)).length;
        assert.ok(late >= 3, `${late} of 60 failed; the pod was not to be ejected`);
      });
      assertNoneFailed(await sendMany(60, app.target));
    });

    /** One pod fails every request: it gets none during the ejection, and some again afterwards. */
    async function assertEjected(): Promise<void> {
      const [failing, ...others] = app.pods;
      await app.withPod(failing, "error=100", "error=0", async () => {
        const failed = failures(await sendMany(60, app.target)).length;
        assert.ok(failed >= 3, `${failed} failed; three are needed before the pod is ejected`);
        const load = startLoad(100, EJECTION_S, app.target);
        await pause(2000);
        const answers = await load.stop();
        assertNoneFailed(answers, "while the pod is ejected, ");
        assertEvenPods(answers, others);
      });
      await untilPodAnswers(failing);
      const answers = await sendMany(300, app.target);
      assertNoneFailed(answers);
      assertEvenPods(answers, app.pods);
    }

    /** Waits until a pod gets requests again: the ejection time, the interval until it may return, and some margin. */
    async function untilPodAnswers(pod: string): Promise<void> {
      for (const end = performance.now() + 30_000; performance.now() < end; await pause(500)) {
        if ((countByPod(await sendMany(20, app.target))[pod] ?? 0) > 0) {
          await pause(500); // the gateway's other threads learn of it a moment later
          return;
        }
      }
      assert.fail(`${pod} got no request within 30 s`);
    }
  });

  describe("every block at once", () => {
    it("and every sound policy of the unit tests is accepted by Istio, for a service and for a version", async () => {
      const specs = SOUND_POLICIES.flatMap(({ policy }) => [
        baseDestinationRule("other", policy),
        versionDestinationRule("other", "v1", policy),
      ]);
      const items = specs.map((spec, index) => ({
        apiVersion: NETWORKING_API,
        kind: "DestinationRule",
        metadata: { name: `sound-${index}`, namespace: app.name },
        spec,
      }));
      const told = await app.kubectl.send(
        JSON.stringify({ apiVersion: "v1", kind: "List", items }),
        "apply",
        "--dry-run=server",
        "-f",
        "-",
      );
      assert.equal(told.split("\n").filter((line) => line.endsWith("created (server dry run)")).length, items.length);
    });

    it("is accepted by the gateway's proxy", async () => {
      const trafficPolicy: TrafficPolicyArgs = {
        loadBalancer: "ROUND_ROBIN",
        localityLbSetting: { enabled: true, failoverPriority: ["topology.kubernetes.io/region"] },
        warmup: { duration: "5s", minimumPercent: 20, aggression: 1.5 },
        connectionPool: {
          tcp: {
            maxConnections: 111,
            connectTimeout: "3s",
            tcpKeepalive: { probes: 3, time: "60s", interval: "10s" },
            maxConnectionDuration: "1h",
            idleTimeout: "0s",
          },
          http: {
            http1MaxPendingRequests: 222,
            http2MaxRequests: 333,
            maxRequestsPerConnection: 1000,
            maxRetries: 5,
            idleTimeout: "30s",
            h2UpgradePolicy: "DO_NOT_UPGRADE",
            maxConcurrentStreams: 10,
            http2KeepAlive: { interval: "10s", timeout: "2s" },
          },
        },
        outlierDetection: {
          consecutive5xxErrors: 7,
          consecutiveGatewayErrors: 6,
          splitExternalLocalOriginErrors: true,
          consecutiveLocalOriginFailures: 4,
          interval: "5s",
          baseEjectionTime: "10s",
          maxEjectionPercent: 50,
          minHealthPercent: 10,
          outlierDetectionHttpErrorCodes: [500, 503],
        },
        tls: { mode: "ISTIO_MUTUAL" },
        retryBudget: { percent: 25, minRetryConcurrency: 5, budgetInterval: "1s" },
      };
      assert.deepEqual(await app.apply({ trafficPolicy }), []);
      assertNoneFailed(await sendMany(60, app.target));
      const cluster = await app.gatewayCluster();
      const [threshold] = cluster.circuit_breakers.thresholds;
      assert.deepEqual(
        [threshold.max_connections, threshold.max_pending_requests, threshold.max_requests],
        [111, 222, 333],
      );
      assert.equal(threshold.retry_budget.budget_percent.value, 25);
      assert.equal(cluster.connect_timeout, "3s");
      assert.equal(cluster.outlier_detection.consecutive_5xx, 7);
      assert.equal(cluster.lb_policy ?? "ROUND_ROBIN", "ROUND_ROBIN");
      const slowStart = cluster.round_robin_lb_config.slow_start_config;
      assert.deepEqual(
        [slowStart.slow_start_window, slowStart.aggression.default_value, slowStart.min_weight_percent.value],
        ["5s", 1.5, 20],
      );
    });
  });

  describe("a sidecar that is not a native one", () => {
    const NATIVE = "sidecar.istio.io/nativeSidecar";

    it("lasts until the pod's requests are answered, longer than Istio's 5 seconds", async () => {
      const version = { ...app.version("v1"), pod: { annotations: { [NATIVE]: "false" } } };
      await app.apply({ versions: [version], transition: { drainSeconds: 15, graceSeconds: 30 } });
      const { items } = JSON.parse(
        await app.kubectl.run("get", "pods", "-n", app.name, "-l", "version=v1", "-o", "json"),
      ) as { items: { metadata: { deletionTimestamp?: string }; spec: { containers: { name: string }[] } }[] };
      const running = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      assert.ok(
        running.length > 0 && running.every(({ spec }) => spec.containers.some(({ name }) => name === "istio-proxy")),
        "the sidecars are native ones: this proves nothing",
      );
      await untilAnswered(app.target);
      const slow = sendMany(6, { ...app.target, url: `${app.url}?delay=8s`, connections: 6 });
      await pause(1000);
      await app.kubectl.run("delete", "pods", "-n", app.name, "-l", "version=v1", "--wait=false");
      assertNoneFailed(await slow, "while their pods are on the way out, ");
    });
  });
});
