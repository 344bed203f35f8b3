import assert from "node:assert/strict";
import { sendMany } from "../../demo/load/generator";
import type { Answer } from "../../demo/load/request";
import { BEYOND_CHANCE, expectedRange, failures } from "../../demo/load/shares";
import { type Caller, startCallers } from "./support/callers";
import { testEngine } from "./support/engine";
import { answeredDuring, assertCount, assertEvenPods, countByPod } from "./support/pods";
import { PODS, PolicyApp } from "./support/policyApp";
import { assertNoneFailed } from "./support/traffic";

describe("how requests find pods, on a real mesh", function () {
  this.timeout("20m");
  let app: PolicyApp;

  before(async () => {
    app = await PolicyApp.start(await testEngine(), "balanced");
  });

  const send = (count: number, more: { connections?: number; path?: string; headers?: Record<string, string> } = {}) =>
    sendMany(count, {
      url: `${app.url}${more.path ?? ""}`,
      headers: { host: app.host, ...more.headers },
      connections: more.connections,
    });

  const fairShare = { requests: 300, least: expectedRange(100 / PODS, 300, BEYOND_CHANCE).least };

  /** How many of {@link fairShare}'s requests a slow pod answers. */
  const withSlowPod = () =>
    app.withPod(app.pods[0], "delay=200ms", "delay=0s", async () => {
      const answers = await send(fairShare.requests, { connections: 12 });
      assertNoneFailed(answers);
      return countByPod(answers)[app.pods[0]] ?? 0;
    });

  /** How often a request was sent to the same pod as the one before it. */
  const repetitions = (answers: readonly Answer[]) =>
    answers.filter(({ pod }, index) => index > 0 && pod === answers[index - 1].pod).length;

  describe("with RANDOM", () => {
    it("draws pods at random", async () => {
      const answers = await send(600, { connections: 1 });
      assertNoneFailed(answers);
      assertEvenPods(answers, app.pods);
      assertCount("the same pod as before", repetitions(answers), 100 / PODS, answers.length - 1);
    });

    it("spares no slow pod", async () => {
      const slow = await withSlowPod();
      assert.ok(
        slow >= fairShare.least,
        `the slow pod answered ${slow} of ${fairShare.requests}, at least ${fairShare.least} were expected`,
      );
    });

    it("goes on with a pod that fails", async () => {
      const failed = await app.withPod(
        app.pods[0],
        "error=100",
        "error=0",
        async () => failures(await send(fairShare.requests)).length,
      );
      assert.ok(
        failed >= fairShare.least,
        `${failed} of ${fairShare.requests} failed, at least ${fairShare.least} were expected`,
      );
    });
  });

  describe("by an order", () => {
    it("takes one pod after the other with ROUND_ROBIN", async () => {
      await app.apply({ trafficPolicy: { loadBalancer: "ROUND_ROBIN" } });
      // One connection stays with one thread of the gateway, and each thread does its own round robin.
      const answers = await send(60, { connections: 1 });
      assertNoneFailed(answers);
      assert.deepEqual(Object.values(countByPod(answers)), [20, 20, 20]);
      assert.equal(repetitions(answers), 0);
    });

    it("spares a slow pod with LEAST_REQUEST", async () => {
      await app.apply({ trafficPolicy: { loadBalancer: "LEAST_REQUEST" } });
      const slow = await withSlowPod();
      assert.ok(
        slow < fairShare.least,
        `the slow pod answered ${slow} of ${fairShare.requests}, less than ${fairShare.least} were expected`,
      );
    });
  });

  describe("a consistent hash", () => {
    const KEYS = Array.from({ length: 60 }, (_, index) => `user-${index}`);

    /** Asserts that every key has a pod of its own choice, and that the keys spread over all pods. */
    async function assertKept(ask: (key: string) => Promise<Answer[]>): Promise<void> {
      const taken = new Set<string>();
      for (const key of KEYS) {
        const answers = await ask(key);
        assertNoneFailed(answers);
        const counts = countByPod(answers);
        assert.equal(Object.keys(counts).length, 1, `${key} met ${JSON.stringify(counts)}`);
        taken.add(Object.keys(counts)[0]);
      }
      assert.deepEqual([...taken].sort(), app.pods);
    }

    it("keeps the callers with the same header on the same pod, by a ring", async () => {
      await app.apply({ trafficPolicy: { consistentHash: { httpHeaderName: "x-user" } } });
      await assertKept((key) => send(8, { headers: { "x-user": key } }));
      assertEvenPods(await send(300), app.pods);
    });

    it("keeps the callers with the same parameter of the query on the same pod, by Maglev", async () => {
      await app.apply({
        trafficPolicy: { consistentHash: { httpQueryParameterName: "user", maglev: { tableSize: 65537 } } },
      });
      await assertKept((key) => send(8, { path: `?user=${key}` }));
    });

    it("gives a browser a cookie, and keeps it on the same pod with it", async () => {
      const httpCookie = { name: "pod", path: "/", ttl: "1h", attributes: [{ name: "SameSite", value: "Strict" }] };
      await app.apply({ trafficPolicy: { consistentHash: { httpCookie } }, hosts: ["*"] });
      const first = await fetch(app.url);
      const [cookie] = first.headers.getSetCookie();
      assert.match(cookie, /^pod="?[^;"]+"?;.*Max-Age=3600/i);
      assert.match(cookie, /Path=\//i);
      assert.match(cookie, /SameSite=Strict/i);
      const { pod } = (await first.json()) as { pod: string };
      assert.deepEqual(countByPod(await send(40, { headers: { cookie: cookie.split(";")[0] } })), { [pod]: 40 });
      await assertKept((key) => send(8, { headers: { cookie: `pod=${key}` } }));
    });

    it("keeps a caller on the same pod by its address, over all its connections", async () => {
      await app.apply({ trafficPolicy: { consistentHash: { useSourceIp: true } } });
      const answers = (await Promise.all(Array.from({ length: 10 }, () => send(6, { connections: 1 })))).flat();
      assertNoneFailed(answers);
      assert.equal(Object.keys(countByPod(answers)).length, 1, JSON.stringify(countByPod(answers)));
    });
  });

  describe("policies of versions", () => {
    it("replace the service's, with a warning of settings that have little effect", async () => {
      const second = {
        ...app.version("v2", { consistentHash: { httpHeaderName: "x-user" } }),
        image: "docker.io/library/canary-demo:2.0",
      };
      const warnings = await app.apply({
        versions: [app.version("v1"), second],
        weight: 50,
        trafficPolicy: { loadBalancer: "LEAST_CONN" },
      });
      assert.equal(warnings.length, 2, warnings.join(""));
      assert.ok(
        warnings.some((text) =>
          text.includes("versions[1].trafficPolicy.consistentHash keeps a caller on one pod of a version"),
        ),
        warnings.join(""),
      );
      assert.ok(
        warnings.some((text) => text.includes("trafficPolicy.loadBalancer is LEAST_CONN")),
        warnings.join(""),
      );
      const answers = await send(400, { headers: { "x-user": "ann" } });
      assertNoneFailed(answers);
      assert.deepEqual(Object.keys(countByPod(answers.filter((answer) => answer.version === "1.0"))).sort(), app.pods);
      assert.equal(Object.keys(countByPod(answers.filter((answer) => answer.version === "2.0"))).length, 1);
    });
  });

  describe("the locality of pods", () => {
    const REQUESTS = 200;
    const outlierDetection = { consecutive5xxErrors: 1000 };
    let near: Caller;

    /**
     * How many requests of a caller that is near to the pods of each version get an answer: both belong to one Service,
     * and differ only in their locality.
     */
    const placed = () =>
      answeredDuring(app.kubectl, app.name, ["v1", "v2"], () => near.load(REQUESTS, `http://${app.name}.${app.name}/`));

    before(async () => {
      ({ near } = await startCallers(app.kubectl, { near: { "topology.istio.io/locality": "north.a" } }));
    });

    /** Versions in two places, and a route to the pods of both. */
    const apart = (localityLbSetting: object) => ({
      versions: ["north.a", "south.b"].map((place, index) => ({
        ...app.version(`v${index + 1}`),
        pod: { labels: { "topology.istio.io/locality": place } },
      })),
      weight: 0,
      routes: [{ service: { host: app.name, port: 80 } }],
      trafficPolicy: { localityLbSetting, outlierDetection },
    });

    it("sends all requests to the nearest ones by default", async () => {
      await app.apply(apart({ enabled: true }));
      assert.deepEqual(await placed(), [REQUESTS, 0]);
    });

    it("splits requests by fixed shares", async () => {
      await app.apply(apart({ distribute: [{ from: "north/*", to: { "north/*": 70, "south/*": 30 } }] }));
      const [, far] = await placed();
      assertCount("the far pods", far, 30, REQUESTS);
    });

    it("has no effect when it is disabled", async () => {
      await app.apply(apart({ enabled: false }));
      const [, far] = await placed();
      assertCount("the far pods", far, 50, REQUESTS);
    });
  });
});
