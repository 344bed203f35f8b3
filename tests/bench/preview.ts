import * as k8s from "@pulumi/kubernetes";
import type { PreviewOptions, PreviewResult, Stack } from "@pulumi/pulumi/automation";
import { CanaryApp } from "../../components";
import { useEngine } from "../../sandbox/engine/findEngine";
import { KubernetesApi } from "../../src/internal/kubernetes/api";
import { markdown } from "../../src/preview/report/markdown";
import { runPreview } from "../../src/preview/run/runPreview";
import { unverifiable } from "../../src/preview/run/verification";
import { DEFAULT_LIMITS } from "../../src/preview/warnings/warning";
import { cluster, endCluster } from "../e2e/support/cluster";
import { openInlineStack } from "../e2e/support/inlineStack";
import { sharedMesh } from "../e2e/support/mesh";
import { describe, median } from "./measuring";

const STACK = "bench-preview";
const APPS = 10;
const RESOURCES = 200;
const ROUNDS = 10;

/**
 * What a preview of a stack of 200 resources takes beside the engine's own: to ask whether the cluster can verify it,
 * and to make the report of what the engine tells. Of ten apps the weights change. It asserts nothing.
 */
async function main(): Promise<void> {
  const engine = await useEngine();
  const { address } = await sharedMesh(engine);
  const { kubeconfig } = await cluster();
  let weight = 25;
  let fill = 0;
  const stack = await openInlineStack(engine, STACK, async () => {
    for (let app = 0; app < APPS; app++) {
      new CanaryApp(`app${app}`, { ...appOf(app, weight), mesh: { install: false, gateway: { address } } });
    }
    for (let index = 0; index < fill; index++) {
      new k8s.core.v1.ConfigMap(`filler${index}`, {
        metadata: { name: `filler${index}`, namespace: "default" },
        data: { index: String(index) },
      });
    }
  });
  try {
    await stack.up();
    fill = RESOURCES - (await stack.exportStack()).deployment.resources.length;
    await stack.up();
    weight = 50;
    await measure(stack, kubeconfig);
  } finally {
    await stack.destroy();
    await endCluster();
  }
}

/** Without sidecars: pods are no part of a preview, and the machine has other things to do. */
function appOf(app: number, weight: number) {
  const version = (name: string) => ({ name, image: "docker.io/library/canary-demo:1.0" });
  return {
    versions: [version("v1"), version("v2")],
    weight,
    hosts: [`app${app}.example.com`],
    namespace: { inject: false },
  };
}

async function measure(stack: Stack, kubeconfig: string): Promise<void> {
  const engines: number[] = [];
  const ours: number[] = [];
  const timed = timedPreviews(stack, engines);
  let told = "";
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    const verify = (signal = AbortSignal.timeout(10_000)) =>
      unverifiable(() => KubernetesApi.of({ kubeconfig }), signal);
    const report = await runPreview(timed, { project: STACK, limits: DEFAULT_LIMITS, verify });
    markdown(report);
    ours.push((performance.now() - start) / 1000 - engines[round]);
    const { update, same } = report.counts;
    told = `${update} to update, ${same} unchanged`;
  }
  console.log(
    `a preview of ${told}: the engine's part ${describe(engines)}, ours ${describe(ours)}, ${((median(ours) / median(engines)) * 100).toFixed(1)}% of it`,
  );
}

/** The stack, with the seconds that its previews take told. */
function timedPreviews(stack: Stack, seconds: number[]): Stack {
  const preview = stack.preview.bind(stack);
  stack.preview = async (options?: PreviewOptions): Promise<PreviewResult> => {
    const start = performance.now();
    try {
      return await preview(options);
    } finally {
      seconds.push((performance.now() - start) / 1000);
    }
  };
  return stack;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
