import assert from "node:assert/strict";
import { renderExample, sharesOf } from "./support";

describe("example cloud-native-starter", () => {
  it("has one gateway and one mesh for all services", async () => {
    const { manifests, resources } = await renderExample("cloud-native-starter");
    assert.equal(manifests.filter(({ kind }) => kind === "Gateway").length, 1);
    assert.equal(resources.filter(({ type }) => type === "canary-app:index:IstioMesh").length, 1);
    assert.deepEqual(
      manifests
        .filter(({ kind }) => kind === "Service")
        .map(({ metadata }) => metadata.name)
        .sort(),
      ["articles", "authors", "web-api", "web-app"],
    );
  });

  it("shares the API 80 to 20, and sends all else straight to a service", async () => {
    const { http } = (await renderExample("cloud-native-starter")).spec("VirtualService", "web-api");
    assert.deepEqual(sharesOf(http[0].route), { v1: 80, v2: 20 });
    const direct = http
      .slice(1)
      .map(({ match, route }: any) => [
        match?.[0].uri.prefix,
        route.length,
        route[0].destination.host,
        route[0].destination.subset,
      ]);
    assert.deepEqual(direct, [
      ["/articles/", 1, "articles", undefined],
      ["/authors/", 1, "authors", undefined],
      [undefined, 1, "web-app", undefined],
    ]);
  });

  it("has the gateway's address read when the gateway is there", async () => {
    const { resources } = await renderExample("cloud-native-starter");
    const [address, ...more] = resources.filter(
      ({ type, managed }) => type === "kubernetes:core/v1:Service" && !managed,
    );
    assert.deepEqual(more, []);
    assert.ok(
      address.dependencies.includes("kubernetes:helm.sh/v3:Release::mesh-gateway"),
      address.dependencies.join(", "),
    );
  });

  it("joins a mesh that is there, by its revision if it has one", async () => {
    for (const [revision, labels] of [
      [undefined, { "istio-injection": "enabled" }],
      ["stable", { "istio.io/rev": "stable" }],
    ] as const) {
      const { manifests, resources } = await renderExample("cloud-native-starter", {
        mesh: { install: false, revision },
      });
      assert.deepEqual(
        resources.filter(({ type }) => type.endsWith(":Release")),
        [],
      );
      assert.deepEqual(
        manifests.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => metadata.labels),
        [labels],
      );
    }
  });

  it("makes the namespace before anything that lives in it", async () => {
    const { resources } = await renderExample("cloud-native-starter");
    const inside = resources.filter(({ inputs }) => inputs.metadata?.namespace === "cloud-native-starter");
    // VirtualServices wait for it through the Service.
    assert.ok(inside.length > 15);
    const early = inside.filter(
      ({ type, dependencies }) =>
        !type.endsWith(":VirtualService") && !dependencies.includes("kubernetes:core/v1:Namespace::starter"),
    );
    assert.deepEqual(
      early.map(({ type, name }) => `${type}::${name}`),
      [],
    );
  });
});
