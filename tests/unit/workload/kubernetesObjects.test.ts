import assert from "node:assert/strict";
import * as fc from "fast-check";
import { deployment, service, versionLabels } from "../../../src/workload/kubernetesObjects";
import { dnsLabels, serviceNames } from "../arbitraries";

describe("Kubernetes' objects", () => {
  it("have a Deployment that replaces pods one by one, each only after its successor is ready", () => {
    assert.deepEqual(deployment("shop", "v2", 3, { containers: [{ name: "shop", image: "shop:2.0" }] }), {
      replicas: 3,
      selector: { matchLabels: { app: "shop", version: "v2" } },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: { labels: { app: "shop", version: "v2" } },
        spec: { containers: [{ name: "shop", image: "shop:2.0" }] },
      },
    });
  });

  it("have a Service for the pods of all versions, whose port says its protocol", () => {
    assert.deepEqual(service("shop", [{ name: "http", port: 80, targetPort: 8080, protocol: "http" }]), {
      selector: { app: "shop" },
      ports: [{ name: "http-80", port: 80, targetPort: 8080, appProtocol: "http" }],
    });
  });

  it("have Deployments that select their own pods only, all of which the Service selects", () => {
    fc.assert(
      fc.property(serviceNames(), dnsLabels(), dnsLabels(), (app, one, other) => {
        const { selector, template } = deployment(app, one, 1, { containers: [] }) as any;
        assert.deepEqual(selector.matchLabels, template.metadata.labels);
        assert.deepEqual((service(app, []) as any).selector, { app: template.metadata.labels.app });
        assert.equal(versionLabels(app, other).version === template.metadata.labels.version, one === other);
      }),
    );
  });
});
