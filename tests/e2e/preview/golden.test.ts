import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import type { Stack } from "@pulumi/pulumi/automation";
import { CanaryApp, type CanaryAppArgs } from "../../../components";
import { KubernetesApi } from "../../../src/internal/kubernetes/api";
import { markdown } from "../../../src/preview/report/markdown";
import type { PreviewReport } from "../../../src/preview/report/previewReport";
import { runPreview } from "../../../src/preview/run/runPreview";
import { unverifiable } from "../../../src/preview/run/verification";
import { cluster } from "../support/cluster";
import { testEngine } from "../support/engine";
import { openInlineStack } from "../support/inlineStack";
import { type SharedMesh, sharedMesh } from "../support/mesh";
import { BASE, CHANGES } from "./changes";

const STACK = "e2e-preview";
const VIRTUAL_SERVICE = ["virtualservice", "shop", "-n", "previewed"];

/** What previews say about kinds of change; written anew where UPDATE_GOLDEN is set. */
async function assertGolden(name: string, { text, ...rest }: { text: string }): Promise<void> {
  assert.deepEqual(rest, {});
  const file = join(__dirname, "golden", `${name}.md`);
  if (process.env.UPDATE_GOLDEN) {
    await writeFile(file, text);
  }
  assert.equal(
    text,
    await readFile(file, "utf8"),
    `${file} says otherwise; look at the difference, and set UPDATE_GOLDEN if it is right`,
  );
}

describe("what a preview says to reviewers, by the real engine", function () {
  this.timeout("20m");
  let stack: Stack;
  let mesh: SharedMesh;
  let asked: CanaryAppArgs;
  let beside: Record<string, string> | undefined;
  let kubeconfig: string;

  const preview = (file = kubeconfig): Promise<PreviewReport> =>
    runPreview(stack, {
      project: STACK,
      limits: { maxStep: 50 },
      verify: (signal = AbortSignal.timeout(10_000)) =>
        unverifiable(() => KubernetesApi.of({ kubeconfig: file }), signal),
    });

  /** All that a preview could have changed: the objects on the cluster, and the stack's state. */
  async function everything(): Promise<unknown> {
    const kinds =
      "all,serviceaccounts,virtualservices,destinationrules,gateways,peerauthentications,authorizationpolicies,configmaps,poddisruptionbudgets,horizontalpodautoscalers";
    const { items } = JSON.parse(await mesh.kubectl.run("get", kinds, "-n", "previewed", "-o", "json")) as {
      items: { kind: string; metadata: { name: string; generation?: number; uid: string } }[];
    };
    const objects = items
      .map(({ kind, metadata: { name, generation, uid } }) => `${kind} ${name} ${generation} ${uid}`)
      .sort();
    const { deployment } = await stack.exportStack();
    return { objects, resources: deployment.resources };
  }

  before(async () => {
    const engine = await testEngine();
    mesh = await sharedMesh(engine);
    ({ kubeconfig } = await cluster());
    stack = await openInlineStack(engine, STACK, async () => {
      // With the gateway's address, or it would be read from the cluster, which is not always there.
      new CanaryApp("shop", { ...asked, mesh: { install: false, gateway: { address: mesh.address } } });
      if (beside !== undefined) {
        new k8s.core.v1.ConfigMap("beside", { metadata: { name: "beside", namespace: "default" }, data: beside });
      }
    });
  });
  beforeEach(() => {
    asked = BASE;
    beside = undefined;
  });

  it("of a first deployment, before anything is there", async () =>
    assertGolden("a-first-deployment", { text: markdown(await preview()) }));

  describe("of a change to what is there", () => {
    let untouched: unknown;
    before(async () => {
      asked = BASE;
      await stack.up();
      untouched = await everything();
    });

    for (const [name, change] of Object.entries(CHANGES)) {
      it(`${name.replaceAll("-", " ")}`, async () => {
        asked = { ...BASE, ...change };
        await assertGolden(name, { text: markdown(await preview()) });
      });
    }

    it("to something outside of the app", async () => {
      beside = { key: "value" };
      await assertGolden("outside-of-the-app", { text: markdown(await preview()) });
    });

    it("without changing anything, whatever was previewed", async () =>
      assert.deepEqual(await everything(), untouched));
  });

  describe("of what somebody else did", () => {
    it("of a weight that somebody else has changed on the cluster", async () => {
      await mesh.kubectl.run(
        "patch",
        ...VIRTUAL_SERVICE,
        "--type=json",
        "-p",
        '[{"op":"replace","path":"/spec/http/1/route/0/weight","value":60},{"op":"replace","path":"/spec/http/1/route/1/weight","value":40}]',
      );
      await assertGolden("drift", { text: markdown(await preview()) });
    });

    it("of an object that somebody else has deleted", async () => {
      await mesh.kubectl.run("delete", ...VIRTUAL_SERVICE);
      await assertGolden("a-deleted-object", { text: markdown(await preview()) });
    });
  });

  describe("where nobody can verify it", () => {
    it("because the cluster cannot be reached: says so, and what would change", async () => {
      asked = { ...BASE, weight: 50 };
      const nowhere = join(__dirname, "../support/nowhere.kubeconfig");
      const { workspace } = stack;
      const kept = workspace.envVars.KUBECONFIG;
      workspace.envVars.KUBECONFIG = nowhere;
      try {
        await assertGolden("without-a-cluster", { text: markdown(await preview(nowhere)) });
      } finally {
        workspace.envVars.KUBECONFIG = kept;
      }
    });
  });
});
