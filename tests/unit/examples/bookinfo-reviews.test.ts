import assert from "node:assert/strict";
import { renderExample, sharesOf } from "./support";

describe("example bookinfo-reviews", () => {
  it("is reached from the mesh alone, by half to v1 and v3", async () => {
    const { manifests, spec } = await renderExample("bookinfo-reviews");
    assert.deepEqual(
      manifests.filter(({ kind }) => kind === "Gateway"),
      [],
    );
    const { hosts, gateways, http } = spec("VirtualService", "reviews");
    assert.deepEqual([hosts, gateways], [["reviews.bookinfo.svc.cluster.local"], ["mesh"]]);
    assert.deepEqual(sharesOf(http[1].route), { v1: 50, v2: 0, v3: 50 });
  });

  it("gives up after a time, and tries again before that what failed on the way", async () => {
    const [, everyone] = (await renderExample("bookinfo-reviews")).spec("VirtualService", "reviews").http;
    const { timeout, retries } = everyone;
    assert.deepEqual([timeout, retries.attempts, retries.perTryTimeout], ["3s", 2, "1s"]);
    assert.match(retries.retryOn, /\bgateway-error\b/);
  });

  it("goes to v3 alone and back by the weights in the config, and nothing but the VirtualService differs", async () => {
    const [half, whole] = await Promise.all(
      [
        { v1: 50, v2: 0, v3: 50 },
        { v1: 0, v2: 0, v3: 100 },
      ].map((weights) => renderExample("bookinfo-reviews", { weights })),
    );
    assert.deepEqual(sharesOf(whole.spec("VirtualService", "reviews").http[1].route), { v1: 0, v2: 0, v3: 100 });
    const others = ({ manifests }: typeof half) => manifests.filter(({ kind }) => kind !== "VirtualService");
    assert.deepEqual(others(whole), others(half));
  });

  it("sends the test user to v2, with the faults that the config asks for", async () => {
    const [plain] = (await renderExample("bookinfo-reviews")).spec("VirtualService", "reviews").http;
    assert.deepEqual(plain.match, [{ headers: { "end-user": { exact: "jason" } } }]);
    assert.deepEqual(
      plain.route.map(({ destination }: any) => destination.subset),
      ["v2"],
    );
    const faults = (delay: number, abort: number) => ({
      delay: { fixedDelay: "1s", percentage: { value: delay } },
      abort: { httpStatus: 500, percentage: { value: abort } },
    });
    assert.deepEqual(plain.fault, faults(0, 0));
    const [faulty, everyone] = (await renderExample("bookinfo-reviews", { delayPercent: 10, abortPercent: 100 })).spec(
      "VirtualService",
      "reviews",
    ).http;
    assert.deepEqual([faulty.fault, everyone.fault], [faults(10, 100), undefined]);
  });

  it("breaks the circuit for all versions", async () => {
    for (const [config, limit] of [
      [{}, 100],
      [{ maxConnections: 4 }, 4],
    ] as const) {
      const { trafficPolicy } = (await renderExample("bookinfo-reviews", config)).spec("DestinationRule", "reviews");
      assert.equal(trafficPolicy.outlierDetection.consecutive5xxErrors, 5);
      assert.deepEqual(
        [trafficPolicy.connectionPool.tcp.maxConnections, trafficPolicy.connectionPool.http.http1MaxPendingRequests],
        [limit, limit],
      );
    }
  });
});
