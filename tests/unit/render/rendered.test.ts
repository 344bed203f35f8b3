import assert from "node:assert/strict";
import { parseAllDocuments } from "yaml";
import type { CanaryAppArgs } from "../../../components";
import { renderedDiff } from "../../../src/render/diff";
import { type RenderedStep, render } from "../../../src/render/steps";
import { RenderFormat, renderedText } from "../../../src/render/text";
import { TWO_VERSIONS, recordApp } from "../recordings";

const stepsOf = async (args: CanaryAppArgs): Promise<RenderedStep[]> => render((await recordApp(args)).resources);
const object = (name: string, more: object = {}): RenderedStep => ({
  manifest: { kind: "ConfigMap", metadata: { name, namespace: "shop" }, apiVersion: "v1", ...more },
});

describe("rendered objects as text", () => {
  it("are YAML documents that say what the objects say, with the charts as comments", async () => {
    const steps = await stepsOf(TWO_VERSIONS);
    const text = renderedText(steps, RenderFormat.Yaml);
    const objects = parseAllDocuments(text)
      .map((document) => document.toJS())
      .filter((each) => each !== null);
    assert.deepEqual(objects, JSON.parse(JSON.stringify(steps.flatMap(({ manifest }) => manifest ?? []))));
    assert.match(text, /^# Helm installs the chart https:\/\/\S+\/istiod 1\.\d+\.\d+ as istiod in istio-system/m);
  });

  it("are one JSON object with the same items", async () => {
    const steps = await stepsOf(TWO_VERSIONS);
    const { kind, items, charts } = JSON.parse(renderedText(steps, RenderFormat.Json));
    assert.deepEqual(
      [kind, items.length, charts.map(({ release }: any) => release)],
      ["List", steps.length - 3, ["istio-base", "istiod", "istio-ingressgateway"]],
    );
  });

  it("are the same text at every rendering, whatever the order of fields", async () => {
    for (const format of Object.values(RenderFormat)) {
      assert.equal(
        renderedText(await stepsOf(TWO_VERSIONS), format),
        renderedText(await stepsOf({ ...TWO_VERSIONS }), format),
      );
      assert.equal(
        renderedText([object("a", { data: { x: "1", y: "2" } })], format),
        renderedText([object("a", { data: { y: "2", x: "1" } })], format),
      );
    }
  });

  it("begin with what an object is", () =>
    assert.match(
      renderedText([object("a", { data: {} })], RenderFormat.Yaml),
      /^apiVersion: v1\nkind: ConfigMap\nmetadata:\n {2}name: a\n {2}namespace: shop\ndata:/,
    ));
});

describe("the diff of two renderings", () => {
  it("is empty for the same", async () =>
    assert.equal(renderedDiff(await stepsOf(TWO_VERSIONS), await stepsOf(TWO_VERSIONS)), ""));

  it("of a weight is two lines of the VirtualService", async () => {
    const text = renderedDiff(await stepsOf(TWO_VERSIONS), await stepsOf({ ...TWO_VERSIONS, weight: 50 }));
    assert.deepEqual(
      text.split("\n").filter((line) => /^[-+]/.test(line)),
      [
        "--- VirtualService.networking.istio.io shop/shop",
        "+++ VirtualService.networking.istio.io shop/shop",
        "-          weight: 75",
        "+          weight: 50",
        "-          weight: 25",
        "+          weight: 50",
      ],
    );
  });

  it("shows whole what comes and what goes", () => {
    assert.match(
      renderedDiff([object("a")], [object("b")]),
      /--- \/dev\/null\t?\n\+\+\+ ConfigMap shop\/b[\s\S]*\+kind: ConfigMap[\s\S]*--- ConfigMap shop\/a\t?\n\+\+\+ \/dev\/null/,
    );
  });
});
