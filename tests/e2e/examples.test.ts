import assert from "node:assert/strict";
import { bookinfoReviews } from "./examples/bookinfoReviews";
import { cloudNativeStarter } from "./examples/cloudNativeStarter";
import { trafficPolicies } from "./examples/trafficPolicies";
import { trafficShifting } from "./examples/trafficShifting";
import { type Caller, endCallers, startCallers } from "./support/callers";
import { testEngine } from "./support/engine";
import { type ExampleUnderTest, openExample } from "./support/example";
import { Kubectl } from "./support/kubectl";
import { leftovers } from "./support/leftovers";
import { emptyCluster } from "./support/program";
import { Istioctl } from "../unit/support/istioctl";

/** The host of the example that shares the gateway with one for every host. */
const STARTER_HOST = "starter.example.com";

const NAMESPACES = ["cloud-native-starter", "myapp", "bookinfo", "hello-world"];

describe("the examples, by the commands of their READMEs", function () {
  this.timeout("20m");
  let kubectl: Kubectl;
  let kubeconfig: string;
  let namesBefore: string[];
  let caller: Caller;
  /** The one that brings the mesh. */
  let starter: ExampleUnderTest | undefined;
  /** Those that join it. */
  const others: Record<string, ExampleUnderTest> = {};

  before(async () => {
    const engine = await testEngine();
    const target = await emptyCluster();
    const { mesh } = target;
    ({ kubeconfig } = target);
    kubectl = new Kubectl(target.kubectl, kubeconfig);
    namesBefore = await leftovers(kubectl);
    // Without the gateway's address, so that reading it from its Service is tested too.
    starter = await openExample(engine, "cloud-native-starter", {
      mesh: { ...mesh, gateway: {} },
      hosts: [STARTER_HOST],
    });
    await starter.bringUp();
    for (const name of ["traffic-shifting", "bookinfo-reviews", "traffic-policies"]) {
      others[name] = await openExample(engine, name, { mesh: { install: false } });
    }
    const ups = Object.values(others).map((example) => example.bringUp());
    const [{ productpage }] = await Promise.all([startCallers(kubectl, { productpage: {} }), ...ups]);
    caller = productpage;
  });

  it("leave nothing for istioctl to find in the cluster", async () => {
    const found = await (await Istioctl.ready()).analyzeCluster(kubeconfig);
    // Of the other namespaces it says that they have no sidecars, which they should not have.
    assert.deepEqual(
      found.filter(({ object }) => NAMESPACES.some((name) => new RegExp(`^\\w+ ${name}(/|$)`).test(object))),
      [],
    );
  });

  cloudNativeStarter(() => ({ example: starter as ExampleUnderTest, host: STARTER_HOST }));
  trafficShifting(() => others["traffic-shifting"]);
  trafficPolicies(() => ({ example: others["traffic-policies"], kubectl }));
  bookinfoReviews(() => ({ example: others["bookinfo-reviews"], kubectl, caller }));

  // In a suite of its own: mocha runs a suite's own tests before those of the suites in it.
  describe("destroyed", () => {
    it("leave nothing behind but Istio's definitions", async () => {
      await Promise.all([...Object.values(others).map((example) => example.destroy()), endCallers(kubectl)]);
      await starter?.destroy();
      assert.deepEqual(await leftovers(kubectl), namesBefore);
    });
  });
});
