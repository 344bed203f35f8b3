import assert from "node:assert/strict";
import { defaultCluster } from "../../../src/config/cluster";
import { UNKNOWN } from "../../../src/validation/unknown";

describe("the cluster of a stack's default provider", () => {
  const content = "apiVersion: v1\nkind: Config\n";
  const other = { KUBECONFIG: "other" };
  const kept: Record<string, string> = {
    "kubernetes:kubeconfig": content,
    "kubernetes:context": "prod",
    "kubernetes:cluster": "east",
  };
  const opening = { ask: async (...args: string[]) => `${kept[args[2]]}\n` };
  const closed = { ask: async () => Promise.reject(new Error("pulumi config get: incorrect passphrase")) };

  const cases: [string, Record<string, unknown>, NodeJS.ProcessEnv, object][] = [
    ["is kubectl's, where nothing is said", {}, process.env, { kubeconfig: undefined, context: undefined }],
    [
      "is kubectl's, where an empty text says so",
      { "kubernetes:kubeconfig": "", "kubernetes:context": null },
      process.env,
      { kubeconfig: undefined, context: undefined },
    ],
    ["is that of another environment", {}, other, { kubeconfig: "other", context: undefined }],
    [
      "is that of the config's file and context",
      { "kubernetes:kubeconfig": "file", "kubernetes:context": "prod" },
      other,
      { kubeconfig: "file", context: "prod" },
    ],
    [
      "is that of the config's cluster",
      { "kubernetes:context": "prod", "kubernetes:cluster": "east" },
      process.env,
      { kubeconfig: undefined, context: "prod", cluster: "east" },
    ],
    [
      "is that of a kubeconfig in the config itself, never another",
      { "kubernetes:kubeconfig": content },
      other,
      { kubeconfig: content, context: undefined },
    ],
    [
      "is that of a kubeconfig that is kept as a secret",
      { "kubernetes:kubeconfig": UNKNOWN, "kubernetes:context": UNKNOWN },
      other,
      { kubeconfig: content.trimEnd(), context: "prod" },
    ],
    [
      "is that of a kubeconfig with a secret in it",
      { "kubernetes:kubeconfig": { users: [{ token: UNKNOWN }] } },
      other,
      { kubeconfig: content.trimEnd(), context: undefined },
    ],
  ];
  for (const [name, values, env, expected] of cases) {
    it(name, async () => {
      const { env: found, ...known } = await defaultCluster({
        config: { values },
        env,
        cli: opening,
        folder: "/project",
      });
      assert.equal(found, env === process.env ? undefined : env);
      assert.deepEqual(known, { cluster: undefined, folder: "/project", ...expected });
    });
  }

  it("is no other one where a secret cannot be opened, and that is said with what to do", async () => {
    for (const key of Object.keys(kept)) {
      await assert.rejects(
        defaultCluster({ config: { values: { [key]: UNKNOWN } }, env: other, cli: closed, folder: "/project" }),
        new RegExp(`^Error: ${key} of the stack cannot be read.*incorrect passphrase.*PULUMI_CONFIG_PASSPHRASE`),
      );
    }
  });
});
