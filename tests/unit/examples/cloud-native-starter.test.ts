import assert from "node:assert/strict";
import { renderExample, sharesOf } from "./support";

describe("example cloud-native-starter", () => {
  it("has one gateway and one mesh for all services", async () => {
    const { manifests, resources } = await renderExample("cloud-native-starter");
    assert.equal(manifests.filter(({ kind }) => kind === "Gateway").length, 1);
    assert.equal(resources.filter(({ type }) => type === "canary-app:index:IstioMesh").length, 1);
    assert.deepEqual(manifests.filter(({ kind }) => kind === "Service").map(({ metadata }) => metadata.name).sort(), ["articles", "authors", "web-api", "web-app"]);
  });

  it("shares the API 80 to 20, and sends all else straight to a service", async () => {
    const { http } = (await renderExample("cloud-native-starter")).spec("VirtualService", "web-api");
    assert.deepEqual(sharesOf(http[0].route), { v1: 80, v2: 20 });
    const direct = http.slice(1).map(({ match, route }: any) => [match?.[0].uri.prefix, route.length, route[0].destination.host, route[0].destination.subset]);
    assert.deepEqual(direct, [
      ["/articles/", 1, "articles.cloud-native-starter.svc.cluster.local", undefined],
      ["/authors/", 1, "authors.cloud-native-starter.svc.cluster.local", undefined],
      [undefined, 1, "web-app.cloud-native-starter.svc.cluster.local", undefined],
    ]);
  });

  it("makes the namespace before anything that lives in it", async () => {
    const { resources } = await renderExample("cloud-native-starter");
    const inside = resources.filter(({ inputs }) => inputs.metadata?.namespace === "cloud-native-starter");
    assert.ok(inside.length > 15);
    const early = inside.filter(({ dependencies }) => !dependencies.includes("kubernetes:core/v1:Namespace::starter"));
    assert.deepEqual(early.map(({ type, name }) => `${type}::${name}`), []);
  });
});
