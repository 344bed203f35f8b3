import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StackClusters } from "../../../src/config/stackClusters";
import { readStackExport } from "../../../src/config/stackExport";

const URN = (type: string, name: string) => `urn:pulumi:dev::shop::${type}::${name}`;
const PROVIDER = "pulumi:providers:kubernetes";
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:abc" };
/** A secret as `pulumi stack export --show-secrets` has it. */
const opened = (value: string) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});
const CONTENT = "apiVersion: v1\nkind: Config\n";

const provider = (name: string, inputs: object) => ({ urn: URN(PROVIDER, name), type: PROVIDER, id: "id", inputs });
const deployment = (version: string, of: string, namespace = "prod") => ({
  urn: URN("kubernetes:apps/v1:Deployment", `shop-${version}-${namespace}`),
  type: "kubernetes:apps/v1:Deployment",
  provider: `${URN(PROVIDER, of)}::id`,
  inputs: { metadata: { name: `shop-${version}`, namespace, labels: { app: "shop", version } } },
});
const DEFAULT = provider("default_4_25_0", { context: "at-the-last-up" });

describe("the clusters of a stack's objects", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "clusters-"));
    await writeFile(join(folder, "kubeconfig"), CONTENT);
  });
  after(() => rm(folder, { recursive: true }));

  interface Given {
    resources: readonly object[];
    /** The same, with secrets. */
    opened?: readonly object[];
    values?: Record<string, unknown>;
    env?: NodeJS.ProcessEnv;
  }

  function clustersOf({ resources, opened, values = {}, env = process.env }: Given): StackClusters {
    const cli = {
      ask: async (...args: string[]) => {
        if (args.join(" ") === "stack export --show-secrets" && opened === undefined) {
          throw new Error("incorrect passphrase");
        }
        return JSON.stringify({ deployment: { resources: args.length > 2 ? opened : resources } });
      },
    };
    return new StackClusters({ config: { values }, env, cli, folder }, () => readStackExport(cli));
  }
  const ofShop = (given: Given) => clustersOf(given).ofApp({ app: "shop", namespace: "prod" });

  const found: [string, () => Given, () => object][] = [
    [
      "of an app is that of its Deployment's own provider, whatever kubectl's context is",
      () => ({
        resources: [DEFAULT, provider("prod", { context: "prod" }), deployment("v1", "prod"), deployment("v2", "prod")],
        values: { "kubernetes:context": "staging" },
      }),
      () => ({ context: "prod" }),
    ],
    [
      "has a provider's kubeconfig as content, its context and its cluster",
      () => ({
        resources: [provider("prod", { kubeconfig: CONTENT, context: "c", cluster: "k" }), deployment("v1", "prod")],
      }),
      () => ({ kubeconfig: CONTENT, context: "c", cluster: "k" }),
    ],
    [
      "has a kubeconfig that is a secret, as Pulumi opens it",
      () => ({
        resources: [provider("prod", { kubeconfig: SECRET }), deployment("v1", "prod")],
        opened: [provider("prod", { kubeconfig: opened(CONTENT) }), deployment("v1", "prod")],
      }),
      () => ({ kubeconfig: CONTENT }),
    ],
    [
      "has a context that is a secret, beside a kubeconfig that is none",
      () => ({
        resources: [provider("prod", { kubeconfig: CONTENT, context: SECRET }), deployment("v1", "prod")],
        opened: [provider("prod", { kubeconfig: CONTENT, context: opened("c") }), deployment("v1", "prod")],
      }),
      () => ({ kubeconfig: CONTENT, context: "c" }),
    ],
    [
      "has a provider's path, which is taken from the project's folder",
      () => ({
        resources: [provider("prod", { kubeconfig: "kubeconfig" }), deployment("v1", "prod")],
        env: { KUBECONFIG: "other" },
      }),
      () => ({ kubeconfig: "kubeconfig" }),
    ],
    [
      "has today's KUBECONFIG for one that was that of another job's folder",
      () => ({
        resources: [provider("prod", { kubeconfig: "/job/41/kubeconfig", context: "c" }), deployment("v1", "prod")],
        env: { KUBECONFIG: "/job/42/kubeconfig" },
      }),
      () => ({ kubeconfig: "/job/42/kubeconfig", context: "c" }),
    ],
    [
      "is what the config says for the default provider, whatever it was at the last up",
      () => ({
        resources: [DEFAULT, deployment("v1", "default_4_25_0")],
        values: { "kubernetes:kubeconfig": "~/prod", "kubernetes:context": "c", "kubernetes:cluster": "k" },
      }),
      () => ({ kubeconfig: "~/prod", context: "c", cluster: "k" }),
    ],
    [
      "is one for two versions of the default provider",
      () => ({
        resources: [deployment("v1", "default_4_25_0"), deployment("v2", "default_4_32_0")],
        values: { "kubernetes:context": "c" },
      }),
      () => ({ context: "c" }),
    ],
    [
      "is that of the app's own namespace where another has an app of the name",
      () => ({
        resources: [
          provider("a", { context: "a" }),
          provider("b", { context: "b" }),
          deployment("v1", "a", "test"),
          deployment("v1", "b"),
        ],
      }),
      () => ({ context: "b" }),
    ],
    [
      "is the default provider's before the first up",
      () => ({ resources: [], values: { "kubernetes:context": "c" } }),
      () => ({ context: "c" }),
    ],
  ];
  for (const [name, given, expected] of found) {
    it(name, async () => {
      const { folder: _, env: __, ...rest } = await ofShop(given());
      assert.deepEqual(JSON.parse(JSON.stringify(rest)), expected());
      assert.equal(_, folder);
    });
  }

  const unknown: [string, Given, RegExp][] = [
    [
      "two providers",
      {
        resources: [provider("a", {}), provider("b", {}), deployment("v1", "a"), deployment("v2", "b")],
      },
      /^Error: the app shop of namespace prod is in the state of the stack with 2 Kubernetes providers, a and b.*a stack of its own$/,
    ],
    [
      "a secret that cannot be opened",
      { resources: [provider("prod", { kubeconfig: SECRET }), deployment("v1", "prod")] },
      /^Error: the kubeconfig of the Kubernetes provider prod is a secret.*incorrect passphrase.*PULUMI_CONFIG_PASSPHRASE/,
    ],
    [
      "a secret that stays closed",
      {
        resources: [provider("prod", { kubeconfig: SECRET }), deployment("v1", "prod")],
        opened: [provider("prod", { kubeconfig: SECRET }), deployment("v1", "prod")],
      },
      /^Error: the kubeconfig of the Kubernetes provider prod is a secret.*shows no kubeconfig/,
    ],
    [
      "no Deployment yet, beside a provider of the program's own",
      { resources: [DEFAULT, provider("prod", { context: "prod" })] },
      /^Error: no Deployment of the app shop is in the state.*provider prod.*bring the stack up once with `pulumi up`/,
    ],
    [
      "no Deployment yet, and no default provider",
      { resources: [], values: { "pulumi:disable-default-providers": ["kubernetes"] } },
      /pulumi:disable-default-providers forbids the default Kubernetes provider.*`pulumi up`/,
    ],
    [
      "no default provider of any kind, as `pulumi config set` writes it",
      { resources: [], values: { "pulumi:disable-default-providers": '["*"]' } },
      /pulumi:disable-default-providers forbids/,
    ],
  ];
  for (const [name, given, problem] of unknown) {
    it(`is not known with ${name}, and that is said with what to do`, () => assert.rejects(ofShop(given), problem));
  }

  it("is not known where the state cannot be read", async () => {
    const state = () => Promise.reject(new Error("no such bucket"));
    const cli = { ask: async () => "" };
    const clusters = new StackClusters({ config: { values: {} }, env: {}, cli, folder }, state);
    await assert.rejects(
      clusters.ofApp({ app: "shop", namespace: "prod" }),
      /^Error: the state of the stack cannot be read.*no such bucket/,
    );
  });

  it("are all that its objects are in, each once", async () => {
    const clusters = clustersOf({
      resources: [
        provider("a", { context: "a" }),
        deployment("v1", "a"),
        deployment("v2", "a"),
        deployment("v1", "default", "x"),
      ],
      values: { "kubernetes:context": "c" },
    });
    assert.deepEqual(
      (await clusters.all()).map(({ context }) => context),
      ["a", "c"],
    );
  });

  it("tells a provider that has yet to come", () =>
    assert.rejects(
      clustersOf({ resources: [] }).ofProvider(`${URN(PROVIDER, "new")}::04da6b54`),
      /provider new is not in the state.*`pulumi up`/,
    ));
});
