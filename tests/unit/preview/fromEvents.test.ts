import assert from "node:assert/strict";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { observedChanges } from "../../../src/preview/change/fromEvents";

const URN = "urn:pulumi:dev::shop::kubernetes:apps/v1:Deployment::shop-v1";

const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
const SERVICE = "kubernetes:core/v1:Service";

/** What the engine tells of a resource's step in a preview. */
function step(op: string, type: string, inputs: object, outputs: object = {}, before?: object): EngineEvent {
  const urn = `urn:pulumi:dev::shop::${type}::it`;
  const state = (of: object) => ({ urn, type, parent: "", inputs: of, outputs });
  const metadata = { op, urn, type, new: state(inputs), ...(before === undefined ? {} : { old: state(before) }) };
  return { sequence: 1, timestamp: 1, resOutputsEvent: { metadata, planning: true } } as unknown as EngineEvent;
}

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
        evaluated: true,
        message: "Containers have resources: Deployment shop-v1: containers[0] has no resources.requests.cpu",
        urn: URN,
      },
    ]);
  });

  it("of a policy that an unknown value kept from being evaluated is that it was not", () => {
    const policyEvent = {
      resourceUrn: URN,
      message:
        "<{%reset%}>Images have a tag<{%reset%}>\ncan't run policy 'images' from policy pack 'canary-app@v0.1.0' during preview: string value at .spec.template can't be known during preview",
      color: "always",
      policyName: "images",
      policyPackName: "canary-app",
      policyPackVersion: "0.1.0",
      policyPackVersionTag: "0.1.0",
      // What the engine writes, whatever the policy's own level is.
      enforcementLevel: "advisory" as never,
    };
    const [finding] = observedChanges([{ sequence: 1, timestamp: 1, policyEvent }]).policies;
    assert.deepEqual([finding.evaluated, finding.mandatory, finding.policy], [false, false, "images"]);
  });

  it("of an unknown value is that it is one", () => {
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const [change] = observedChanges([
      step("create", DEPLOYMENT, { spec: { image: unknown, list: [unknown] } }),
    ]).resources;
    assert.deepEqual(change.after, { spec: { image: "[unknown]", list: ["[unknown]"] } });
  });

  it("of what a dry run made up is that it is unknown, wherever the program used it", () => {
    const made = {
      metadata: {
        name: "edge",
        uid: "5ad24a29-d3c7-4cb4-a2d8-6a4a1b2f1c34",
        creationTimestamp: "2026-11-28T10:00:00Z",
      },
      spec: {
        type: "NodePort",
        clusterIP: "10.96.0.0",
        clusterIPs: ["10.96.0.0"],
        ports: [{ port: 80, nodePort: 32769 }],
      },
    };
    const given = { metadata: { name: "edge" }, spec: { type: "NodePort", ports: [{ port: 80 }] } };
    const data = {
      url: "http://10.96.0.0:80/at",
      port: 32769,
      owner: `edge-${made.metadata.uid}`,
      since: made.metadata.creationTimestamp,
      range: "10.96.0.0/12",
      other: "110.96.0.0",
      name: "edge",
    };
    const changes = observedChanges([
      step("create", SERVICE, given, made),
      step("update", DEPLOYMENT, { data }, undefined, { data: { ...data, url: "http://10.96.30.94:80/at" } }),
    ]).resources;
    assert.deepEqual(changes[0].after, given);
    assert.deepEqual(changes[1].before?.data.url, "http://10.96.30.94:80/at");
    assert.deepEqual(changes[1].after, {
      data: {
        url: "http://[unknown]:80/at",
        port: "[unknown]",
        owner: "edge-[unknown]",
        since: "[unknown]",
        range: "10.96.0.0/12",
        other: "110.96.0.0",
        name: "edge",
      },
    });
  });

  it("of what the program itself says, or what is there already, is what it is", () => {
    const given = { metadata: { name: "edge" }, spec: { clusterIP: "10.96.7.7" } };
    const told = (op: string, inputs: object) =>
      observedChanges([
        step(op, SERVICE, inputs, { ...given, metadata: { uid: "u" } }),
        step("update", DEPLOYMENT, { url: "http://10.96.7.7" }),
      ]).resources[1].after;
    assert.deepEqual(told("create", given), { url: "http://10.96.7.7" });
    assert.deepEqual(told("same", { metadata: {}, spec: {} }), { url: "http://10.96.7.7" });
  });
});
