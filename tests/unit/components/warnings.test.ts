import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { CanaryAppArgs } from "../../../components";
import { TWO_VERSIONS, recordApp } from "../recordings";

/** What an app tells as warnings. */
async function warningsOf(args: CanaryAppArgs): Promise<string[]> {
  return (await recordApp(args)).warnings;
}

describe("the warnings of an app", () => {
  it("name the policy with little effect, even if it becomes known late", async () => {
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
    [
      "hosts that other apps share, so that callers inside the mesh are not routed",
      { hosts: ["shop.example.com"], gateway: { shareHosts: true } },
      [
        /service\.ports\[1\] \(calls\).* because gateway\.shareHosts is true: .*\. Give the gateway a server with port 9090/,
      ],
    ],
    [
      "a port that a specification does not have",
      {
        hosts: [],
        versions: [
          TWO_VERSIONS.versions[0],
          { name: "v2", podSpec: { containers: [{ name: "shop", image: "a", ports: [{ containerPort: 8080 }] }] } },
        ],
      },
      [/^versions\[1\]\.podSpec declares the ports 8080, and requests are sent to port 9090: set service\.ports\[\]/],
    ],
    [
      "an autoscaler of a specification whose containers request nothing of what it goes by",
      {
        hosts: [],
        service: {},
        weight: undefined,
        versions: [
          {
            name: "v1",
            autoscaling: { maxReplicas: 3, memoryPercent: 60, cpuPercent: 60 },
            podSpec: {
              containers: [
                { name: "shop", image: "a", resources: { requests: { cpu: "1" }, limits: { memory: "1Gi" } } },
                { name: "log", image: "b", resources: pulumi.output({ requests: { memory: "1Gi" } }) },
              ],
            },
          },
        ],
      },
      [
        /^versions\[0\]\.autoscaling targets cpu usage, but podSpec\.containers\[1\] requests none: unless a LimitRange/,
      ],
    ],
    [
      "a specification that has all of them",
      {
        hosts: [],
        versions: [
          TWO_VERSIONS.versions[0],
          {
            name: "v2",
            podSpec: {
              containers: [{ name: "shop", image: "a", ports: [{ containerPort: 9090 }, { containerPort: 8080 }] }],
            },
          },
        ],
      },
      [],
    ],
    [
      "lone pods that only the settings for one port eject",
      { hosts: [], trafficPolicy: { portLevelSettings: [{ port: 9090, outlierDetection: {} }] } },
      [
        /^trafficPolicy\.portLevelSettings\[0\]\.outlierDetection ejects no pod of v1/,
        /^trafficPolicy\.portLevelSettings\[0\]\.outlierDetection ejects no pod of v2/,
      ],
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

  const [v1, v2] = TWO_VERSIONS.versions;
  const trafficPolicy = { outlierDetection: {} };
  const spec = { containers: [{ name: "shop", image: "a", ports: [{ containerPort: 3000 }] }] };
  const cases: [name: string, args: Partial<CanaryAppArgs>, expected: RegExp[]][] = [
    [
      "an ejection of few pods",
      {
        versions: [
          { ...v1, replicas: 2 },
          { ...v2, replicas: 9 },
        ],
        trafficPolicy,
      },
      [],
    ],
    [
      "an ejection of pods that are autoscaled",
      { versions: [{ ...v1, replicas: 2 }, autoscaled(2)], trafficPolicy },
      [],
    ],
    [
      "an ejection of lone pods",
      { versions: [v1, { ...v2, replicas: 1 }], trafficPolicy },
      [/^trafficPolicy\.outlierDetection ejects no pod of v1,/, /ejects no pod of v2,/],
    ],
    [
      "an ejection of a lone pod beside one that an autoscaler gives others when they are needed",
      { versions: [v1, autoscaled(1)], trafficPolicy },
      [/^trafficPolicy\.outlierDetection ejects no pod of v1,/],
    ],
    [
      "an ejection of pods one of which is alone at its weight",
      { replicasFollowWeight: { total: 3 }, trafficPolicy },
      [],
    ],
    [
      "an ejection of pods that follow the weight",
      { replicasFollowWeight: { total: 3 }, trafficPolicy: { outlierDetection: { maxEjectionPercent: 33 } } },
      [/is 33, which ejects no pod of v1: one of its 3 pods is 34 %/, /ejects no pod of v2: its only pod/],
    ],
    [
      "replicas that are known late",
      {
        versions: [
          { ...v1, replicas: pulumi.output(1) },
          { ...v2, replicas: 2 },
        ],
        trafficPolicy,
      },
      [/ejects no pod of v1/],
    ],
    [
      "a port that nobody listens on",
      { versions: [v1, { name: "v2", podSpec: spec }] },
      [/^versions\[1\]\.podSpec declares the ports 3000, and requests are sent to port 8080/],
    ],
    [
      "a port that a late specification does not have",
      { versions: [v1, { name: "v2", podSpec: pulumi.output(spec) }] },
      [/^versions\[1\]\.podSpec declares the ports 3000/],
    ],
    [
      "a secret beside a port",
      {
        versions: [
          v1,
          {
            name: "v2",
            podSpec: { containers: [{ ...spec.containers[0], env: [{ name: "A", value: pulumi.secret("x") }] }] },
          },
        ],
      },
      [/^versions\[1\]\.podSpec declares the ports 3000/],
    ],
    [
      "a pod that is said for nobody",
      {
        versions: [{ name: "v1", podSpec: { containers: [{ name: "shop", image: "a" }] } }],
        weight: undefined,
        pod: { env: { A: "1" } },
      },
      [/^pod\.env has no effect/],
    ],
    [
      "nodes that are never drained",
      { disruptionBudget: { minAvailable: 1 }, versions: [v1, { ...v2, replicas: 2 }] },
      [/^disruptionBudget\.minAvailable keeps the only pod of v1/],
    ],
    [
      "what says how a mesh is installed that is there",
      { mesh: { install: false, version: "1.31.1", istiodValues: {}, revision: "blue" }, namespace: { create: false } },
      [
        /^mesh\.version configures/,
        /^mesh\.istiodValues configures/,
        /^mesh\.revision is set, but the namespace gets no label/,
      ],
    ],
    [
      "a Service of another cluster",
      { mesh: { clusterDomain: "pasta.local" }, routes: [{ service: { host: "a.b.svc.cluster.local", port: 80 } }] },
      [/^routes\[0\]\.service\.host is "a\.b\.svc\.cluster\.local"/],
    ],
    [
      "sidecars with settings of their own that are no native ones",
      {
        mesh: { nativeSidecars: false },
        pod: { annotations: { "proxy.istio.io/config": "concurrency: 1" } },
      },
      [/^pod\.annotations.* those of v1 end 5 seconds/, /those of v2 end 5 seconds/],
    ],
  ];
  for (const [name, args, expected] of cases) {
    it(`are right for ${name}`, async () => {
      const { weight, ...rest } = TWO_VERSIONS;
      const warnings = await warningsOf({ ...rest, ...("weight" in args ? {} : { weight }), ...args });
      assert.equal(warnings.length, expected.length, warnings.join("\n"));
      expected.forEach((text) =>
        assert.ok(
          warnings.some((each) => text.test(each)),
          `${text}: ${warnings.join("\n")}`,
        ),
      );
    });
  }

  it("tell of a secret no more than where it is", async () => {
    const warnings = await warningsOf({
      ...TWO_VERSIONS,
      trafficPolicy: pulumi.secret({ outlierDetection: { maxEjectionPercent: 7 } }),
    });
    assert.deepEqual(warnings, ["trafficPolicy hardly does what it says; it holds a secret, so nothing more is told"]);
  });

  function autoscaled(minReplicas: number) {
    return {
      ...v2,
      autoscaling: { minReplicas, maxReplicas: 20 },
      pod: { resources: { requests: { cpu: "100m" } } },
    };
  }
});
