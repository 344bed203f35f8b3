import assert from "node:assert/strict";
import { clusterOf } from "../../../project/cluster";

describe("the cluster of a stack", () => {
  const content = "apiVersion: v1\nkind: Config\n";
  const cases: [string, Record<string, unknown>, NodeJS.ProcessEnv, object][] = [
    ["is kubectl's, where nothing is said", {}, process.env, { kubeconfig: undefined, context: undefined }],
    ["is that of another environment", {}, { KUBECONFIG: "other" }, { kubeconfig: "other", context: undefined }],
    ["is that of the config's file and context", { "kubernetes:kubeconfig": "file", "kubernetes:context": "prod" }, { KUBECONFIG: "other" }, { kubeconfig: "file", context: "prod" }],
    ["is that of a kubeconfig in the config itself, never another", { "kubernetes:kubeconfig": content }, { KUBECONFIG: "other" }, { kubeconfig: content, context: undefined }],
  ];
  for (const [name, values, env, expected] of cases) {
    it(name, () => assert.deepEqual(clusterOf({ values }, env), expected));
  }
});
