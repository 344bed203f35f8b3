import assert from "node:assert/strict";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { observedChanges } from "../../../preview/change/fromEvents";

const URN = "urn:pulumi:dev::shop::kubernetes:apps/v1:Deployment::shop-v1";

describe("what the engine's events tell", () => {
  it("of a policy is one line: what it asks for, and what is amiss", () => {
    const message = "<{%reset%}>Containers have resources<{%reset%}>\n\nDeployment shop-v1: containers[0] has no resources.requests.cpu\n";
    const policyEvent = { resourceUrn: URN, message, color: "always", policyName: "workloads", policyPackName: "guard-rails", policyPackVersion: "1", policyPackVersionTag: "1", enforcementLevel: "mandatory" as const };
    const events: EngineEvent[] = [{ sequence: 1, timestamp: 1, policyEvent }];
    assert.deepEqual(observedChanges(events).policies, [
      { policy: "workloads", pack: "guard-rails", mandatory: true, message: "Containers have resources: Deployment shop-v1: containers[0] has no resources.requests.cpu", urn: URN },
    ]);
  });
});
