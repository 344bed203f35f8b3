import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { CanaryAppArgs } from "../../../components";
import { TWO_VERSIONS, recordApp } from "../recordings";

/** What an app tells as warnings; without an engine, Pulumi's log goes to the console. */
async function warningsOf(args: CanaryAppArgs): Promise<string[]> {
  const told: string[] = [];
  const { warn } = console;
  console.warn = (text: string) => void told.push(text);
  try {
    await recordApp(args);
  } finally {
    console.warn = warn;
  }
  return told.filter((text) => text.startsWith("warning:"));
}

describe("the warnings of an app", () => {
  it("name the policy that hardly does what it says, also where it is known late", async () => {
    const [v1, v2] = TWO_VERSIONS.versions;
    const versions = [v1, { ...v2, trafficPolicy: { consistentHash: pulumi.output({ useSourceIp: true }) } }];
    const warnings = await warningsOf({
      ...TWO_VERSIONS,
      versions,
      trafficPolicy: pulumi.output({ loadBalancer: "LEAST_CONN" as const }),
    });
    assert.equal(warnings.length, 2, warnings.join("\n"));
    assert.match(warnings[0], /trafficPolicy\.loadBalancer is LEAST_CONN/);
    assert.match(warnings[1], /versions\[1\]\.trafficPolicy\.consistentHash keeps a caller on one pod/);
  });

  it("say nothing against a hash where users stay with their version, which may be known late, too", async () => {
    const trafficPolicy = { consistentHash: { httpHeaderName: "x-user" } };
    for (const sticky of [{}, pulumi.output({ enabled: true })]) {
      assert.deepEqual(await warningsOf({ ...TWO_VERSIONS, trafficPolicy, sticky }), []);
    }
    assert.equal((await warningsOf({ ...TWO_VERSIONS, trafficPolicy })).length, 1);
  });

  const ports = [
    { name: "web", port: 80, targetPort: 8080 },
    { name: "calls", port: 9090, protocol: "grpc" as const },
  ];
  const ofPorts: [name: string, args: Partial<CanaryAppArgs>, warnings: RegExp[]][] = [
    ["hosts by name", { hosts: ["shop.example.com"] }, []],
    ["every host, where only HTTP is let in", {}, [/service\.ports\[1\] \(calls\) is called through no server/]],
    [
      "every host, where servers become known late",
      { gateway: { servers: pulumi.output([{ port: 80 }, { port: 9090, protocol: "GRPC" as const }]) } },
      [],
    ],
    ["every host, by a Gateway whose servers are not known", { gateway: { use: "edge/shared" } }, []],
    [
      "a policy for a port that is none of them",
      { hosts: [], trafficPolicy: { portLevelSettings: [{ port: 81, loadBalancer: "RANDOM" }] } },
      [/trafficPolicy\.portLevelSettings\[0\]\.port is 81, but the Service's ports are 80 and 9090/],
    ],
  ];
  for (const [name, args, expected] of ofPorts) {
    it(`${expected.length > 0 ? "tell" : "tell nothing"} of several ports: ${name}`, async () => {
      const warnings = await warningsOf({ ...TWO_VERSIONS, service: { ports }, ...args });
      assert.equal(warnings.length, expected.length, warnings.join("\n"));
      expected.forEach((text, index) => assert.match(warnings[index], text));
    });
  }

  it("are none for a plain policy", async () => {
    assert.deepEqual(await warningsOf({ ...TWO_VERSIONS, trafficPolicy: { loadBalancer: "ROUND_ROBIN" } }), []);
  });
});
