import assert from "node:assert/strict";
import type { Caller, CallerResult } from "../support/callers";
import type { ExampleUnderTest } from "../support/example";
import type { Kubectl } from "../support/kubectl";
import { answeredBy, podsOf, switchPod } from "../support/pods";
import { assertCount, pause } from "../support/traffic";
import { until } from "../support/workload";

const NAMESPACE = "bookinfo";
const URL = "http://reviews.bookinfo:9080/reviews/0";
const JASON = { "end-user": "jason" };
const VERSIONS = ["v1", "v2", "v3"];

/** What the example promises; it is up. */
export function bookinfoReviews(given: () => { example: ExampleUnderTest; kubectl: Kubectl; caller: Caller }): void {
  describe("bookinfo-reviews", () => {
    let example: ExampleUnderTest;
    let kubectl: Kubectl;
    let caller: Caller;
    let pods: Record<string, string[]>;

    before(async () => {
      ({ example, kubectl, caller } = given());
      pods = Object.fromEntries(
        await Promise.all(VERSIONS.map(async (version) => [version, await podsOf(kubectl, NAMESPACE, version)])),
      );
      await until("reviews answer in the mesh", async () => (await caller.status(URL)) === 200);
    });

    /** How many requests each version's pods get while something is done. */
    async function countsDuring(work: () => Promise<unknown>): Promise<Record<string, number>> {
      const counts = () => Promise.all(VERSIONS.map((version) => answeredBy(kubectl, NAMESPACE, pods[version])));
      const before = await counts();
      await work();
      await pause(300); // a pod counts a request when it has answered
      const after = await counts();
      return Object.fromEntries(VERSIONS.map((version, index) => [version, after[index] - before[index]]));
    }

    /** Sends requests, all of which must be answered; gives how many each version got. */
    async function countsOf(count: number, headers = {}): Promise<Record<string, number>> {
      const counts = await countsDuring(async () =>
        assert.deepEqual((await caller.measure(URL, { count, headers })).statuses, { 200: count }),
      );
      assert.equal(counts.v1 + counts.v2 + counts.v3, count);
      return counts;
    }

    const assertHalf = () =>
      assertCount(50, 400, async () => {
        const { v1, v2 } = await countsOf(400);
        assert.equal(v2, 0);
        return v1;
      });

    const follow = async (line: string): Promise<string[]> => {
      const done = (await example.follow(line)).map(({ op, name }) => `${op} ${name}`);
      await pause(1000);
      return done;
    };

    it("shares requests from the mesh by half to v1 and v3, and none to v2", assertHalf);

    it("sends the test user to v2", async () => assert.deepEqual(await countsOf(50, JASON), { v1: 0, v2: 50, v3: 0 }));

    it("tries again what failed on the way, and gives up after its time", async () => {
      const cases: [string, number, number][] = [
        ["?status=503", 503, 3],
        ["?delay=10s", 504, 3],
        ["?status=500", 500, 1],
      ];
      for (const [query, status, tries] of cases) {
        assert.deepEqual(await statusAndTries(query), [status, tries], query);
        assert.deepEqual(
          (await caller.measure(URL, { count: 40 })).statuses,
          { 200: 40 },
          "a pod that answers well in between is not left alone",
        );
      }
    });

    async function statusAndTries(query: string): Promise<[number, number]> {
      let status = 0;
      const { v1, v2, v3 } = await countsDuring(
        async () => void (status = await caller.status(`${URL}${query}`, "-timeout", "20s")),
      );
      return [status, v1 + v2 + v3];
    }

    it("makes some of the test user's requests wait or fail, and nobody else's", async () => {
      assert.deepEqual(
        await follow("pulumi config set delayPercent 50 && pulumi config set abortPercent 50 && pulumi up"),
        ["update reviews-routes"],
      );
      const requests = 100;
      let result: CallerResult | undefined;
      await assertCount(50, requests, async () => {
        result = await caller.measure(URL, { count: requests, connections: 16, headers: JASON });
        const { 200: served = 0, 500: failed = 0 } = result.statuses;
        assert.equal(served + failed, requests, JSON.stringify(result.statuses));
        return failed;
      });
      await assertCount(50, requests, async () => {
        const { slowerThan } =
          result ?? (await caller.measure(URL, { count: requests, connections: 16, headers: JASON }));
        result = undefined;
        return slowerThan(1);
      });
      await assertHalf();
    });

    it("sends everyone to v3 by the weights in the config, and back, with one update each", async () => {
      assert.deepEqual(
        await follow("pulumi config set --path weights.v1 0 && pulumi config set --path weights.v3 100 && pulumi up"),
        ["update reviews-routes"],
      );
      assert.deepEqual(await countsOf(100), { v1: 0, v2: 0, v3: 100 });
      assert.deepEqual(
        await follow("pulumi config set --path weights.v1 50 && pulumi config set --path weights.v3 50 && pulumi up"),
        ["update reviews-routes"],
      );
      await assertHalf();
    });

    it("refuses at once what is above the limits, and nothing below them", async () => {
      const slow = () => caller.measure(`${URL}?delay=100ms`, { count: 128, connections: 32 });
      assert.deepEqual((await slow()).statuses, { 200: 128 });
      assert.deepEqual(await follow("pulumi config set maxConnections 4 && pulumi up"), ["update reviews-policy"]);
      const { statuses } = await slow();
      const { 200: served = 0, 503: refused = 0 } = statuses;
      assert.ok(served > 0 && refused > 0 && served + refused === 128, JSON.stringify(statuses));
    });

    it("leaves a pod alone that goes on failing", async () => {
      await switchPod(kubectl, NAMESPACE, pods.v3[0], "error=100", 9080);
      const { v1, v3 } = await countsDuring(() => caller.measure(URL, { count: 100, connections: 1 }));
      // Half of them would be v3's; after five in a row it gets none.
      assert.ok(v3 >= 5 && v3 < 25, `${v3} of 100 requests reached the failing pod`);
      assert.ok(v1 >= 25, `${v1} of 100 requests reached the sound pod`);
    });
  });
}
