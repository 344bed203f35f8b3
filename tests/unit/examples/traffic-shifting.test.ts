import assert from "node:assert/strict";
import { LoadBalancer } from "../../../components";
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
    assert.deepEqual(
      ["v1", "v2"].map((version) => spec("DestinationRule", `myapp-${version}`).subsets[0].trafficPolicy),
      [roundRobin, roundRobin],
    );
  });

  for (const simple of Object.values(LoadBalancer)) {
    it(`spreads requests by ${simple}, if the config says so`, async () => {
      const { spec } = await renderExample("traffic-shifting", { loadBalancer: simple });
      const policies = ["v1", "v2"].map(
        (version) => spec("DestinationRule", `myapp-${version}`).subsets[0].trafficPolicy,
      );
      assert.deepEqual(
        [spec("DestinationRule", "myapp").trafficPolicy, ...policies],
        Array(3).fill({ loadBalancer: { simple } }),
      );
    });
  }

  it("has its pods injected by the namespace's label, as a ServiceAccount of their own, not as root, with a writable /tmp alone", async () => {
    const { manifests, spec } = await renderExample("traffic-shifting", { imagePullPolicy: "Always" });
    const namespace = manifests.find(({ kind, metadata }) => kind === "Namespace" && metadata.name === "myapp");
    const labels = namespace?.metadata.labels as Record<string, string> | undefined;
    assert.equal(labels?.["istio-injection"], "enabled");
    assert.ok(manifests.some(({ kind, metadata }) => kind === "ServiceAccount" && metadata.name === "myapp"));
    for (const version of ["v1", "v2"]) {
      const pod = spec("Deployment", `myapp-${version}`).template.spec;
      const [container] = pod.containers;
      assert.deepEqual(
        [pod.serviceAccountName, pod.securityContext.runAsNonRoot, container.imagePullPolicy],
        ["myapp", true, "Always"],
      );
      assert.equal(container.securityContext.readOnlyRootFilesystem, true);
      assert.deepEqual(
        container.volumeMounts.map(({ mountPath }: any) => mountPath),
        ["/tmp"],
      );
      assert.deepEqual(pod.volumes, [{ name: container.volumeMounts[0].name, emptyDir: {} }]);
    }
  });

  it("is reached through the ingress gateway by every host, or by those that the config names", async () => {
    for (const [config, hosts] of [
      [{}, ["*"]],
      [{ hosts: ["my.example.com"] }, ["my.example.com"]],
    ] as const) {
      const { spec } = await renderExample("traffic-shifting", config);
      assert.deepEqual(
        spec("Gateway", "myapp").servers.map((server: any) => [server.port.number, server.hosts]),
        [[80, hosts]],
      );
      assert.equal(spec("VirtualService", "myapp").hosts[0], hosts[0]);
    }
  });

  it("takes images and the weight from the config", async () => {
    const { spec } = await renderExample("traffic-shifting", {
      images: ["example.com/a:1", "example.com/a:2"],
      weight: 60,
    });
    assert.equal(spec("Deployment", "myapp-v2").template.spec.containers[0].image, "example.com/a:2");
    assert.deepEqual(sharesOf(spec("VirtualService", "myapp").http[0].route), { v1: 40, v2: 60 });
  });
});
