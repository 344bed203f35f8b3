import assert from "node:assert/strict";
import { renderExample, sharesOf } from "./support";

describe("example traffic-shifting", () => {
  it("shares one path of the app 75 to 25", async () => {
    const { spec } = await renderExample("traffic-shifting");
    const [route, ...others] = spec("VirtualService", "myapp").http;
    assert.deepEqual(route.match, [{ uri: { exact: "/api/v1/hello" } }]);
    assert.deepEqual(sharesOf(route.route), { v1: 75, v2: 25 });
    assert.deepEqual(others, []);
  });

  it("goes round the pods, for the service and for each version", async () => {
    const { spec } = await renderExample("traffic-shifting");
    const roundRobin = { loadBalancer: { simple: "ROUND_ROBIN" } };
    assert.deepEqual(spec("DestinationRule", "myapp").trafficPolicy, roundRobin);
    assert.deepEqual(["v1", "v2"].map((version) => spec("DestinationRule", `myapp-${version}`).subsets[0].trafficPolicy), [roundRobin, roundRobin]);
  });

  it("takes images and the weight from the config", async () => {
    const { spec } = await renderExample("traffic-shifting", { images: ["example.com/a:1", "example.com/a:2"], weight: 60 });
    assert.equal(spec("Deployment", "myapp-v2").template.spec.containers[0].image, "example.com/a:2");
    assert.deepEqual(sharesOf(spec("VirtualService", "myapp").http[0].route), { v1: 40, v2: 60 });
  });
});
