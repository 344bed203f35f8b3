import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { argumentModel } from "../../../tools/docs/argumentModel";
import { reference } from "../../../tools/docs/reference";
import { rolloutSettings } from "../../../tools/docs/rolloutSettings";

describe("the reference of a rollout's settings", () => {
  it("is what the docstrings say", async () => {
    const kept = await readFile(join(__dirname, "../../../docs/rollout-settings.md"), "utf8");
    assert.ok(kept === rolloutSettings(), "docs/rollout-settings.md is stale: run `npm run docs`");
  });

  it("tells types that are one of several, and those of the components by a link", () => {
    const settings = argumentModel(["RolloutSettings"], ["src/rollout", "src/internal/http"]).objects;
    const typeOf = (object: string, field: string) =>
      settings.get(object)?.fields.find(({ name }) => name === field)?.type;
    assert.deepEqual(typeOf("RolloutSettings", "hold"), { kind: "either", of: [{ kind: "number" }, { kind: "text" }] });
    assert.deepEqual(typeOf("RolloutSettings", "match"), {
      kind: "list",
      of: { kind: "elsewhere", name: "MatchArgs" },
    });
    assert.deepEqual(typeOf("ApprovalGate", "kind"), { kind: "literal", value: "approval" });
    assert.deepEqual(
      settings.get("EnvoyCountersArgs")?.fields.map(({ name }) => name),
      ["gateways", "callers", "intervalSeconds"],
    );
  });
});

describe("the reference of all arguments", () => {
  it("is what the docstrings say", async () => {
    const kept = await readFile(join(__dirname, "../../../docs/reference.md"), "utf8");
    assert.ok(kept === reference(), "docs/reference.md is stale: run `npm run docs`");
  });

  it("tells type, default and Istio's field of an argument", () => {
    const field = argumentModel(["RouteArgs"])
      .objects.get("RouteArgs")
      ?.fields.find(({ name }) => name === "timeout");
    assert.deepEqual(field, {
      name: "timeout",
      required: false,
      type: { kind: "text" },
      text: "How long an answer may take, e.g. `10s`. VirtualService `http[].timeout`.",
      defaultText: "no limit",
    });
  });

  it("tells what an object takes over from another", () => {
    const fields = argumentModel(["MeshArgs"]).objects.get("MeshArgs")?.fields ?? [];
    assert.ok(["install", "charts"].every((name) => fields.some((field) => field.name === name)));
    assert.equal(fields.find(({ name }) => name === "version")?.defaultText, '"1.31.1"');
  });

  it("tells the values of an argument that has but a few", () => {
    const values = argumentModel(["TrafficPolicyArgs"]).enums.get("LoadBalancer")?.values ?? [];
    assert.ok(values.some(({ value, text }) => value === "RANDOM" && text !== ""));
  });

  it("has no part for what is no type of the library's own", () => {
    assert.throws(() => argumentModel(["NoSuchArgs"]), /NoSuchArgs is no type of the library's own/);
  });
});
