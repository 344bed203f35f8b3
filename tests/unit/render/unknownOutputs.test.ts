import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { CanaryApp, type CanaryAppArgs } from "../../../components";
import { gapLines, gapsOf } from "../../../src/render/gaps";
import { type Recording, record } from "../../../src/render/recorder";
import { type Manifest, type RenderedStep, render } from "../../../src/render/steps";
import { RenderFormat, renderedText } from "../../../src/render/text";
import { CompiledCommand } from "../support/compiledCommand";
import { ProgramProject, renderProcess } from "./projects";

/** As docker-build's class for an image is written: `ref` is an output and no input. */
class Image extends pulumi.CustomResource {
  declare readonly ref: pulumi.Output<string>;

  constructor(name: string, tags: string[]) {
    super("docker-build:index:Image", name, { tags, ref: undefined });
  }
}

const V1 = { name: "v1", image: "registry.example.com/shop:1.0" };
const BASE = { hosts: [], mesh: { install: false } };

async function preview(program: () => unknown): Promise<{ recording: Recording; steps: RenderedStep[] }> {
  const recording = await record(async () => void (await program()), { project: "shop", stack: "dev", preview: true });
  return { recording, steps: render(recording.resources) };
}

function manifestOf(steps: readonly RenderedStep[], kind: string, name: string): Manifest & { spec: any; data: any } {
  const found = steps.find(({ manifest }) => manifest?.kind === kind && manifest.metadata.name === name)?.manifest;
  return (found ?? assert.fail(`no ${kind} ${name}`)) as Manifest & { spec: any; data: any };
}

describe("a rendering of an app whose image another resource makes", () => {
  const shop = (version: (image: Image) => CanaryAppArgs["versions"][number]) => () =>
    new CanaryApp("shop", {
      ...BASE,
      versions: [V1, version(new Image("shop-image", ["registry.example.com/shop"]))],
      weight: 10,
    });

  it("has a placeholder for the image, and all else as it is", async () => {
    const { steps } = await preview(shop((image) => ({ name: "v2", image: image.ref })));
    const [known, unknown] = ["shop-v1", "shop-v2"].map(
      (name) => manifestOf(steps, "Deployment", name).spec.template.spec,
    );
    assert.equal(unknown.containers[0].image, "[unknown]");
    assert.deepEqual(
      { ...unknown, containers: [{ ...unknown.containers[0], image: known.containers[0].image }] },
      known,
    );
    assert.deepEqual(
      manifestOf(steps, "VirtualService", "shop").spec.http[0].route.map(({ weight }: any) => weight),
      [90, 10],
    );
  });

  it("has it in a podSpec, too", async () => {
    const { steps } = await preview(
      shop((image) => ({ name: "v2", podSpec: { containers: [{ name: "web", image: image.ref }] } })),
    );
    const { spec } = manifestOf(steps, "Deployment", "shop-v2");
    assert.equal(spec.template.spec.containers[0].image, "[unknown]");
    assert.equal(spec.template.spec.serviceAccountName, "shop");
  });

  it("says which value it is, in the order of the objects", async () => {
    const { recording, steps } = await preview(shop((image) => ({ name: "v2", image: image.ref })));
    const gaps = gapsOf(recording, steps);
    assert.deepEqual(gaps, {
      unknown: [{ object: "Deployment.apps shop/shop-v2", paths: ["spec.template.spec.containers[0].image"] }],
      unrendered: [],
    });
    assert.deepEqual(gapLines(gaps, recording), [
      "1 value known only once other resources exist, printed as [unknown]:",
      "  Deployment.apps shop/shop-v2: spec.template.spec.containers[0].image",
    ]);
    assert.deepEqual(JSON.parse(renderedText(steps, RenderFormat.Json, gaps)).unknown, gaps.unknown);
  });

  it("runs nothing in the program that would need the value", async () => {
    const { steps } = await preview(() => {
      const { ref } = new Image("shop-image", []);
      const digest = ref.apply((known) => known.split("@")[1].slice(0, 12));
      new k8s.core.v1.ConfigMap("digest", { metadata: { name: "digest" }, data: { digest, plain: "as it is" } });
    });
    assert.deepEqual(manifestOf(steps, "ConfigMap", "digest").data, { digest: "[unknown]", plain: "as it is" });
  });

  it("is the same text each time", async () => {
    const text = async () =>
      renderedText((await preview(shop((image) => ({ name: "v2", image: image.ref })))).steps, RenderFormat.Yaml);
    assert.equal(await text(), await text());
  });
});

describe("a rendering of what only the API server sets", () => {
  it("has placeholders where it is used, and the program's own values where these are", async () => {
    const { steps } = await preview(() => {
      const namespace = new k8s.core.v1.Namespace("shop", { metadata: { name: "shop" } });
      const service = new k8s.core.v1.Service("edge", {
        metadata: { name: "edge", namespace: namespace.metadata.apply(({ name }) => name) },
        spec: { type: "NodePort", ports: [{ port: 80 }] },
      });
      const length = namespace.metadata.uid.apply((uid) => String(uid.length));
      const port = service.spec.ports[0].nodePort.apply((number) => number.toFixed());
      const url = pulumi.interpolate`http://${service.spec.clusterIP}:${service.spec.ports[0].port}`;
      const data = { length, port, url, name: service.metadata.name, id: namespace.id };
      new k8s.core.v1.ConfigMap("told", { metadata: { name: "told" }, data });
    });
    assert.equal(manifestOf(steps, "Service", "edge").metadata.namespace, "shop");
    assert.deepEqual(manifestOf(steps, "Service", "edge").spec, { type: "NodePort", ports: [{ port: 80 }] });
    assert.deepEqual(manifestOf(steps, "ConfigMap", "told").data, {
      length: "[unknown]",
      port: "[unknown]",
      url: "[unknown]",
      name: "edge",
      id: "[unknown]",
    });
  });

  it("has the resource's name for an object that has none of its own, wherever it is used", async () => {
    const { steps } = await preview(() => {
      const map = new k8s.core.v1.ConfigMap("settings", { data: {} });
      new k8s.core.v1.ConfigMap("told", { metadata: { name: "told" }, data: { name: map.metadata.name } });
    });
    assert.deepEqual(manifestOf(steps, "ConfigMap", "settings").metadata, { name: "settings" });
    assert.deepEqual(manifestOf(steps, "ConfigMap", "told").data, { name: "settings" });
  });

  it("keeps a secret one closed", async () => {
    const { steps } = await preview(() => {
      const labels = { token: pulumi.secret("s3cret") };
      new k8s.core.v1.ConfigMap("told", { metadata: { name: "told", labels }, data: {} });
    });
    assert.deepEqual(manifestOf(steps, "ConfigMap", "told").metadata, { name: "told", labels: { token: "[secret]" } });
  });
});

describe("a rendering of what Pulumi's provider makes of files and charts", () => {
  it("is told to be without them", async () => {
    const { recording, steps } = await preview(() => {
      new k8s.yaml.v2.ConfigGroup("files", { yaml: "kind: ConfigMap" });
      new k8s.core.v1.ConfigMap("there", { metadata: { name: "there" } });
    });
    assert.equal(steps.length, 1);
    const gaps = gapsOf(recording, steps);
    assert.deepEqual(gaps.unrendered, ["kubernetes:yaml/v2:ConfigGroup files"]);
    assert.deepEqual(gapLines(gaps, recording), [
      "without their objects, which only Pulumi's provider can tell:",
      "  kubernetes:yaml/v2:ConfigGroup files",
    ]);
  });

  it("has unknown results of the functions that it calls, and says which", async () => {
    const { recording, steps } = await preview(() => {
      const answer = pulumi.runtime.invokeOutput("aws:index:getRegion", { name: "eu" }) as pulumi.Output<any>;
      const region = answer.apply(({ endpoint }) => endpoint.length);
      new k8s.core.v1.ConfigMap("told", { metadata: { name: "told" }, data: { region } });
    });
    assert.deepEqual(manifestOf(steps, "ConfigMap", "told").data, { region: "[unknown]" });
    assert.deepEqual(
      gapLines(gapsOf(recording, steps), recording).at(-1),
      "functions of providers that were not called: aws:index:getRegion",
    );
  });
});

describe("canary render of values that are not known", function () {
  this.timeout(120_000);
  let command: CompiledCommand;
  before(() => (command = new CompiledCommand()));
  const project = new ProgramProject({
    "index.js": `const pulumi = require("@pulumi/pulumi");
const k8s = require("@pulumi/kubernetes");
class Password extends pulumi.CustomResource {
  constructor(name) { super("random:index:RandomPassword", name, { result: undefined, length: 8 }); }
}
new k8s.core.v1.ConfigMap("told", { metadata: { name: "told" }, data: { password: new Password("one").result } });
`,
  });
  after(() => [project, command].forEach((each) => each.remove()));
  const SAID =
    "1 value known only once other resources exist, printed as [unknown]:\n  ConfigMap told: data.password\n";

  it("ends with 0, and says them beside what it prints", async () => {
    const { code, stdout, stderr } = await renderProcess(command, project);
    assert.deepEqual([code, stderr], [0, SAID]);
    assert.match(stdout, /password: "\[unknown\]"/);
  });

  it("ends with 1 and prints nothing where it is strict", async () =>
    assert.deepEqual(await renderProcess(command, project, "--strict"), { code: 1, stdout: "", stderr: SAID }));
});
