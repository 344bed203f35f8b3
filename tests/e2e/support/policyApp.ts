import assert from "node:assert/strict";
import type { EngineEvent, Stack } from "@pulumi/pulumi/automation";
import { CanaryApp, type CanaryAppArgs, type TrafficPolicyArgs, type VersionArgs } from "../../../components";
import type { Engine } from "../../../sandbox/engine/engine";
import { openInlineStack } from "./inlineStack";
import type { Kubectl } from "./kubectl";
import { type SharedMesh, sharedMesh } from "./mesh";
import { podsOf, switchPod } from "./pods";
import { pause, untilAnswered } from "./traffic";

/** How many pods each version has. */
export const PODS = 3;

/** How long every proxy may take to follow a change of a policy, in milliseconds. */
const FOLLOW_MS = 1500;

/** The demo app, whose policies a suite changes from test to test. */
export class PolicyApp {
  /** Where it is called. */
  readonly url: string;
  readonly host: string;
  /** The pods of v1. */
  pods: string[] = [];
  private asked: Partial<CanaryAppArgs> = {};
  private stack?: Stack;

  private constructor(
    readonly name: string,
    private readonly mesh: SharedMesh,
  ) {
    this.url = `http://${mesh.address}/`;
    this.host = `${name}.example.com`;
  }

  /** Brings it up in the shared mesh, with RANDOM pods. */
  static async start(engine: Engine, name: string): Promise<PolicyApp> {
    const app = new PolicyApp(name, await sharedMesh(engine));
    app.stack = await openInlineStack(engine, name, async () => {
      const args = { versions: [app.version("v1")], hosts: [app.host], ...app.asked };
      new CanaryApp(name, { ...args, mesh: { install: false, gateway: { address: app.mesh.address } } });
    });
    await app.apply({ trafficPolicy: { loadBalancer: "RANDOM" } });
    await untilAnswered(app.target);
    app.pods = await podsOf(app.kubectl, name, "v1");
    assert.equal(app.pods.length, PODS);
    return app;
  }

  get kubectl(): Kubectl {
    return this.mesh.kubectl;
  }

  /** What load is sent with. */
  get target(): { url: string; headers: Record<string, string> } {
    return { url: this.url, headers: { host: this.host } };
  }

  /** A version with three pods. */
  version(name: string, trafficPolicy?: TrafficPolicyArgs): VersionArgs {
    return { name, image: "docker.io/library/canary-demo:1.0", replicas: PODS, trafficPolicy };
  }

  /**
   * Brings it to one version under a service's policy, or what else is asked for; gives the warnings about the app,
   * each once.
   */
  async apply(asked: Partial<CanaryAppArgs>): Promise<string[]> {
    const events: EngineEvent[] = [];
    this.asked = asked;
    await this.stack?.up({ onEvent: (event) => void events.push(event) });
    await pause(FOLLOW_MS);
    const told = events.flatMap(({ diagnosticEvent }) =>
      diagnosticEvent?.severity === "warning" && diagnosticEvent.urn?.includes("canary-app:index:CanaryApp::")
        ? [diagnosticEvent.message]
        : [],
    );
    return [...new Set(told)];
  }

  /** Does something while a pod answers otherwise than the others, e.g. with `delay=200ms` or `error=100`. */
  async withPod<T>(pod: string, how: string, back: string, work: () => Promise<T>): Promise<T> {
    await switchPod(this.kubectl, this.name, pod, how);
    try {
      return await work();
    } finally {
      await switchPod(this.kubectl, this.name, pod, back);
    }
  }

  /** The cluster of v1 as the gateway's proxy has it in force. */
  async gatewayCluster(): Promise<any> {
    const [namespace, pod] = (
      await this.kubectl.run(
        "get",
        "pods",
        "-A",
        "-l",
        "istio=ingressgateway",
        "-o",
        "jsonpath={.items[0].metadata.namespace} {.items[0].metadata.name}",
      )
    ).split(" ");
    const query = "config_dump?resource=dynamic_active_clusters";
    const dump = JSON.parse(
      await this.kubectl.run("exec", "-n", namespace, pod, "--", "pilot-agent", "request", "GET", query),
    );
    return dump.configs.find(
      ({ cluster }: any) => cluster.name === `outbound|80|v1|${this.name}.${this.name}.svc.cluster.local`,
    )?.cluster;
  }
}
