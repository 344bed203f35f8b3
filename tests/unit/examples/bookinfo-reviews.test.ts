import assert from "node:assert/strict";
import { renderExample, sharesOf } from "./support";

describe("example bookinfo-reviews", () => {
  it("is reached from the mesh alone, by half to v1 and v3", async () => {
    const { manifests, spec } = await renderExample("bookinfo-reviews");
    assert.deepEqual(manifests.filter(({ kind }) => kind === "Gateway"), []);
    const { hosts, gateways, http } = spec("VirtualService", "reviews");
    assert.deepEqual([hosts, gateways], [["reviews.bookinfo.svc.cluster.local"], ["mesh"]]);
    assert.deepEqual(sharesOf(http[1].route), { v1: 50, v2: 0, v3: 50 });
    assert.deepEqual([http[1].timeout, http[1].retries.perTryTimeout], ["5s", "2s"]);
  });

  it("sends the test user to v2, with the faults that the config asks for", async () => {
    const [plain] = (await renderExample("bookinfo-reviews")).spec("VirtualService", "reviews").http;
    assert.deepEqual(plain.match, [{ headers: { "end-user": { exact: "jason" } } }]);
    assert.deepEqual(plain.route.map(({ destination }: any) => destination.subset), ["v2"]);
    assert.equal(plain.fault, undefined);
    const [faulty] = (await renderExample("bookinfo-reviews", { delayPercent: 10, abortPercent: 100 })).spec("VirtualService", "reviews").http;
    assert.deepEqual(faulty.fault, { delay: { fixedDelay: "2s", percentage: { value: 10 } }, abort: { httpStatus: 500, percentage: { value: 100 } } });
  });

  it("breaks the circuit for all versions", async () => {
    const { trafficPolicy } = (await renderExample("bookinfo-reviews")).spec("DestinationRule", "reviews");
    assert.equal(trafficPolicy.outlierDetection.consecutive5xxErrors, 5);
    assert.equal(trafficPolicy.connectionPool.tcp.maxConnections, 100);
  });
});
