import assert from "node:assert/strict";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { observedChanges } from "../../../src/preview/change/fromEvents";

const URN = "urn:pulumi:dev::shop::kubernetes:apps/v1:Deployment::shop-v1";

describe("what the engine's events tell", () => {
  it("of a secret is that it is one, whatever the engine wraps it in", () => {
    const closed = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "[secret]" };
    const state = (spec: unknown) => ({
      urn: URN,
      type: "kubernetes:apps/v1:Deployment",
      parent: "",
      inputs: { kind: "Deployment", spec },
    });
    const metadata = {
      op: "update",
      urn: URN,
      type: "kubernetes:apps/v1:Deployment",
      old: state({ replicas: 1 }),
      new: state({ replicas: 1, paused: [closed], template: closed }),
    };
    const events = [
      { sequence: 1, timestamp: 1, resourcePreEvent: { metadata, planning: true } },
    ] as unknown as EngineEvent[];
    assert.deepEqual(observedChanges(events).resources[0].after, {
      kind: "Deployment",
      spec: { replicas: 1, paused: ["[secret]"], template: "[secret]" },
    });
  });

  it("of a policy is one line: what it asks for, and what is amiss", () => {
    const message =
      "<{%reset%}>Containers have resources<{%reset%}>\n\nDeployment shop-v1: containers[0] has no resources.requests.cpu\n";
    const policyEvent = {
      resourceUrn: URN,
      message,
      color: "always",
      policyName: "workloads",
      policyPackName: "guard-rails",
      policyPackVersion: "1",
      policyPackVersionTag: "1",
      enforcementLevel: "mandatory" as const,
    };
    const events: EngineEvent[] = [{ sequence: 1, timestamp: 1, policyEvent }];
    assert.deepEqual(observedChanges(events).policies, [
      {
        policy: "workloads",
        pack: "guard-rails",
        mandatory: true,
        message: "Containers have resources: Deployment shop-v1: containers[0] has no resources.requests.cpu",
        urn: URN,
      },
    ]);
  });
});
