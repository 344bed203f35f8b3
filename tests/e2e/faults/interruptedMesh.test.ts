import assert from "node:assert/strict";
import type { Stack } from "@pulumi/pulumi/automation";
import { openProgramStack, type StackPlace, writeStackConfig } from "../../../demo/programStack";
import type { Engine } from "../../../sandbox/engine/engine";
import { cluster } from "../support/cluster";
import { testEngine } from "../support/engine";
import { type Ended, UpProcess } from "../support/interrupted";
import { Kubectl } from "../support/kubectl";
import { emptyCluster } from "../support/program";
import { untilAnswered } from "../support/traffic";
import { until } from "../support/workload";

const STACK = "e2e-interrupted-mesh";
const GATEWAY = "istio-ingressgateway";

/** How an `up` is cut off. */
const CUTS: readonly [how: string, cut: (up: UpProcess) => Promise<Ended>][] = [
  ["kill -9", (up) => up.kill()],
  ["Ctrl-C", (up) => up.interrupt()],
];

describe("an up that is cut off while it waits for Istio's gateway", function () {
  this.timeout("15m");
  let engine: Engine;
  let kubectl: Kubectl;
  let place: StackPlace;
  let stack: Stack;
  let mesh: { gatewayValues: object };

  before(async () => {
    engine = await testEngine();
  });

  /** The stack on a cluster with nothing on it. */
  async function onEmptyCluster(): Promise<void> {
    const target = await emptyCluster();
    mesh = target.mesh as unknown as typeof mesh;
    const { kubeconfig, stateFolder } = await cluster();
    kubectl = new Kubectl(target.kubectl, kubeconfig);
    place = { name: STACK, stateFolder, kubeconfig };
    stack = await openProgramStack({ ...place, config: { mesh } }, engine);
    // Objects that a killed `up` has created without recording them exist already.
    stack.workspace.envVars.PULUMI_K8S_UPSERT_EXISTING_OBJECTS = "true";
  }

  /** Starts an `up` whose gateway pods fit on no node, and cuts it off while it waits for them. */
  async function cutOff(cut: (up: UpProcess) => Promise<Ended>, status: string): Promise<void> {
    const gatewayValues = { ...mesh.gatewayValues, resources: { requests: { cpu: "1000" }, limits: { cpu: "2000" } } };
    await writeStackConfig({ ...place, config: { mesh: { ...mesh, gatewayValues } } });
    const up = new UpProcess(engine, place);
    const waits = async () => (up.runs ? (await statusOf()).includes(status) : assert.fail((await up.end()).output));
    await until(`the gateway's Release is ${status}`, waits, 120);
    const { code, output } = await cut(up);
    assert.notEqual(code, 0, output);
    await stack.cancel(); // takes away the lock of a process that is no more
  }

  /** The states of Helm's records of the gateway's Release. */
  async function statusOf(): Promise<string[]> {
    const selector = `owner=helm,name=${GATEWAY}`;
    const text = await kubectl.run(
      "get",
      "secrets",
      "-A",
      "-l",
      selector,
      "-o",
      "jsonpath={.items[*].metadata.labels.status}",
    );
    return text.split(" ").filter((status) => status !== "");
  }

  /** Brings it up, unchanged or with other arguments, and asserts that Istio is complete. */
  async function assertHealed(options: { refresh?: boolean; gatewayValues?: object } = {}): Promise<void> {
    const gatewayValues = { ...mesh.gatewayValues, ...options.gatewayValues };
    await writeStackConfig({ ...place, config: { mesh: { ...mesh, gatewayValues } } });
    const { outputs } = await stack.up({ refresh: options.refresh });
    await untilAnswered({ url: `${outputs.url.value}/api/v1/hello` });
    assert.deepEqual(
      (await statusOf()).filter((status) => status !== "superseded" && status !== "failed"),
      ["deployed"],
    );
    const { same: _, read: __, ...changes } = (await stack.preview()).changeSummary;
    assert.deepEqual(changes, {});
  }

  for (const [how, cut] of CUTS) {
    it(`for the first time, by ${how}, is made again by the next one`, async () => {
      await onEmptyCluster();
      await cutOff(cut, "pending-install");
      await assertHealed();
    });

    it(`for an upgrade, by ${how}, is made by the next one that changes it`, async () => {
      await cutOff(cut, "pending-upgrade");
      await assertHealed({ gatewayValues: { resources: { requests: { cpu: "20m" } } } });
    });
  }

  it("for an upgrade, by kill -9, is taken back by the next one that looks at the cluster", async () => {
    await assertHealed();
    await cutOff((up) => up.kill(), "pending-upgrade");
    await assertHealed({ refresh: true });
  });

  it("destroys what was made again", async () => {
    await stack.destroy();
    assert.deepEqual(await statusOf(), []);
  });
});
