import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { type CanaryAppArgs, IstioMesh, type IstioMeshArgs } from "../../../components";
import { record } from "../../../src/render/recorder";
import { TWO_VERSIONS, TYPES, find, recordApp, recordFailing, unknownOutput } from "../recordings";

const PASTA = { global: { proxy: { clusterDomain: "pasta.local" } } };
const PROJECT = { project: "test", stack: "dev" };

/** Every name of a Service in the objects of an app, and its url. */
async function namesIn(args: Partial<CanaryAppArgs>): Promise<Set<string>> {
  const { resources, outputs } = await recordApp({
    ...TWO_VERSIONS,
    hosts: [],
    trafficPolicy: { warmup: { duration: "1s" } },
    ...args,
  });
  const objects = resources.filter(({ type }) => type.startsWith("kubernetes:networking.istio.io"));
  assert.equal(objects.length, 4);
  const texts = [...objects.map(({ inputs }) => JSON.stringify(inputs)), outputs.url ?? ""];
  return new Set(texts.flatMap((text) => text.match(/shop\.shop\.svc[a-z.]*/g) ?? ["none"]));
}

describe("the domain of an app's cluster", () => {
  const cases: [name: string, mesh: CanaryAppArgs["mesh"], domain: string][] = [
    ["cluster.local where nothing is said", undefined, "cluster.local"],
    ["the one of a mesh that is there", { install: false, clusterDomain: "pasta.local" }, "pasta.local"],
    ["one that is known late", { clusterDomain: pulumi.output("pasta.local") }, "pasta.local"],
    ["the one in Helm's values", { istiodValues: PASTA }, "pasta.local"],
    ["the one in Helm's values of a mesh that is there", { install: false, istiodValues: PASTA }, "pasta.local"],
    ["the one in Helm's values that are known late", { istiodValues: pulumi.output(PASTA) }, "pasta.local"],
    [
      "the one in Helm's values, late in part",
      { istiodValues: { global: pulumi.output(PASTA.global), pilot: unknownOutput() } },
      "pasta.local",
    ],
    ["the one in secret values, which is no secret", { istiodValues: pulumi.secret(PASTA) }, "pasta.local"],
    ["cluster.local where Helm's values have none", { istiodValues: { global: { hub: "a" } } }, "cluster.local"],
  ];
  for (const [name, mesh, domain] of cases) {
    it(`is ${name}, in all names and the url`, async () =>
      assert.deepEqual(await namesIn({ mesh }), new Set([`shop.shop.svc.${domain}`])));
  }

  it("is in the names of all ports of an app", async () => {
    const ports = [
      { name: "web", port: 80 },
      { name: "raw", port: 5000, protocol: "tcp" as const },
    ];
    const names = await namesIn({ mesh: { clusterDomain: "pasta.local" }, service: { ports } });
    assert.deepEqual(names, new Set(["shop.shop.svc.pasta.local"]));
  });

  it("is refused late where it is none, or another one than in Helm's values", async () => {
    for (const [args, message] of [
      [{ clusterDomain: pulumi.output("A") }, /clusterDomain is "A"; the domain of the cluster's Services/],
      [
        { clusterDomain: "a.local", istiodValues: pulumi.output(PASTA) },
        /clusterDomain is "a\.local", and istiodValues\.global\.proxy\.clusterDomain is "pasta\.local"/,
      ],
    ] as [IstioMeshArgs, RegExp][]) {
      const { messages } = await recordFailing(() => new IstioMesh("mesh", args));
      assert.match(messages.join("\n"), message);
    }
  });

  it("is the mesh's, beside all other values", async () => {
    const { resources } = await record(
      () => new IstioMesh("mesh", { clusterDomain: "pasta.local", istiodValues: { global: { hub: "a" } } }),
      PROJECT,
    );
    const { values } = find(resources, TYPES.release, "mesh-istiod").inputs;
    assert.deepEqual(values.global, { hub: "a", proxy: { clusterDomain: "pasta.local" } });
    assert.ok(values.meshConfig.defaultConfig.proxyStatsMatcher);
  });
});

describe("the version of charts from a folder", () => {
  it("is warned of", async () => {
    const warnings = async (args: IstioMeshArgs) => (await record(() => new IstioMesh("mesh", args), PROJECT)).warnings;
    assert.match((await warnings({ charts: "./charts", version: "1.31.1" })).join("\n"), /^version counts for nothing/);
    assert.deepEqual(await warnings({ charts: "./charts" }), []);
    assert.deepEqual(await warnings({ charts: "oci://registry.example.com/istio", version: "1.31.1" }), []);
    assert.deepEqual(await warnings({ version: "1.31.1" }), []);
  });
});
