import assert from "node:assert/strict";
import { sendMany } from "../../../demo/load/generator";
import type { ExampleUnderTest } from "../support/example";
import { assertNoneFailed, assertSharesOf, pause, untilAnswered } from "../support/traffic";

/** What the example promises; it is up. */
export function trafficShifting(given: () => ExampleUnderTest): void {
  describe("traffic-shifting", () => {
    let example: ExampleUnderTest;
    let url: string;

    before(async () => {
      example = given();
      url = await example.output("url");
      await untilAnswered({ url });
    });

    it("shares the requests to one path 75 to 25", async () => {
      assert.equal(new URL(url).pathname, "/api/v1/hello");
      await assertSharesOf(() => sendMany(600, { url }), { "1.0": 75, "2.0": 25 });
    });

    it("routes nothing else", async () => {
      for (const path of ["/", "/api/v1", "/api/v1/hello/", "/api/v1/hello/more", "/API/v1/hello"]) {
        const [{ status, version }] = await sendMany(1, { url: new URL(path, url).href });
        assert.deepEqual([status, version], [404, undefined], path);
      }
    });

    it("changes one object for a weight, in two numbers, and the traffic follows", async () => {
      assert.deepEqual(await example.follow("pulumi config set weight 50 && pulumi up"), [
        {
          op: "update",
          type: "kubernetes:networking.istio.io/v1:VirtualService",
          name: "myapp-routes",
          changed: ["spec.http[0].route[0].weight", "spec.http[0].route[1].weight"],
        },
      ]);
      await pause(1000);
      await assertSharesOf(() => sendMany(600, { url }), { "1.0": 50, "2.0": 50 });
    });

    it("changes the policy of the service and of each version for another load balancer, and goes on answering", async () => {
      const done = await example.follow("pulumi config set loadBalancer RANDOM && pulumi up");
      assert.deepEqual(done.map(({ op, name }) => `${op} ${name}`).sort(), [
        "update myapp-policy",
        "update myapp-v1-subset",
        "update myapp-v2-subset",
      ]);
      assertNoneFailed(await sendMany(100, { url }));
    });
  });
}
