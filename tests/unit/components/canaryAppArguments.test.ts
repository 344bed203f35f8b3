import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { CanaryApp } from "../../../components";
import { TWO_VERSIONS, TYPES, find, recordApp, recordFailing } from "../recordings";

const ADDRESS = { mesh: { gateway: { address: "203.0.113.7" } } };

describe("an app's other arguments", () => {
  it("may install the mesh explicitly, which is the default", async () => {
    const { resources } = await recordApp({ ...TWO_VERSIONS, mesh: { install: true } });
    assert.deepEqual(resources, (await recordApp(TWO_VERSIONS)).resources);
  });

  it("may be three versions, each with an AppVersion of its own", async () => {
    const versions = ["v1", "v2", "v3"].map((name) => ({ name, image: `example.com/reviews:${name}` }));
    const { resources, outputs } = await recordApp({ versions, weights: { v3: 50, v1: 50, v2: 0 } });
    assert.deepEqual(
      resources
        .filter(({ type }) => type === TYPES.version)
        .map(({ name }) => name)
        .sort(),
      ["shop-v1", "shop-v2", "shop-v3"],
    );
    const { inputs, dependencies } = find(resources, TYPES.virtualService, "shop-routes");
    assert.deepEqual(
      inputs.spec.http[0].route.map(({ destination, weight }: any) => [destination.subset, weight]),
      [
        ["v1", 50],
        ["v2", 0],
        ["v3", 50],
      ],
    );
    for (const version of ["v1", "v2", "v3"]) {
      assert.ok(
        dependencies.includes(`${TYPES.deployment}::shop-${version}`) &&
          dependencies.includes(`${TYPES.destinationRule}::shop-${version}-subset`),
      );
    }
    assert.deepEqual(outputs.weights, { v1: 50, v2: 0, v3: 50 });
    assert.deepEqual(outputs.deployments, { v1: "shop-v1", v2: "shop-v2", v3: "shop-v3" });
  });

  it("may be a single version, which has everything", async () => {
    const { outputs } = await recordApp({ versions: [{ name: "v1", image: "example.com/shop:1.0" }] });
    assert.deepEqual(outputs.weights, { v1: 100 });
  });

  it("may be no policy: then there is no DestinationRule for all versions", async () => {
    const { resources } = await recordApp(TWO_VERSIONS);
    assert.deepEqual(
      resources
        .filter(({ type }) => type === TYPES.destinationRule)
        .map(({ name }) => name)
        .sort(),
      ["shop-v1-subset", "shop-v2-subset"],
    );
  });

  it("may be an app's name apart from the component's, for all its objects but not for their names in the program", async () => {
    const { resources } = await recordApp({ ...TWO_VERSIONS, ...ADDRESS, appName: "web" });
    const objects = resources.filter(
      ({ parent, type }) => type.startsWith("kubernetes:") && !parent.startsWith(TYPES.mesh),
    );
    assert.deepEqual(objects.map(({ name, inputs }) => `${name} is ${inputs.metadata.name}`).sort(), [
      "shop is web",
      "shop is web",
      "shop is web",
      "shop-gateway is web",
      "shop-routes is web",
      "shop-v1 is web-v1",
      "shop-v1-subset is web-v1",
      "shop-v2 is web-v2",
      "shop-v2-subset is web-v2",
    ]);
    const { spec } = find(resources, TYPES.virtualService, "shop-routes").inputs;
    assert.deepEqual([spec.gateways, spec.http[0].route[0].destination.host], [["web"], "web.web.svc.cluster.local"]);
  });

  it("may be ports, of the Service and of the pods", async () => {
    const { resources } = await recordApp({ ...TWO_VERSIONS, service: { port: 8000, targetPort: 9000 } });
    assert.deepEqual(find(resources, TYPES.service, "shop").inputs.spec.ports, [
      { name: "http-8000", port: 8000, targetPort: "http", appProtocol: "http" },
    ]);
    const [container] = find(resources, TYPES.deployment, "shop-v1").inputs.spec.template.spec.containers;
    assert.deepEqual([container.ports[0].containerPort, container.readinessProbe.tcpSocket.port], [9000, 9000]);
    assert.deepEqual(
      find(resources, TYPES.virtualService, "shop-routes").inputs.spec.http[0].route[0].destination.port,
      { number: 8000 },
    );
  });

  it("may be the times in which a pod drains and ends", async () => {
    const { resources } = await recordApp({ ...TWO_VERSIONS, transition: { drainSeconds: 10, graceSeconds: 60 } });
    const { spec } = find(resources, TYPES.deployment, "shop-v1").inputs.spec.template;
    assert.deepEqual(
      [spec.containers[0].lifecycle.preStop, spec.terminationGracePeriodSeconds],
      [{ sleep: { seconds: 10 } }, 60],
    );
  });
});

describe("a pod that would be killed while it drains", () => {
  it("is refused late, before its Deployment is sent", async () => {
    const { messages, registered } = await recordFailing(
      () =>
        new CanaryApp("shop", {
          ...TWO_VERSIONS,
          versions: [
            TWO_VERSIONS.versions[0],
            {
              name: "v2",
              podSpec: pulumi.output({ terminationGracePeriodSeconds: 3, containers: [{ name: "shop", image: "a" }] }),
            },
          ],
        }),
    );
    assert.match(
      messages.join("\n"),
      /version "v2" of CanaryApp "shop": .*\n.* podSpec\.terminationGracePeriodSeconds is 3/,
    );
    assert.equal(registered.includes(`${TYPES.deployment}::shop-v2`), false);
  });
});
