import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import * as pulumi from "@pulumi/pulumi";
import { DEFAULT_CHART_REPOSITORY, DEFAULT_ISTIO_VERSION, IstioMesh, type IstioMeshArgs } from "../../../components";
import { checkIstioMesh } from "../../../components/checkIstioMesh";
import { VERSION_COUNTERS } from "../../../components/versionCounters";
import { type Recording, record } from "../../../src/render/recorder";
import { type Expected, assertProblems, problemsOf } from "../problems";
import { TYPES, find } from "../recordings";

interface MeshRecording extends Recording {
  outputs: { namespace?: string; gatewayNamespace?: string; controlPlane?: string };
}

async function recordMesh(args?: IstioMeshArgs): Promise<MeshRecording> {
  const outputs: MeshRecording["outputs"] = {};
  const recording = await record(
    () => {
      const { namespace, gatewayNamespace, controlPlane } = new IstioMesh("mesh", args);
      namespace.apply((known) => void (outputs.namespace = known));
      gatewayNamespace.apply((known) => void (outputs.gatewayNamespace = known));
      controlPlane.name.apply((known) => void (outputs.controlPlane = known));
    },
    { project: "test", stack: "dev" },
  );
  return { ...recording, outputs };
}

const COUNTERS = { meshConfig: { defaultConfig: { proxyStatsMatcher: { inclusionRegexps: VERSION_COUNTERS } } } };

/** The inputs of the three Releases in the order of their installation, without what is the same for all. */
function releases({ resources }: Recording): object[] {
  return ["mesh-base", "mesh-istiod", "mesh-gateway"].map((name) => {
    const { compat: _, timeout, ...inputs } = find(resources, TYPES.release, name).inputs;
    assert.equal(timeout, 300);
    return inputs;
  });
}

describe("a mesh", () => {
  it("is its two namespaces and three Releases with names of their own, each after what it needs", async () => {
    const { resources, outputs } = await recordMesh();
    const mesh = `${TYPES.mesh}::mesh`;
    const [system, ingress] = [`${TYPES.namespace}::mesh-system`, `${TYPES.namespace}::mesh-ingress`];
    const [base, istiod] = [`${TYPES.release}::mesh-base`, `${TYPES.release}::mesh-istiod`];
    const rows = resources
      .map(({ type, name, parent, dependencies }) => [`${type}::${name}`, parent, ...dependencies])
      .sort();
    assert.deepEqual(
      rows,
      [
        [mesh, `${TYPES.stack}::test-dev`],
        [system, mesh],
        [ingress, mesh],
        [base, mesh, system],
        [istiod, mesh, system, base],
        [`${TYPES.release}::mesh-gateway`, mesh, ingress, istiod],
        [`${TYPES.stack}::test-dev`, ""],
      ].sort(),
    );
    assert.deepEqual(outputs, { namespace: "istio-system", gatewayNamespace: "istio-ingress", controlPlane: "istiod" });
  });

  it("comes from Istio's own repository in the default version", async () => {
    const from = { version: DEFAULT_ISTIO_VERSION, repositoryOpts: { repo: DEFAULT_CHART_REPOSITORY } };
    assert.deepEqual(releases(await recordMesh()), [
      { ...from, chart: "base", name: "istio-base", namespace: "istio-system" },
      { ...from, chart: "istiod", name: "istiod", namespace: "istio-system", values: COUNTERS },
      {
        ...from,
        chart: "gateway",
        name: "istio-ingressgateway",
        namespace: "istio-ingress",
        values: { labels: { istio: "ingressgateway" } },
      },
    ]);
  });

  const CHARTS = ["base", "istiod", "gateway"];
  const sources: [name: string, args: IstioMeshArgs, charts: object[]][] = [
    [
      "another repository and version",
      { charts: "https://charts.example.com/istio", version: "1.30.0" },
      CHARTS.map((chart) => ({
        chart,
        version: "1.30.0",
        repositoryOpts: { repo: "https://charts.example.com/istio" },
      })),
    ],
    [
      "an OCI registry",
      { charts: "oci://registry.example.com/istio/", version: pulumi.output("1.30.0") },
      CHARTS.map((chart) => ({ chart: `oci://registry.example.com/istio/${chart}`, version: "1.30.0" })),
    ],
    [
      "a folder, which has its own version",
      { charts: "./charts" },
      CHARTS.map((chart) => ({ chart: `./charts/${chart}` })),
    ],
    [
      "a folder, whatever version is asked for",
      { charts: "/charts//", version: "1.30.0" },
      CHARTS.map((chart) => ({ chart: `/charts/${chart}` })),
    ],
  ];
  for (const [name, args, charts] of sources) {
    it(`may come from ${name}`, async () => {
      const recorded = releases(await recordMesh(args)) as Record<string, unknown>[];
      assert.deepEqual(
        recorded.map(({ name: _release, namespace: _namespace, values: _values, ...source }) => source),
        charts,
      );
    });
  }

  it("may have other namespaces, and a gateway of another name, by which its pods are labelled", async () => {
    const recording = await recordMesh({ namespace: "mesh", gateway: { namespace: "edge", release: "istio-edge" } });
    const placed = (releases(recording) as Record<string, unknown>[]).map(({ name, namespace, values }) => [
      name,
      namespace,
      values,
    ]);
    assert.deepEqual(placed, [
      ["istio-base", "mesh", undefined],
      ["istiod", "mesh", COUNTERS],
      ["istio-edge", "edge", { labels: { istio: "edge" } }],
    ]);
    assert.deepEqual([recording.outputs.namespace, recording.outputs.gatewayNamespace], ["mesh", "edge"]);
  });

  it("hands Helm's values to the chart they are for; those for the gateway win over ours", async () => {
    const recording = await recordMesh({
      baseValues: { defaultRevision: "stable" },
      istiodValues: pulumi.output({ pilot: { replicaCount: 2 } }),
      gatewayValues: { service: { type: "ClusterIP" }, labels: { app: "edge" } },
    });
    const values = (releases(recording) as Record<string, unknown>[]).map((inputs) => inputs.values);
    assert.deepEqual(values, [
      { defaultRevision: "stable" },
      { pilot: { replicaCount: 2 }, ...COUNTERS },
      { labels: { app: "edge" }, service: { type: "ClusterIP" } },
    ]);
  });

  const given: [name: string, istiodValues: unknown, expected: unknown][] = [
    [
      "beside values of other things",
      { meshConfig: { accessLogFile: "/dev/stdout", defaultConfig: { concurrency: 2 } } },
      { accessLogFile: "/dev/stdout", defaultConfig: { concurrency: 2, ...COUNTERS.meshConfig.defaultConfig } },
    ],
    [
      "beside other parts of the matcher",
      { meshConfig: { defaultConfig: { proxyStatsMatcher: { inclusionPrefixes: ["x"] } } } },
      { defaultConfig: { proxyStatsMatcher: { inclusionPrefixes: ["x"], inclusionRegexps: VERSION_COUNTERS } } },
    ],
    [
      "unless others are given",
      { meshConfig: { defaultConfig: { proxyStatsMatcher: { inclusionRegexps: ["x"] } } } },
      { defaultConfig: { proxyStatsMatcher: { inclusionRegexps: ["x"] } } },
    ],
    [
      "unless it is to have none",
      { meshConfig: { defaultConfig: { proxyStatsMatcher: null } } },
      { defaultConfig: { proxyStatsMatcher: null } },
    ],
  ];
  for (const [name, istiodValues, expected] of given) {
    it(`shows each version's counters, ${name}`, async () => {
      const [, istiod] = releases(await recordMesh({ istiodValues })) as { values: { meshConfig: unknown } }[];
      assert.deepEqual(istiod.values.meshConfig, expected);
    });
  }

  it("shows the counters that docs/configuration.md tells owners of other meshes to show", () => {
    const document = readFileSync(join(__dirname, "../../../docs/configuration.md"), "utf8");
    const yaml = document.match(/```yaml\n(defaultConfig:[^]*?)```/)?.[1] ?? assert.fail("there is no such example");
    assert.deepEqual(parse(yaml), COUNTERS.meshConfig);
  });

  it("labels its gateway's pods with the selector that was given", async () => {
    const [, , gateway] = releases(
      await recordMesh({ gateway: { selector: { app: pulumi.output("edge") } } }),
    ) as Record<string, unknown>[];
    assert.deepEqual(gateway.values, { labels: { app: "edge" } });
  });
});

describe("the arguments of a mesh", () => {
  const check = (args: unknown) => problemsOf((findings) => checkIstioMesh(args as IstioMeshArgs, findings), "mesh");

  it("may be nothing at all", () => assertProblems(check({}), []));

  it("may wait for nothing, or as long as is known later", () => {
    assertProblems(check({ reconnectSeconds: 0 }), []);
    assertProblems(check({ reconnectSeconds: pulumi.output(30) }), []);
  });

  const wrong: [name: string, args: unknown, problems: Expected[]][] = [
    ["null", null, [["mesh", "is null", "version, charts, namespace"]]],
    ["a misspelt field", { chart: "./charts" }, [["mesh.chart", "is an unknown argument", "charts"]]],
    ["no charts", { charts: " " }, [["mesh.charts", "a Helm repository"]]],
    ["charts of another kind", { charts: 5 }, [["mesh.charts", "a Helm repository"]]],
    [
      "a namespace that is no label",
      { namespace: "istio_system" },
      [["mesh.namespace", 'is "istio_system"', "a DNS label"]],
    ],
    [
      "a gateway that is null",
      { gateway: null },
      [["mesh.gateway", "is null", "namespace, release, selector, address"]],
    ],
    ["a gateway's misspelt field", { gateway: { name: "edge" } }, [["mesh.gateway.name", "is an unknown argument"]]],
    ["a gateway's namespace that is no label", { gateway: { namespace: "" } }, [["mesh.gateway.namespace", 'is ""']]],
    [
      "a Release longer than Helm takes",
      { gateway: { release: "x".repeat(54) } },
      [["mesh.gateway.release", "54 characters long", "at most 53"]],
    ],
    [
      "a gateway's labels that are no texts",
      { gateway: { selector: { istio: 5 } } },
      [["mesh.gateway.selector.istio", "is 5", "a text of at most 63 letters"]],
    ],
    [
      "a gateway's label with a value that Kubernetes does not take",
      { gateway: { selector: { istio: "in gress" } } },
      [["mesh.gateway.selector.istio", 'is "in gress"', "a text of at most 63 letters"]],
    ],
    [
      "a gateway's label with a name that Kubernetes does not take",
      { gateway: { selector: { "a b": "c" } } },
      [['mesh.gateway.selector["a b"]', 'is "a b"', "a name such as team"]],
    ],
    [
      "one namespace for both",
      { namespace: "istio-ingress" },
      [["mesh.gateway.namespace", "the control plane's namespace too", "its own"]],
    ],
    ["a gateway that is an Output", { gateway: pulumi.output({}) }, [["mesh.gateway", "is not known yet"]]],
    [
      "names that are Outputs",
      {
        charts: pulumi.output("./charts"),
        namespace: pulumi.output("a"),
        gateway: { namespace: pulumi.output("b"), release: pulumi.output("c"), serviceAccount: pulumi.output("d") },
      },
      [
        ["mesh.charts", "is not known yet"],
        ["mesh.namespace", "is not known yet"],
        ["mesh.gateway.namespace", "is not known yet"],
        ["mesh.gateway.release", "is not known yet"],
        ["mesh.gateway.serviceAccount", "is not known yet"],
      ],
    ],
    [
      "a wait that is no number",
      { reconnectSeconds: "25s" },
      [["mesh.reconnectSeconds", 'is "25s"', "a number of seconds from 0 to 300"]],
    ],
    [
      "a wait of more than five minutes",
      { reconnectSeconds: 301 },
      [["mesh.reconnectSeconds", "is 301", "from 0 to 300"]],
    ],
    ["a wait of less than nothing", { reconnectSeconds: -1 }, [["mesh.reconnectSeconds", "is -1", "from 0 to 300"]]],
    [
      "several mistakes",
      { charts: "", namespace: "A", gateway: { release: "B" } },
      [["mesh.charts"], ["mesh.namespace"], ["mesh.gateway.release"]],
    ],
  ];
  for (const [name, args, problems] of wrong) {
    it(`may not be ${name}`, () => assertProblems(check(args), problems));
  }
});
