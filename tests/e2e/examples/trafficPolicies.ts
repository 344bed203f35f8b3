import assert from "node:assert/strict";
import { sendMany } from "../../../demo/load/generator";
import type { Answer } from "../../../demo/load/request";
import { ask } from "../support/client";
import type { ExampleUnderTest } from "../support/example";
import type { Kubectl } from "../support/kubectl";
import { assertEvenPods, podsOf } from "../support/pods";
import { gatewayClusters } from "../support/proxyConfig";
import { assertNoneFailed, assertSharesOf, pause, untilAnswered } from "../support/traffic";

const NAMESPACE = "hello-world";
const HOST = "hello.example.com";

/** What the example promises; it is up. */
export function trafficPolicies(given: () => { example: ExampleUnderTest; kubectl: Kubectl }): void {
  describe("traffic-policies", () => {
    let example: ExampleUnderTest;
    let kubectl: Kubectl;
    let url: string;
    const headers = { host: HOST };

    before(async () => {
      ({ example, kubectl } = given());
      url = await example.output("url");
      await untilAnswered({ url, headers });
    });

    const send = (count: number, path: string, more: Record<string, string> = {}) =>
      sendMany(count, { url: `${url}${path}`, headers: { ...headers, ...more } });
    const of = (version: string, answers: readonly Answer[]) => answers.filter((answer) => answer.version === version);
    const podsIn = (answers: readonly Answer[]) => [...new Set(answers.map(({ pod }) => pod))].sort();

    it("shares the named host's requests 80 to 20 in one route, whatever the path", async () => {
      for (const path of ["/", "/v2/any"]) {
        await assertSharesOf(() => send(400, path), { "1.0": 80, "2.0": 20 });
      }
    });

    it("answers no other host", async () => assert.equal((await ask(url, { host: "other.example.com" })).status, 404));

    it("rewrites the prefix /v2 to /, and no other path that starts like it", async () => {
      const seen = async (path: string) => JSON.parse((await ask(`${url}${path}`, headers)).body).path;
      const rewritten: [string, string][] = [
        ["/v2/a/b?c=d", "/a/b"],
        ["/v2/", "/"],
        ["/v2", "/"],
        ["/v2x", "/v2x"],
        ["/a", "/a"],
      ];
      for (const [path, expected] of rewritten) {
        assert.equal(await seen(path), expected, path);
      }
    });

    it("has a policy for the service in force in the gateway's proxy, and each version's own in its place", async () => {
      const clusters = await gatewayClusters(kubectl);
      const [service, v1, v2] = ["", "v1", "v2"].map((subset) =>
        clusters.get(`outbound|80|${subset}|hello-world.hello-world.svc.cluster.local`),
      );
      assert.deepEqual(
        [service, v1, v2].map(({ lb_policy }) => lb_policy),
        ["LEAST_REQUEST", "RANDOM", "RING_HASH"],
      );
      // A block that a version sets takes the place of the whole block; the others are the service's.
      assert.deepEqual(
        [service, v1, v2].map(({ outlier_detection: { consecutive_5xx, interval } }) => [consecutive_5xx, interval]),
        [
          [5, "10s"],
          [3, undefined],
          [5, "10s"],
        ],
      );
      for (const { circuit_breakers, connect_timeout } of [service, v1, v2]) {
        const [{ max_connections, max_pending_requests, max_requests }] = circuit_breakers.thresholds;
        assert.deepEqual([max_connections, max_pending_requests, max_requests, connect_timeout], [100, 64, 256, "2s"]);
      }
    });

    it("keeps a user on one pod of version 2, and spreads users over pods, and version 1's requests at random", async () => {
      const all = await podsOf(kubectl, NAMESPACE, "v2");
      assert.equal(all.length, 3);
      const kept = new Set<string | undefined>();
      for (let user = 0; user < 40; user++) {
        const answers = await send(20, "/", { "x-user": `user-${user}` });
        assertNoneFailed(answers);
        const met = podsIn(of("2.0", answers));
        assert.ok(met.length <= 1, `user-${user} met ${met}`);
        met.forEach((pod) => kept.add(pod));
      }
      assert.ok(kept.size > 1, `all users met ${[...kept]}`);
      const answers = await send(400, "/", { "x-user": "ann" });
      assert.equal(podsIn(of("2.0", answers)).length, 1);
      assertEvenPods(of("1.0", answers), await podsOf(kubectl, NAMESPACE, "v1"));
    });

    it("keeps together what comes from one address instead, if the config says so", async () => {
      assert.equal(podsIn(of("2.0", await send(300, "/"))).length, 3);
      const done = await example.follow("pulumi config set --path hash.useSourceIp true && pulumi up");
      assert.deepEqual(
        done.map(({ op, name }) => `${op} ${name}`),
        ["update hello-world-v2-subset"],
      );
      await pause(1500);
      const answers = await send(300, "/");
      assertNoneFailed(answers);
      assert.equal(podsIn(of("2.0", answers)).length, 1);
    });
  });
}
