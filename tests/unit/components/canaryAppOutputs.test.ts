import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { CanaryApp, type CanaryAppArgs } from "../../../components";
import type { RecordedResource } from "../../../src/render/recorder";
import { TWO_VERSIONS, TYPES, find, key, recordApp, recordFailing, unknownOutput } from "../recordings";

const V2 = TWO_VERSIONS.versions[1];
const ROUTES = `${TYPES.virtualService}::shop-routes`;
const PODS = `${TYPES.deployment}::shop-v1`;

/** The value, known a moment later. */
function later<T>(value: T): pulumi.Output<T> {
  return pulumi.output(new Promise<T>((resolve) => setImmediate(() => resolve(value)))) as pulumi.Output<T>;
}

/** Everything recorded, in an order that does not depend on when a value was known. */
function ordered({ resources }: { resources: readonly RecordedResource[] }): RecordedResource[] {
  return [...resources].sort((one, other) => key(one).localeCompare(key(other)));
}

/** What of the arguments may be an Output, and the plain value that it stands for. */
const INPUTS: [name: string, asOutput: Partial<CanaryAppArgs>, plain: Partial<CanaryAppArgs>][] = [
  ["the weight", { weight: later(25) }, { weight: 25 }],
  [
    "the weights",
    { weight: undefined, weights: later({ v1: 10, v2: 90 }) },
    { weight: undefined, weights: { v1: 10, v2: 90 } },
  ],
  [
    "one of the weights",
    { weight: undefined, weights: { v1: later(10), v2: 90 } },
    { weight: undefined, weights: { v1: 10, v2: 90 } },
  ],
  [
    "an image",
    { versions: [{ name: "v1", image: later("a:1") }, V2] },
    { versions: [{ name: "v1", image: "a:1" }, V2] },
  ],
  [
    "a pod's specification",
    { versions: [{ name: "v1", podSpec: later({ containers: [{ name: "a", image: "a" }] }) }, V2] },
    { versions: [{ name: "v1", podSpec: { containers: [{ name: "a", image: "a" }] } }, V2] },
  ],
  [
    "a field of a pod's specification",
    { versions: [{ name: "v1", podSpec: { containers: [{ name: later("a"), image: "a" }] } }, V2] },
    { versions: [{ name: "v1", podSpec: { containers: [{ name: "a", image: "a" }] } }, V2] },
  ],
  [
    "the replicas",
    { versions: [{ name: "v1", image: "a", replicas: later(3) }, V2] },
    { versions: [{ name: "v1", image: "a", replicas: 3 }, V2] },
  ],
  [
    "the policy",
    { trafficPolicy: later({ loadBalancer: "RANDOM" as const }) },
    { trafficPolicy: { loadBalancer: "RANDOM" } },
  ],
  [
    "a version's policy",
    { versions: [{ name: "v1", image: "a", trafficPolicy: { loadBalancer: later("RANDOM" as const) } }, V2] },
    { versions: [{ name: "v1", image: "a", trafficPolicy: { loadBalancer: "RANDOM" } }, V2] },
  ],
  ["a route", { routes: [later({ timeout: "1s" })] }, { routes: [{ timeout: "1s" }] }],
  [
    "a field of a route",
    { routes: [{ match: [{ uri: { exact: later("/a") } }] }] },
    { routes: [{ match: [{ uri: { exact: "/a" } }] }] },
  ],
  ["the ports", { service: { port: later(81), targetPort: later(8081) } }, { service: { port: 81, targetPort: 8081 } }],
  [
    "a label of the namespace",
    { namespace: { labels: { team: later("shop") } } },
    { namespace: { labels: { team: "shop" } } },
  ],
  [
    "the times",
    { transition: { drainSeconds: later(7), graceSeconds: later(8) } },
    { transition: { drainSeconds: 7, graceSeconds: 8 } },
  ],
  ["Istio's version", { mesh: { version: later("1.30.0") } }, { mesh: { version: "1.30.0" } }],
  ["Helm's values", { mesh: { istiodValues: later({ pilot: {} }) } }, { mesh: { istiodValues: { pilot: {} } } }],
];

describe("an argument that is an Output", () => {
  let other: RecordedResource[];
  before(async () => void (other = ordered(await recordApp({ ...TWO_VERSIONS, weight: 24 }))));

  for (const [name, asOutput, plain] of INPUTS) {
    it(`does the same as a plain value: ${name}`, async () => {
      const outputs = await recordApp({ ...TWO_VERSIONS, ...asOutput });
      const values = await recordApp({ ...TWO_VERSIONS, ...plain });
      assert.deepEqual(ordered(outputs), ordered(values));
      assert.deepEqual(outputs.outputs, values.outputs);
      assert.notDeepEqual(ordered(outputs), other, "the argument says something");
    });
  }

  const refused: [name: string, args: Partial<CanaryAppArgs>, says: string[], unmade: string][] = [
    ["a weight above 100", { weight: later(101) }, ['CanaryApp "shop"', "weight is 101", "from 0 to 100"], ROUTES],
    ["a fraction of a percent", { weight: later(0.5) }, ["weight is 0.5", "a whole number"], ROUTES],
    ["a weight that is a text", { weight: later("25" as never) }, ['weight is "25"'], ROUTES],
    ["no weight in the end", { weight: later(undefined as never) }, ["weight is missing"], ROUTES],
    [
      "less than all for a lone version",
      { versions: [V2], weight: later(50) },
      ["weight is 50, but v2 is the only version"],
      ROUTES,
    ],
    [
      "weights for nobody",
      { weight: undefined, weights: later({ v3: 100 }) },
      ["weights.v3 names no declared", "weights.v2 is missing"],
      ROUTES,
    ],
    [
      "weights with another sum",
      { weight: undefined, weights: { v1: later(75), v2: 26 } },
      ["weights sums to 101"],
      ROUTES,
    ],
    ["a port above 65535", { service: { port: later(65536) } }, ["service.port is 65536"], `${TYPES.service}::shop`],
    ["a pods' port of 0", { service: { targetPort: later(0) } }, ["service.targetPort is 0"], PODS],
    ["no time to drain", { transition: { drainSeconds: later(0) } }, ["transition.drainSeconds is 0"], PODS],
    [
      "a death while draining",
      { transition: { drainSeconds: later(40) } },
      ["graceSeconds is 30", "more than drainSeconds (40)"],
      PODS,
    ],
    [
      "a revision that is no label",
      { mesh: { install: false, revision: later("A!") } },
      ['mesh.revision is "A!"'],
      `${TYPES.namespace}::shop`,
    ],
    ["a wrong route", { routes: [later({ timeout: "soon" })] }, ['routes[0].timeout is "soon"'], ROUTES],
    [
      "an empty policy",
      { trafficPolicy: later({}) },
      ["trafficPolicy is empty"],
      `${TYPES.destinationRule}::shop-policy`,
    ],
    [
      "a version's unknown balancer",
      { versions: [{ name: "v1", image: "a", trafficPolicy: { loadBalancer: later("FASTEST" as never) } }, V2] },
      ['version "v1" of CanaryApp "shop"', 'trafficPolicy.loadBalancer is "FASTEST"'],
      `${TYPES.destinationRule}::shop-v1-subset`,
    ],
    [
      "an image with a space",
      { versions: [{ name: "v1", image: later("a b") }, V2] },
      ['version "v1"', 'image is "a b"'],
      PODS,
    ],
    ["half a pod", { versions: [{ name: "v1", image: "a", replicas: later(0.5) }, V2] }, ["replicas is 0.5"], PODS],
    [
      "a pod without containers",
      { versions: [{ name: "v1", podSpec: later({ containers: [] }) }, V2] },
      ["podSpec.containers is []"],
      PODS,
    ],
  ];
  for (const [name, args, says, unmade] of refused) {
    it(`is refused when it becomes known, before what it is for is made: ${name}`, async () => {
      const { messages, registered } = await recordFailing(
        () => void new CanaryApp("shop", { ...TWO_VERSIONS, ...args }),
      );
      assert.equal(messages.length > 0, true, "something failed");
      for (const piece of says) {
        assert.ok(
          messages.every((message) => message.includes(piece)),
          `"${piece}" in: ${messages.join("\n")}`,
        );
      }
      assert.ok(!registered.includes(unmade), `${unmade} among ${registered.join(", ")}`);
      assert.ok(!registered.includes(ROUTES), "and no traffic is moved");
    });
  }

  it("keeps nothing from being made that does not need it", async () => {
    const versions = [{ name: "v1", image: later("a b") }, V2];
    const { registered } = await recordFailing(() => void new CanaryApp("shop", { versions, weight: 25 }));
    for (const made of [
      `${TYPES.deployment}::shop-v2`,
      `${TYPES.destinationRule}::shop-v2-subset`,
      `${TYPES.gateway}::shop-gateway`,
    ]) {
      assert.ok(registered.includes(made), made);
    }
  });
});

describe("a preview", () => {
  it("renders the VirtualService in full while an image is not known yet", async () => {
    const versions = [
      { name: "v1", image: "example.com/shop:1.0" },
      { name: "v2", image: unknownOutput<string>() },
    ];
    const preview = await recordApp({ versions, weight: 25 }, "shop", { preview: true });
    const update = await recordApp({ versions: TWO_VERSIONS.versions, weight: 25 });
    for (const [type, name] of [
      [TYPES.virtualService, "shop-routes"],
      [TYPES.destinationRule, "shop-v2-subset"],
      [TYPES.deployment, "shop-v1"],
    ]) {
      assert.deepEqual(find(preview.resources, type, name), find(update.resources, type, name));
    }
    const { spec } = find(preview.resources, TYPES.deployment, "shop-v2").inputs;
    assert.notDeepEqual(spec, find(update.resources, TYPES.deployment, "shop-v2").inputs.spec);
    assert.deepEqual([preview.outputs.weights, preview.outputs.namespace], [{ v1: 75, v2: 25 }, "shop"]);
  });

  it("has the same resources as the update, with a weight that is not known yet", async () => {
    const preview = await recordApp({ ...TWO_VERSIONS, weight: unknownOutput<number>() }, "shop", { preview: true });
    assert.deepEqual(ordered(preview).map(key), ordered(await recordApp(TWO_VERSIONS)).map(key));
    assert.equal(preview.outputs.weights, undefined);
  });
});
