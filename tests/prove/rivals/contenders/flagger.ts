import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pause } from "../../../e2e/support/traffic";
import { APP, GATEWAY, HOST, LEAST_SUCCESS, NAMESPACE, NAMESPACE_OBJECT, podTemplate, REPLICAS, RETRIES } from "../app";
import { type Contender, FIRST_SHARE, type Ground, type Running } from "../contender";
import { ControllerProcess } from "../controllerProcess";
import { untilField } from "../waiting";

/** Flagger, with the shortest interval that it allows. */
export const flagger: Contender = {
  name: "flagger",
  title: "Flagger 1.36.1",
  setup:
    "interval 10 s, its shortest; `stepWeight` 20, `maxWeight` 80; a MetricTemplate on Prometheus; `threshold` 1: the first failed check rolls back",
  review:
    "the diff of the Deployment's image; the steps are in the Canary; the controller sets the weights, so they are in no diff",
  asked: "webhooks for `confirm-traffic-increase` and `rollback`, which are called at each interval",
  aftermath: 30,
  open: async (ground) => {
    await ground.kubectl.apply(NAMESPACE_OBJECT);
    const args = [
      "-kubeconfig",
      ground.kubeconfig,
      "-metrics-server",
      ground.prometheus.url,
      "-mesh-provider",
      "istio",
      "-namespace",
      NAMESPACE,
      "-port",
      "18081",
      "-log-level",
      "info",
    ];
    const controller = await ControllerProcess.start("flagger", ground, args);
    return new Flagger(ground, controller, await Doors.open()).open();
  },
};

/** The responses to its webhooks: 200 for yes, 403 for no. */
class Doors {
  /** How many more steps are allowed. */
  steps = Infinity;
  rollback = false;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async open(): Promise<Doors> {
    const server = createServer((request, response) =>
      response.writeHead(doors.asked(request.url ?? "") ? 200 : 403).end(),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const doors = new Doors(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return doors;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private asked(what: string): boolean {
    return what === "/rollback" ? this.rollback : this.steps-- > 0;
  }
}

class Flagger implements Running {
  private attempts = 0;

  constructor(
    private readonly ground: Ground,
    private readonly controller: ControllerProcess,
    private readonly doors: Doors,
  ) {}

  async open(): Promise<this> {
    for (const object of [GATEWAY, this.template(), this.canary(false)]) {
      await this.ground.kubectl.apply(object);
    }
    await this.deploy("v1");
    await this.until("Initialized");
    return this;
  }

  async begin(version: string): Promise<void> {
    this.doors.steps = 1;
    await this.deploy(version);
    await this.hasWeight(FIRST_SHARE);
    this.doors.steps = 0;
  }

  async step(share: number): Promise<void> {
    this.doors.steps = 1;
    await this.hasWeight(share);
    this.doors.steps = 0;
  }

  async back(): Promise<void> {
    this.doors.rollback = true;
    await this.until("Failed");
    this.doors.rollback = false;
    this.doors.steps = Infinity;
  }

  async rollOut(version: string): Promise<void> {
    await this.deploy(version);
    await this.progressed("Succeeded");
  }

  async replace(version: string): Promise<void> {
    await this.ground.kubectl.apply(this.canary(true));
    await this.deploy(version);
    await this.progressed("Succeeded");
    await this.ground.kubectl.apply(this.canary(false));
  }

  async rollOutBad(version: string): Promise<void> {
    await this.deploy(version);
    await this.progressed("Failed");
  }

  processes(): number[] {
    return [this.controller.pid];
  }

  async close(): Promise<void> {
    await this.ground.kubectl.run("delete", "namespace", NAMESPACE);
    await this.controller.stop();
    this.doors.close();
  }

  /**
   * A version that was rolled back is tried again only if something about it changed. The app itself implements its
   * drain, because this version of Flagger does not support a sleep as preStop hook and leaves an empty field in its
   * copy of the Deployment.
   */
  private async deploy(version: string): Promise<void> {
    const spec = {
      replicas: REPLICAS,
      selector: { matchLabels: { app: APP } },
      strategy: { rollingUpdate: { maxUnavailable: 0 } },
      template: podTemplate(version, {}, { attempt: String(++this.attempts) }, "app"),
    };
    await this.ground.kubectl.apply({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: APP, namespace: NAMESPACE },
      spec,
    });
  }

  private canary(skipAnalysis: boolean): object {
    const webhooks = [
      ["go", "confirm-traffic-increase"],
      ["rollback", "rollback"],
    ].map(([name, type]) => ({ name, type, url: `${this.doors.url}/${name}` }));
    const metrics = [
      { name: "errors", templateRef: { name: "errors" }, thresholdRange: { min: LEAST_SUCCESS }, interval: "10s" },
    ];
    return {
      apiVersion: "flagger.app/v1beta1",
      kind: "Canary",
      metadata: { name: APP, namespace: NAMESPACE },
      spec: {
        provider: "istio",
        skipAnalysis,
        targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: APP },
        service: {
          port: 80,
          targetPort: 8080,
          portName: "http",
          gateways: [`${NAMESPACE}/${APP}`],
          hosts: [HOST],
          retries: RETRIES,
        },
        analysis: { interval: "10s", threshold: 1, stepWeight: FIRST_SHARE, maxWeight: 80, metrics, webhooks },
      },
    };
  }

  private template(): object {
    const rate = (more: string) =>
      `sum(increase(demo_requests_total{pod=~"{{ target }}-[0-9a-z]+-[0-9a-z]+",pod!~"{{ target }}-primary-.*"${more}}[{{ interval }}]))`;
    const query = `((${rate(',code!~"5.."')} / (${rate("")} > 0)) * 100) or on() vector(100)`;
    return {
      apiVersion: "flagger.app/v1beta1",
      kind: "MetricTemplate",
      metadata: { name: "errors", namespace: NAMESPACE },
      spec: { provider: { type: "prometheus", address: this.ground.prometheus.url }, query },
    };
  }

  /** It has to notice the change first. */
  private async progressed(end: string): Promise<void> {
    await this.until("Progressing");
    await this.until(end);
    await pause(1000);
  }

  private until(phase: string): Promise<void> {
    return untilField(this.ground.kubectl, `canary/${APP}`, ".status.phase", phase);
  }

  private hasWeight(share: number): Promise<void> {
    return untilField(this.ground.kubectl, `virtualservice/${APP}`, ".spec.http[0].route[1].weight", share);
  }
}
