import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { LoadBalancer } from "../../../components";
import { COMPONENTS, type Properties, type Schema, inferredSchema } from "../../../tools/docs/schema";
import { declaredConfig } from "../stackConfig";
import { REVIEWED_SCHEMA, reviewedSchema } from "../support/reviewedSchema";

describe("the schema that Pulumi infers from the components", function () {
  this.timeout(120_000); // a whole TypeScript program is checked; seconds on a quiet machine
  let schema: Schema;
  before(() => void (schema = inferredSchema()));

  it("is the reviewed one: UPDATE_SCHEMA=1 writes it anew, for the next review", () => {
    if (process.env.UPDATE_SCHEMA === "1") {
      writeFileSync(REVIEWED_SCHEMA, `${JSON.stringify(schema, undefined, 2)}\n`);
    }
    const how =
      "what programs in other languages see has changed: look whether it may, and run this test with UPDATE_SCHEMA=1";
    assert.deepEqual(schema, reviewedSchema(), how);
  });

  it("has every component", () => {
    assert.deepEqual(Object.keys(schema.resources).sort(), COMPONENTS.map((name) => `canary-app:index:${name}`).sort());
  });

  it("describes every argument, every output and every choice", () => {
    const resources = Object.entries(schema.resources).flatMap(
      ([name, { inputProperties, properties, description }]) => [
        [name, description] as const,
        ...Object.entries({ ...properties, ...inputProperties }).map(
          ([property, definition]) => [`${name}.${property}`, definition.description] as const,
        ),
      ],
    );
    const types = Object.entries(schema.types).flatMap(([name, { properties = {}, enum: choices = [] }]) => [
      ...Object.entries(properties).map(([property, { description }]) => [`${name}.${property}`, description] as const),
      ...choices.map((choice) => [`${name}.${choice.name}`, choice.description] as const),
    ]);
    const all = [...resources, ...types];
    assert.ok(all.length > 60, String(all.length));
    assert.deepEqual(
      all.filter(([, description]) => (description ?? "").trim().length < 10).map(([path]) => path),
      [],
    );
  });

  it("demands nothing but the versions and their names, and what a part means nothing without", () => {
    const demanded = (properties: Properties) =>
      Object.keys(properties).filter((name) => properties[name].optional !== true);
    const args = (name: string) => schema.resources[`canary-app:index:${name}`].inputProperties;
    assert.deepEqual(
      COMPONENTS.map((name) => demanded(args(name))),
      [["versions"], [], ["servers"]],
    );
    const inner = Object.entries(schema.types).flatMap(([name, { properties = {} }]) =>
      demanded(properties).map((property) => `${name}.${property}`),
    );
    const policy = [
      "ClientTlsArgs.mode",
      "CookieAttributeArgs.name",
      "DistributeArgs.from",
      "DistributeArgs.to",
      "FailoverArgs.from",
      "FailoverArgs.to",
      "GatewayServerArgs.port",
      "HashCookieArgs.name",
      "Http2KeepAliveArgs.interval",
      "Http2KeepAliveArgs.timeout",
      "MaglevArgs.tableSize",
      "PortTrafficPolicyArgs.port",
      "WarmupArgs.duration",
    ];
    const routing = [
      "DelayFaultArgs.fixedDelay",
      "DirectResponseArgs.status",
      "RegexRewriteArgs.match",
      "RegexRewriteArgs.rewrite",
      "RetriesArgs.attempts",
    ];
    const others = [
      "ServicePortArgs.name",
      "ServicePortArgs.port",
      "ServiceTargetArgs.host",
      "ServiceTargetArgs.port",
      "VersionArgs.name",
    ];
    const workload = [
      "AutoscalingArgs.maxReplicas",
      "EnvironmentReferenceArgs.key",
      "EnvironmentReferenceArgs.name",
      "HttpProbeArgs.path",
      "ReplicasFollowWeightArgs.total",
      "VolumeArgs.mountPath",
      "VolumeArgs.name",
    ];
    assert.deepEqual(
      inner.sort(),
      [...policy, ...routing, ...workload, ...others].map((path) => `canary-app:index:${path}`).sort(),
    );
  });

  it("has every load balancer", () => {
    const choices = schema.types["canary-app:index:LoadBalancer"].enum ?? [];
    assert.deepEqual(Object.fromEntries(choices.map(({ name, value }) => [name, value])), LoadBalancer);
  });

  it("has the same arguments as the stack's config, but for what is no argument: how an app is rolled out", () => {
    const keys = Object.keys(declaredConfig()).filter((key) => key !== "rollout");
    assert.deepEqual(Object.keys(schema.resources["canary-app:index:CanaryApp"].inputProperties).sort(), keys.sort());
  });
});
