import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Stack } from "@pulumi/pulumi/automation";
import { CanaryApp } from "../../../components";
import { PulumiCli } from "../../../src/config/pulumiCli";
import { StackClusters } from "../../../src/config/stackClusters";
import { readStackExport } from "../../../src/config/stackExport";
import { KubernetesApi } from "../../../src/internal/kubernetes/api";
import { cluster } from "../support/cluster";
import { testEngine } from "../support/engine";
import { openInlineStack } from "../support/inlineStack";
import { sharedMesh } from "../support/mesh";
import { trial } from "../support/troubledApp";

const NAME = "provided";

describe("an app with a provider of its own, whose kubeconfig is a secret", function () {
  this.timeout("10m");
  let stack: Stack;
  let clusters: StackClusters;
  let content: string;

  before(async () => {
    const engine = await testEngine();
    await sharedMesh(engine);
    content = await readFile((await cluster()).kubeconfig, "utf8");
    stack = await openInlineStack(engine, NAME, async () => {
      const provider = new k8s.Provider("own", { kubeconfig: pulumi.secret(content) });
      new CanaryApp(NAME, { versions: [trial(1)], hosts: [], mesh: { install: false } }, { provider });
    });
    await stack.up();
    const { workDir, envVars } = stack.workspace;
    // A kubeconfig that kubectl would find does not exist.
    const env = { ...process.env, ...engine.variables, ...envVars, KUBECONFIG: "/nowhere" };
    const cli = new PulumiCli(workDir, NAME, env);
    const values = { "kubernetes:context": "nowhere" };
    clusters = new StackClusters({ config: { values }, env, cli, folder: workDir }, () => readStackExport(cli));
  });

  it("is looked for on that provider's cluster, which the state names", async () => {
    const api = await KubernetesApi.of(await clusters.ofApp({ app: NAME, namespace: NAME }));
    const { server } = (await KubernetesApi.of({ kubeconfig: content })).named;
    assert.equal(api.named.server, server);
    const { items } = await api.json<{ items: { metadata: { name: string } }[] }>(
      `/apis/apps/v1/namespaces/${NAME}/deployments`,
      AbortSignal.timeout(20_000),
    );
    assert.deepEqual(
      items.map(({ metadata: { name } }) => name),
      [`${NAME}-v1`],
    );
    api.close();
  });
});
