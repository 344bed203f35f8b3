import assert from "node:assert/strict";
import type { OpMap, Stack } from "@pulumi/pulumi/automation";
import { CanaryApp, type CanaryAppArgs } from "../../../components";
import type { Engine } from "../../../sandbox/engine/engine";
import { type RunningLoad, sendMany, startLoad } from "../../../demo/load/generator";
import { countByVersion } from "../../../demo/load/shares";
import { KubernetesApi } from "../../../src/internal/kubernetes/api";
import type { PreviewReport } from "../../../src/preview/report/previewReport";
import { runPreview } from "../../../src/preview/run/runPreview";
import { DEFAULT_LIMITS } from "../../../src/preview/warnings/warning";
import { cluster } from "./cluster";
import { openInlineStack } from "./inlineStack";
import type { Kubectl } from "./kubectl";
import { type SharedMesh, sharedMesh } from "./mesh";
import { type Operation, upOperations } from "./operations";
import { providerBehaviour } from "./providerBehaviour";
import { assertNoneFailed, untilAnswered } from "./traffic";
import { refusalOf, until } from "./workload";

const LOAD_PER_SECOND = 50;
const LOAD_LIMIT_S = 120;

/** How long an `up` waits here for a version's pods, in seconds: long enough for a sound one on a busy machine. */
export const READY_SECONDS = 12;

/** Istio's control plane, for kubectl. */
export const ISTIOD = ["deployment/istiod", "-n", "istio-system"];

/** A version of the demo app. */
export const trial = (number: 1 | 2 | 3, more: Partial<CanaryAppArgs["versions"][number]> = {}) => ({
  name: `v${number}`,
  image: `docker.io/library/canary-demo:${number === 1 ? "1.0" : "2.0"}`,
  ...more,
});

/** What it is at first: everything to the first of two versions. */
export const SOUND: Partial<CanaryAppArgs> = { versions: [trial(1), trial(2)], weight: 0 };

/** With a third version, which has everything. */
export const WITH_THIRD: Partial<CanaryAppArgs> = {
  versions: [trial(1), trial(2), trial(3)],
  weights: { v1: 0, v2: 0, v3: 100 },
};

/** What the Kubernetes provider may be allowed: to take over what exists, to take fields from other managers. */
type ProviderPermission = "PULUMI_K8S_UPSERT_EXISTING_OBJECTS" | "PULUMI_K8S_ENABLE_PATCH_FORCE";

/** An app around which something breaks, in a stack of its own in the shared mesh. */
export class TroubledApp {
  readonly target: { url: string; headers: Record<string, string> };
  private asked = SOUND;

  private constructor(
    readonly name: string,
    readonly mesh: SharedMesh,
    /** Its stack; set by {@link start}. */
    public stack: Stack,
  ) {
    this.target = { url: `http://${mesh.address}/`, headers: { host: `${name}.example.com` } };
  }

  /** Brings it up sound. */
  static async start(engine: Engine, name: string): Promise<TroubledApp> {
    const mesh = await sharedMesh(engine);
    const stack = await openInlineStack(engine, name, async () => {
      const args = {
        versions: [trial(1)],
        hosts: [`${name}.example.com`],
        pod: { readinessProbe: { http: { path: "/ready" }, periodSeconds: 1 } },
        ...app.asked,
      };
      const transition = { settleSeconds: 0.5, drainSeconds: 1, readySeconds: READY_SECONDS };
      new CanaryApp(name, { ...args, transition, mesh: { install: false, gateway: { address: mesh.address } } });
    });
    const app = new TroubledApp(name, mesh, stack);
    await stack.up();
    await untilAnswered(app.target);
    return app;
  }

  get kubectl(): Kubectl {
    return this.mesh.kubectl;
  }

  /** Brings it to this; gives what changed. */
  async up(asked: Partial<CanaryAppArgs> = this.asked): Promise<Operation[]> {
    this.asked = asked;
    return upOperations(this.stack);
  }

  /** Tries to bring it to this, and fails; gives what the engine says. */
  async failingUp(asked: Partial<CanaryAppArgs> = this.asked): Promise<string> {
    this.asked = asked;
    return refusalOf(this.stack.up());
  }

  /** What a preview that looks at the cluster finds to do, by kind. */
  async previewed(): Promise<OpMap> {
    const { same: _, read: __, ...changes } = (await this.stack.preview({ refresh: true })).changeSummary;
    return changes;
  }

  /** What `canary preview` says of bringing it to this. */
  async reviewed(asked: Partial<CanaryAppArgs> = this.asked): Promise<PreviewReport> {
    this.asked = asked;
    const { kubeconfig } = await cluster();
    return runPreview(this.stack, {
      project: this.name,
      limits: DEFAULT_LIMITS,
      verify: async () => [],
      openApi: () => KubernetesApi.of({ kubeconfig }),
    });
  }

  /** Does something with a variable that tells the Kubernetes provider what it may do. */
  async permitting<T>(variable: ProviderPermission, work: () => Promise<T>): Promise<T> {
    const { envVars } = this.stack.workspace;
    envVars[variable] = "true";
    return work().finally(() => delete envVars[variable]);
  }

  /**
   * Asserts that the next `up`, which is to create an object that exists, heals: by itself where the provider takes
   * such an object over, else once it may; before, it is refused and says which object that is.
   */
  async assertTakenOver(existing: RegExp): Promise<void> {
    const { takesOverWhatExists } = await providerBehaviour();
    if (takesOverWhatExists) {
      await this.assertHealed();
    } else {
      assert.match(await this.failingUp(), existing);
      await this.permitting("PULUMI_K8S_UPSERT_EXISTING_OBJECTS", () => this.assertHealed());
    }
  }

  /** Asserts that the next `up` heals: that it works, and that nothing is left to do after it. */
  async assertHealed(asked: Partial<CanaryAppArgs> = this.asked): Promise<void> {
    await this.up(asked);
    assert.deepEqual(await this.previewed(), {});
    const { deployment } = await this.stack.exportStack();
    assert.deepEqual(deployment.pending_operations ?? [], []);
  }

  /** Which versions answer now, sorted: `1.0`, `2.0`; `failed` is one of them where requests fail. */
  async servedBy(): Promise<string[]> {
    return Object.keys(countByVersion(await sendMany(100, this.target))).sort();
  }

  /** Waits until all requests are answered by one version, as every proxy gets to know it. */
  async untilServedBy(version: string): Promise<void> {
    await until(`everything is answered by ${version}`, async () => (await this.servedBy()).join() === version);
  }

  /**
   * Waits until istiod does all of its work again: its pod is ready before every connection to its Service finds it,
   * and before it may give namespaces the root certificate without which no pod starts, for up to half a minute after
   * the one that went.
   */
  async untilIstiodAnswers(): Promise<void> {
    await this.kubectl.run("rollout", "status", ...ISTIOD, "--timeout=60s");
    const ask = () =>
      this.kubectl.run("label", "virtualservice", this.name, "asked=once", "-n", this.name, "--dry-run=server");
    await until("istiod's webhook answers", () =>
      ask().then(
        () => true,
        () => false,
      ),
    );
    const root = ["configmap", "istio-ca-root-cert", "-n", this.name, "--ignore-not-found"];
    await this.kubectl.run("delete", ...root);
    await until(
      "istiod gives namespaces their root certificate",
      async () => (await this.kubectl.run("get", ...root, "-o", "name")) !== "",
      60,
    );
  }

  /** Does something under load, of which no request may fail. */
  async underLoad<T>(work: () => Promise<T>): Promise<T> {
    const load: RunningLoad = startLoad(LOAD_PER_SECOND, LOAD_LIMIT_S, this.target);
    const result = await work().finally(() => load.stop());
    assertNoneFailed(await load.stop());
    return result;
  }

  /** One of its objects. */
  async object(kind: string, name = this.name): Promise<any> {
    return JSON.parse(await this.kubectl.run("get", kind, name, "-n", this.name, "-o", "json"));
  }

  /** Changes one of its objects as people do with kubectl. */
  async edit(kind: string, name: string, patch: object | object[]): Promise<void> {
    await this.kubectl.run(
      "patch",
      kind,
      name,
      "-n",
      this.name,
      `--type=${Array.isArray(patch) ? "json" : "merge"}`,
      "-p",
      JSON.stringify(patch),
    );
  }
}
