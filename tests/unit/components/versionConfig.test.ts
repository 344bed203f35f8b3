import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { CanaryApp, type CanaryAppArgs, type VersionConfigArgs } from "../../../components";
import { type Expected, assertProblems, refusalOf } from "../problems";
import { TWO_VERSIONS, TYPES, find, key, recordApp, recordFailing } from "../recordings";

const CONFIG_MAP = "kubernetes:core/v1:ConfigMap";
const SECRET = "kubernetes:core/v1:Secret";
const [V1, V2] = TWO_VERSIONS.versions;

const withConfig = (v1: VersionConfigArgs | undefined, v2: VersionConfigArgs | undefined): CanaryAppArgs => ({
  ...TWO_VERSIONS,
  versions: [
    { ...V1, config: v1 },
    { ...V2, config: v2 },
  ],
});

type Recorded = Awaited<ReturnType<typeof recordApp>>;

const containerOf = ({ resources }: Recorded, version: string) =>
  find(resources, TYPES.deployment, `shop-${version}`).inputs.spec.template.spec.containers[0];

describe("a version's config", () => {
  it("is in objects of the version's own, which its pods alone name", async () => {
    const recording = await recordApp(withConfig({ data: { FEATURE: "off" } }, { data: { FEATURE: "on" } }));
    const names = ["v1", "v2"].map((version) => {
      const { inputs, parent } = find(recording.resources, CONFIG_MAP, `shop-${version}-config`);
      assert.equal(parent, `${TYPES.version}::shop-${version}`);
      assert.deepEqual(inputs.data, { FEATURE: version === "v1" ? "off" : "on" });
      assert.equal(inputs.immutable, true);
      assert.deepEqual(inputs.metadata.labels, { app: "shop", version });
      assert.match(inputs.metadata.name, new RegExp(`^shop-${version}-config-[0-9a-f]{10}$`));
      assert.deepEqual(containerOf(recording, version).envFrom, [{ configMapRef: { name: inputs.metadata.name } }]);
      return inputs.metadata.name as string;
    });
    assert.equal(new Set(names).size, 2);
  });

  it("is there before the pods", async () => {
    const { resources } = await recordApp(withConfig({ data: { A: "1" }, secrets: { B: "2" } }, undefined));
    const { dependencies } = find(resources, TYPES.deployment, "shop-v1");
    assert.ok(dependencies.includes(`${CONFIG_MAP}::shop-v1-config`), dependencies.join());
    assert.ok(dependencies.includes(`${SECRET}::shop-v1-secrets`), dependencies.join());
    assert.deepEqual(resources.filter(({ name }) => name.startsWith("shop-v2-")).map(key), [
      `${TYPES.destinationRule}::shop-v2-subset`,
    ]);
  });

  it("of another content has another name, and replaces the pods of that version alone", async () => {
    const inputs = async (feature: string) =>
      new Map(
        (await recordApp(withConfig({ data: { FEATURE: "off" } }, { data: { FEATURE: feature } }))).resources.map(
          (each) => [key(each), JSON.stringify(each.inputs)],
        ),
      );
    const [before, after] = [await inputs("on"), await inputs("half")];
    assert.deepEqual(
      [...before].filter(([name, text]) => after.get(name) !== text).map(([name]) => name),
      [`${CONFIG_MAP}::shop-v2-config`, `${TYPES.deployment}::shop-v2`],
    );
  });

  it("keeps its secrets in a Secret: neither its name nor the pods are secret for it, and nothing tells them", async () => {
    const recording = await recordApp(withConfig({ secrets: { PASSWORD: pulumi.secret("hunter2") } }, undefined));
    const { inputs } = find(recording.resources, SECRET, "shop-v1-secrets");
    assert.match(inputs.metadata.name, /^shop-v1-secrets-[0-9a-f]{10}$/);
    assert.equal(inputs.immutable, true);
    assert.deepEqual(containerOf(recording, "v1").envFrom, [{ secretRef: { name: inputs.metadata.name } }]);
    assert.doesNotMatch(JSON.stringify(recording.resources), /hunter2/);
  });

  it("keeps secrets that no Output marks, too", async () => {
    const recording = await recordApp(withConfig({ secrets: { PASSWORD: "hunter2" } }, undefined));
    assert.doesNotMatch(JSON.stringify(recording.resources), /hunter2/);
  });

  it("may become known late", async () => {
    const config = { data: { FEATURE: pulumi.output("on") }, mountPath: pulumi.output("/etc/shop") };
    const recording = await recordApp(withConfig(config, undefined));
    const { inputs } = find(recording.resources, CONFIG_MAP, "shop-v1-config");
    assert.deepEqual(inputs.data, { FEATURE: "on" });
    assert.deepEqual(containerOf(recording, "v1").volumeMounts.at(-1), {
      name: "config",
      mountPath: "/etc/shop",
      readOnly: true,
    });
  });

  it("is refused before it reaches the cluster where a ConfigMap would hold a secret", async () => {
    const args = withConfig({ data: { PASSWORD: pulumi.secret("hunter2") } }, undefined);
    const { messages, registered } = await recordFailing(() => void new CanaryApp("shop", args));
    assert.match(messages.join("\n"), /config\.data contains a secret.*config\.secrets/);
    assert.doesNotMatch(messages.join("\n"), /hunter2/);
    assert.ok(!registered.includes(`${CONFIG_MAP}::shop-v1-config`));
  });

  const refused: [name: string, args: object, problems: Expected[]][] = [
    [
      "a podSpec",
      { versions: [{ name: "v1", podSpec: { containers: [{ name: "a", image: "a" }] }, config: { data: { A: "" } } }] },
      [["versions[0].config", "is set beside podSpec"]],
    ],
    [
      "volumes that are passed through, beside its files",
      {
        versions: [{ ...V1, config: { data: { A: "" }, mountPath: "/etc/shop" }, pod: { extra: { volumes: [] } } }],
        pod: { containerExtra: { volumeMounts: [] } },
      },
      [
        ["versions[0].config.mountPath", "is set beside pod.extra.volumes", "use pod.volumes"],
        ["versions[0].config.mountPath", "is set beside pod.containerExtra.volumeMounts"],
      ],
    ],
    [
      "a volume in its folder",
      {
        versions: [{ ...V1, config: { data: { A: "" }, mountPath: "/etc/shop" } }],
        pod: { volumes: [{ name: "a", mountPath: "/etc/shop", emptyDir: {} }] },
      },
      [["versions[0].config.mountPath", 'is "/etc/shop", where a volume of pod.volumes is mounted']],
    ],
    [
      "a key twice",
      { versions: [{ ...V1, config: { data: { A: "" }, secrets: { A: "" } } }] },
      [["versions[0].config.secrets.A", "is a key of data, too"]],
    ],
    ["nothing to say", { versions: [{ ...V1, config: {} }] }, [["versions[0].config", "sets nothing"]]],
  ];
  for (const [name, args, problems] of refused) {
    it(`may not have ${name}`, () =>
      assertProblems(refusalOf(() => new CanaryApp("shop", { ...args } as CanaryAppArgs)).problems, problems));
  }
});
