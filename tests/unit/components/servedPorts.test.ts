import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { CanaryAppArgs } from "../../../components";
import { servedPorts } from "../../../components/servedPorts";
import { appPorts } from "../../../src/istio/servicePorts";

describe("the port that a Service sends to", () => {
  const one = { name: "v1", image: "shop:1.0" };
  const cases: [name: string, args: Partial<CanaryAppArgs>, port: string | number][] = [
    ["pods made from images", { versions: [one, { name: "v2", image: "shop:2.0" }] }, "http"],
    [
      "and what such pods are like",
      { pod: { env: { A: "b" } }, versions: [{ ...one, pod: { env: { C: "d" } } }] },
      "http",
    ],
    [
      "a pod of the caller's own",
      { versions: [one, { name: "v2", podSpec: { containers: [{ name: "shop", image: "shop:2.0" }] } }] },
      8080,
    ],
    ["more fields for the containers of all versions", { pod: { containerExtra: { ports: [] } } }, 8080],
    ["more fields for those of one", { versions: [{ ...one, pod: { containerExtra: { ports: [] } } }] }, 8080],
    ["what is known later only", { pod: pulumi.output({ containerExtra: { ports: [] } }) }, 8080],
    ["what is promised", { pod: Promise.resolve({ containerExtra: { ports: [] } }) }, 8080],
  ];
  for (const [name, args, port] of cases) {
    it(`is ${typeof port === "string" ? "its name" : "its number"}: ${name}`, () =>
      assert.deepEqual(
        servedPorts({ versions: [one], ...args }, appPorts()).map(({ targetPort }) => targetPort),
        [port],
      ));
  }
});
