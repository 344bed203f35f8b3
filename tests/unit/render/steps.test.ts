import assert from "node:assert/strict";
import type { RecordedResource } from "../../../src/render/recorder";
import { render } from "../../../src/render/steps";
import { TWO_VERSIONS, recordApp } from "../recordings";

/** A resource of that type with these inputs; the rest is of no matter here. */
function recorded(type: string, inputs: object, managed = true): RecordedResource {
  return {
    type,
    name: "x",
    inputs,
    parent: "",
    dependencies: [],
    managed,
    hooks: { beforeUpdate: [], afterUpdate: [] },
  };
}

const RELEASE = "kubernetes:helm.sh/v3:Release";

describe("what a program brings to the cluster", () => {
  it("is an object for each resource, as it is", () => {
    const object = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "shop", namespace: "shop", labels: { app: "shop" } },
      spec: { ports: [] },
    };
    assert.deepEqual(render([recorded("kubernetes:core/v1:Service", object)]), [{ manifest: object }]);
  });

  it("has no annotation that is an instruction to Pulumi's provider, and keeps all others", () => {
    const rendered = (annotations: object) =>
      render([recorded("kubernetes:core/v1:Service", { kind: "Service", metadata: { name: "shop", annotations } })]);
    assert.deepEqual(rendered({ "pulumi.com/skipAwait": "true" }), [
      { manifest: { kind: "Service", metadata: { name: "shop" } } },
    ]);
    assert.deepEqual(rendered({ "pulumi.com/skipAwait": "true", "example.com/a": "b" }), [
      { manifest: { kind: "Service", metadata: { name: "shop", annotations: { "example.com/a": "b" } } } },
    ]);
  });

  it("is an installation for each chart, from a repository or from a folder", () => {
    const chart = { name: "istiod", namespace: "istio-system", chart: "istiod" };
    const from = {
      version: "1.31.1",
      repositoryOpts: { repo: "https://charts.example.com" },
      values: { a: 1 },
      timeout: 60,
    };
    const common = { release: "istiod", namespace: "istio-system" };
    assert.deepEqual(render([recorded(RELEASE, { ...chart, ...from, compat: "true" })]), [
      {
        install: {
          ...common,
          chart: "istiod",
          repository: "https://charts.example.com",
          version: "1.31.1",
          values: { a: 1 },
          timeout: 60,
        },
      },
    ]);
    assert.deepEqual(render([recorded(RELEASE, { ...chart, chart: "./charts/istiod" })]), [
      {
        install: {
          ...common,
          chart: "./charts/istiod",
          repository: undefined,
          version: undefined,
          values: {},
          timeout: 300,
        },
      },
    ]);
  });

  it("is nothing for components, the stack, and what is only read", () => {
    const service = { kind: "Service", metadata: { name: "edge" } };
    const resources = [
      recorded("pulumi:pulumi:Stack", {}),
      recorded("canary-app:index:CanaryApp", {}),
      recorded("kubernetes:core/v1:Service", service, false),
    ];
    assert.deepEqual(render(resources), []);
  });

  it("is for an app in this order: nothing before what it needs", async () => {
    const { resources } = await recordApp(TWO_VERSIONS);
    const steps = render(resources).map(({ manifest, install }) =>
      manifest ? `${manifest.kind} ${manifest.metadata.name}` : `chart ${install?.release}`,
    );
    const order = (...names: string[]) => {
      const places = names.map((name) => steps.indexOf(name));
      assert.ok(!places.includes(-1), `${names.join(", ")} among ${steps.join(", ")}`);
      assert.deepEqual(
        places,
        [...places].sort((one, other) => one - other),
        steps.join(", "),
      );
    };
    assert.equal(steps.length, 14);
    order("Namespace istio-system", "chart istio-base", "chart istiod", "Namespace shop");
    order("Namespace shop", "Deployment shop-v1", "DestinationRule shop-v1", "VirtualService shop");
    order("Namespace istio-ingress", "chart istio-ingressgateway");
    order("chart istiod", "Gateway shop", "VirtualService shop");
    order("Deployment shop-v2", "DestinationRule shop-v2", "VirtualService shop");
  });
});
