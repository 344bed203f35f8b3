import { rm } from "node:fs/promises";
import type { Stack } from "@pulumi/pulumi/automation";
import { configFile, openProgramStack, type StackPlace, writeStackConfig } from "../../../../demo/programStack";
import { forgetRuns } from "../../../e2e/support/stackFiles";
import { APP, environmentOf, HOST, IMAGE, NAMESPACE, REPLICAS } from "../app";
import type { Ground } from "../contender";
import type { Shares } from "./weighted";

const STACK = "prove-rivals";

/** The stack of this repository's own program, with the same app. */
export class CanaryStack {
  private constructor(
    readonly place: StackPlace,
    private readonly stack: Stack,
    private readonly address: string,
  ) {}

  static async open({ kubeconfig, address, engine, folder }: Ground, shares: Shares): Promise<CanaryStack> {
    await forgetRuns(STACK);
    const place = { name: STACK, stateFolder: folder, kubeconfig, config: configOf(shares, address) };
    const stack = await openProgramStack(place, engine);
    await stack.up();
    return new CanaryStack(place, stack, address);
  }

  /** Writes versions and weights into the config. */
  async configure(shares: Shares): Promise<void> {
    await writeStackConfig({ ...this.place, config: configOf(shares, this.address) });
  }

  /** The same, followed by one `up` by the Automation API in this process. */
  async up(shares: Shares): Promise<void> {
    await this.configure(shares);
    await this.stack.up();
  }

  async close(): Promise<void> {
    await this.stack.destroy();
    await forgetRuns(STACK);
    await rm(configFile(STACK), { force: true });
  }
}

function configOf(shares: Shares, address: string): Record<string, unknown> {
  const versions = Object.keys(shares).map((name) => ({
    name,
    image: IMAGE,
    replicas: REPLICAS,
    pod: { env: environmentOf(name), readinessProbe: { http: { path: "/ready" }, periodSeconds: 1 } },
  }));
  return {
    appName: APP,
    namespace: { name: NAMESPACE },
    hosts: [HOST],
    versions,
    weight: 0,
    weights: shares,
    routes: [{}],
    trafficPolicy: {},
    mesh: { install: false, gateway: { address } },
  };
}
