import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { TWO_VERSIONS, TYPES, find, key, recordApp } from "../recordings";

const ADDRESS = { mesh: { gateway: { address: "203.0.113.7" } } };

describe("an app's hosts", () => {
  const cases: [name: string, hosts: string[] | undefined, spec: { hosts: string[]; gateways: string[] }][] = [
    ["every one where none is named", undefined, { hosts: ["*"], gateways: ["shop"] }],
    ["none but the mesh", [], { hosts: ["shop.shop.svc.cluster.local"], gateways: ["mesh"] }],
    [
      "one by name, and the mesh",
      ["a.com"],
      { hosts: ["a.com", "shop.shop.svc.cluster.local"], gateways: ["shop", "mesh"] },
    ],
  ];
  for (const [name, hosts, spec] of cases) {
    it(`are ${name}`, async () => {
      const { resources } = await recordApp({ ...TWO_VERSIONS, ...ADDRESS, hosts });
      const routes = find(resources, TYPES.virtualService, "shop-routes");
      assert.deepEqual({ hosts: routes.inputs.spec.hosts, gateways: routes.inputs.spec.gateways }, spec);
      const gateways = resources.filter(({ type }) => type === TYPES.gateway);
      assert.deepEqual(
        gateways.map(({ inputs }) => inputs.spec.servers[0].hosts),
        spec.gateways.includes("shop") ? [hosts ?? ["*"]] : [],
      );
      assert.deepEqual(
        gateways.map(key).filter((gateway) => !routes.dependencies.includes(gateway)),
        [],
        "the routes wait for the Gateway",
      );
    });
  }
});

describe("an app's url", () => {
  const cases: [name: string, status: object, spec: object, url: string][] = [
    ["its gateway's load balancer", { loadBalancer: { ingress: [{ ip: "203.0.113.7" }] } }, {}, "http://203.0.113.7"],
    [
      "its gateway's load balancer by name",
      { loadBalancer: { ingress: [{ hostname: "lb.example.com" }] } },
      {},
      "http://lb.example.com",
    ],
    [
      "its gateway's own address outside",
      {},
      { externalIPs: ["198.51.100.1"], clusterIP: "10.0.0.1" },
      "http://198.51.100.1",
    ],
    ["its gateway's address inside", {}, { clusterIP: "10.0.0.1" }, "http://10.0.0.1"],
  ];
  for (const [name, status, spec, url] of cases) {
    it(`is ${name}`, async () => {
      let read: string | undefined;
      const { outputs } = await recordApp(TWO_VERSIONS, "shop", {
        outputs: ({ name: resource, id, inputs }) => {
          read = resource === "shop-address" ? id : read;
          return resource === "shop-address" ? { status, spec } : inputs;
        },
      });
      assert.equal(outputs.url, url);
      assert.equal(read, "istio-ingress/istio-ingressgateway");
    });
  }

  it("is the given address, for which no cluster is asked", async () => {
    for (const address of ["203.0.113.7:30080", pulumi.output("203.0.113.7:30080")]) {
      const { resources, outputs } = await recordApp({ ...TWO_VERSIONS, mesh: { gateway: { address } } });
      assert.equal(outputs.url, "http://203.0.113.7:30080");
      assert.deepEqual(
        resources.filter(({ managed }) => !managed),
        [],
      );
    }
  });

  it("is inside the cluster if it has no hosts", async () => {
    const { resources, outputs } = await recordApp({ ...TWO_VERSIONS, hosts: [], service: { port: 8000 } });
    assert.equal(outputs.url, "http://shop.shop.svc.cluster.local:8000");
    assert.deepEqual(
      resources.filter(({ managed }) => !managed),
      [],
    );
  });
});
