import { pause } from "../../../e2e/support/traffic";
import {
  APP,
  destinationRule,
  GATEWAY,
  LEAST_SUCCESS,
  NAMESPACE,
  NAMESPACE_OBJECT,
  podTemplate,
  REPLICAS,
  SERVICE,
  virtualService,
} from "../app";
import { type Contender, FIRST_SHARE, type Ground, type Running, STEPS } from "../contender";
import { ControllerProcess } from "../controllerProcess";
import { untilField } from "../waiting";

const API = "argoproj.io/v1alpha1";
const CONTROLLER_NAMESPACE = "argo-rollouts";

/** Argo Rollouts, splitting by subsets as its documentation recommends for Istio. */
export const argoRollouts: Contender = {
  name: "argo-rollouts",
  title: "Argo Rollouts 1.9.0",
  setup:
    "split by subsets; steps with pauses of 1 s; the bad version evaluated by a background analysis that queries Prometheus every second and fails at the third failed measurement",
  review:
    "the diff of the Rollout's manifest: its steps and the new image; the controller sets the weights, so they are in no diff",
  asked: "indefinite pauses, and `promote` for each step",
  aftermath: 40,
  open: async (ground) => {
    await Promise.all(
      [NAMESPACE, CONTROLLER_NAMESPACE].map((name) =>
        ground.kubectl.apply({ ...NAMESPACE_OBJECT, metadata: { ...NAMESPACE_OBJECT.metadata, name } }),
      ),
    );
    const controller = await ControllerProcess.start("argo-rollouts", ground, [
      "--healthzPort=18080",
      "--metricsPort=18090",
    ]);
    return new ArgoRollouts(ground, controller).open();
  },
};

const PAUSED = STEPS.flatMap((setWeight) => [{ setWeight }, { pause: {} }]);
const QUICK = STEPS.flatMap((setWeight) => [{ setWeight }, { pause: { duration: "1s" } }]);
const HELD = [{ setWeight: FIRST_SHARE }, { pause: { duration: "60s" } }];

class ArgoRollouts implements Running {
  private current = "v1";

  constructor(
    private readonly ground: Ground,
    private readonly controller: ControllerProcess,
  ) {}

  async open(): Promise<this> {
    const { kubectl } = this.ground;
    const rule = destinationRule({ stable: { app: APP }, canary: { app: APP } });
    for (const object of [SERVICE, GATEWAY, rule, virtualService({ stable: 100, canary: 0 }), this.analysis()]) {
      await kubectl.apply(object);
    }
    await this.update("v1", QUICK);
    await this.until("Healthy");
    return this;
  }

  async begin(version: string): Promise<void> {
    await this.update(version, PAUSED);
    await this.held(FIRST_SHARE);
  }

  /** Like its command line plugin. */
  async step(share: number): Promise<void> {
    await this.patchStatus({ pauseConditions: null });
    await this.held(share);
  }

  async back(): Promise<void> {
    await this.patchStatus({ abort: true });
    await this.hasWeight(0);
    await pause(1000);
    await this.update(this.current, QUICK);
    await this.until("Healthy");
  }

  async rollOut(version: string): Promise<void> {
    await this.update(version, QUICK);
    await this.completed(version);
  }

  async replace(version: string): Promise<void> {
    await this.update(version, [{ setWeight: 100 }]);
    await this.completed(version);
  }

  async rollOutBad(version: string): Promise<void> {
    const args = [{ name: "hash", valueFrom: { podTemplateHashValue: "Latest" } }];
    await this.update(version, HELD, { analysis: { templates: [{ templateName: "errors" }], args, startingStep: 1 } });
    await this.until("Degraded");
    await this.hasWeight(0);
  }

  processes(): number[] {
    return [this.controller.pid];
  }

  async close(): Promise<void> {
    await this.ground.kubectl.run("delete", "namespace", NAMESPACE, CONTROLLER_NAMESPACE);
    await this.controller.stop();
  }

  private async update(version: string, steps: readonly object[], more: object = {}): Promise<void> {
    const istio = {
      virtualService: { name: APP, routes: ["primary"] },
      destinationRule: { name: APP, canarySubsetName: "canary", stableSubsetName: "stable" },
    };
    await this.ground.kubectl.apply({
      apiVersion: API,
      kind: "Rollout",
      metadata: { name: APP, namespace: NAMESPACE },
      spec: {
        replicas: REPLICAS,
        selector: { matchLabels: { app: APP } },
        template: podTemplate(version, {}),
        strategy: { canary: { maxUnavailable: 0, trafficRouting: { istio }, steps, ...more } },
      },
    });
  }

  private analysis(): object {
    const pods = `rival-{{args.hash}}-.*`;
    const rate = (more: string) => `sum(increase(demo_requests_total{pod=~"${pods}"${more}}[10s]))`;
    const query = `(${rate(',code!~"5.."')} / ${rate("")} * 100) or vector(100)`;
    const metric = {
      name: "errors",
      interval: "1s",
      failureLimit: 2,
      successCondition: `isNaN(result[0]) || result[0] >= ${LEAST_SUCCESS}`,
      provider: { prometheus: { address: this.ground.prometheus.url, query } },
    };
    return {
      apiVersion: API,
      kind: "AnalysisTemplate",
      metadata: { name: "errors", namespace: NAMESPACE },
      spec: { args: [{ name: "hash" }], metrics: [metric] },
    };
  }

  private async patchStatus(status: object): Promise<void> {
    await this.ground.kubectl.run(
      "patch",
      "rollout",
      APP,
      "-n",
      NAMESPACE,
      "--subresource=status",
      "--type=merge",
      "-p",
      JSON.stringify({ status }),
    );
  }

  private async completed(version: string): Promise<void> {
    this.current = version;
    await pause(1000);
    await this.until("Healthy");
  }

  private until(phase: string): Promise<void> {
    return untilField(this.ground.kubectl, `rollout/${APP}`, ".status.phase", phase);
  }

  /** The weight is set before the pause begins, and a pause that has not begun cannot be ended. */
  private async held(share: number): Promise<void> {
    await this.hasWeight(share);
    await this.until("Paused");
  }

  private hasWeight(share: number): Promise<void> {
    return untilField(this.ground.kubectl, `virtualservice/${APP}`, ".spec.http[0].route[1].weight", share);
  }
}
