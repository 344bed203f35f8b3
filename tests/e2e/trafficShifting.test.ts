import assert from "node:assert/strict";
import { sendMany, startLoad } from "../../demo/load/generator";
import type { Answer } from "../../demo/load/request";
import type { Manifest } from "../../src/render/steps";
import { Istioctl } from "../unit/support/istioctl";
import { cluster } from "./support/cluster";
import { testEngine } from "./support/engine";
import { leftovers } from "./support/leftovers";
import { upOperations } from "./support/operations";
import { type ProgramUnderTest, openProgram } from "./support/program";
import { assertNoneFailed, assertSharesOf, pause, untilAnswered } from "./support/traffic";

const STACK = "e2e-shifting";
/** How many times all versions are replaced: a known race showed within three. `npm run test:all` does it ten times. */
const SWAPS = Number(process.env.SWAPS || 3);
const LOAD_PER_SECOND = 300;
const LOAD_LIMIT_S = 120;

describe("the program, by pulumi up on a real cluster", function () {
  this.timeout("60m");
  let program: ProgramUnderTest;
  let namesBefore: string[];
  let url: string;

  before(async () => {
    const engine = await testEngine();
    program = await openProgram(engine, STACK);
    namesBefore = await leftovers(program.kubectl);
  });

  it("installs Istio, the namespace, two versions and the routes in one up", async () => {
    const { outputs, summary } = await program.stack.up();
    assert.equal(summary.result, "succeeded");
    url = `${outputs.url.value}/api/v1/hello`;
    assert.deepEqual(outputs.weights.value, { v1: 75, v2: 25 });
    assert.equal(outputs.namespace.value, "myapp");
    assert.deepEqual(outputs.deployments.value, { v1: "myapp-v1", v2: "myapp-v2" });
    const labels = await program.kubectl.run(
      "get",
      "namespace",
      "myapp",
      "-o",
      "jsonpath={.metadata.labels.istio-injection}",
    );
    assert.equal(labels, "enabled");
  });

  it("shares 1,000 requests 75 to 25", async () => {
    await untilAnswered({ url });
    await assertSharesOf(() => sendMany(1000, { url }), { "1.0": 75, "2.0": 25 });
  });

  it("answers 404 where no route matches", async () => {
    const [answer] = await sendMany(1, { url: url.replace("/api/v1/hello", "/elsewhere") });
    assert.equal(answer.status, 404);
  });

  it("leaves nothing for istioctl to find in the cluster, which would find a host that is not there", async () => {
    const { kubeconfig } = await cluster();
    const istioctl = await Istioctl.ready();
    // For the other namespaces it reports that they have no sidecars, as intended.
    const found = async (more: Manifest[] = []) =>
      (await istioctl.analyzeCluster(kubeconfig, more)).filter(({ object }) => /^\w+ myapp(\/|$)/.test(object));
    assert.deepEqual(await found(), []);
    const spec = {
      hosts: ["lost.example.com"],
      http: [{ route: [{ destination: { host: "lost.myapp.svc.cluster.local" } }] }],
    };
    const lost = {
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: { name: "lost", namespace: "myapp" },
      spec,
    };
    const text = 'IST0101 Referenced host not found: "lost.myapp.svc.cluster.local"';
    assert.deepEqual(await found([lost]), [{ object: "VirtualService myapp/lost", text }]);
  });

  it("changes one resource for a weight, in two numbers, and the traffic follows", async () => {
    await program.configure({ weight: 50 });
    assert.deepEqual(await upOperations(program.stack), [
      {
        op: "update",
        type: "kubernetes:networking.istio.io/v1:VirtualService",
        name: "myapp-routes",
        changed: ["spec.http[0].route[0].weight", "spec.http[0].route[1].weight"],
      },
    ]);
    await pause(1000);
    await assertSharesOf(() => sendMany(1000, { url }), { "1.0": 50, "2.0": 50 });
  });

  it("changes nothing when nothing changed: preview, up, refresh", async () => {
    const preview = await program.stack.preview();
    assert.deepEqual(changesIn(preview.changeSummary), []);
    assert.deepEqual(await upOperations(program.stack), []);
    // The first refresh completes what Pulumi stores of the gateway's Service, which is only read and not managed.
    const first = await program.stack.refresh();
    const { same: _, update: completed = 0, ...others } = first.summary.resourceChanges ?? {};
    assert.deepEqual([completed <= 1, others], [true, {}]);
    const { summary } = await program.stack.refresh();
    assert.deepEqual(changesIn(summary.resourceChanges ?? {}), []);
    assert.deepEqual(await upOperations(program.stack), []);
  });

  it(`replaces every version in one up, ${SWAPS} times in a row, without a failed request`, async () => {
    const images = ["docker.io/library/canary-demo:1.0", "docker.io/library/canary-demo:2.0"];
    const only = (round: number) =>
      program.configure({ versions: [{ name: `v${round + 10}`, image: images[round % 2] }], weight: 0 });
    await only(0);
    await program.stack.up();
    const seen: Answer[] = [];
    for (let round = 1; round <= SWAPS; round++) {
      await only(round);
      const load = startLoad(LOAD_PER_SECOND, LOAD_LIMIT_S, { url });
      await pause(1000);
      const changes = await upOperations(program.stack).finally(() => pause(1000));
      const answers = await load.stop();
      assertNoneFailed(answers, `swap ${round}: `);
      assert.equal(changes.filter(({ op }) => op === "replace").length, 0);
      assert.equal(answers.at(-1)?.version, round % 2 === 0 ? "1.0" : "2.0");
      seen.push(...answers);
    }
    console.log(`      ${seen.length} requests, 0 failed`);
  });

  it("refuses a wrong weight and leaves cluster and state as they are", async () => {
    await program.configure({ weight: 101 });
    const before = await program.stack.exportStack();
    await assert.rejects(program.stack.up(), /canary-app:weight is 101/);
    assert.deepEqual((await program.stack.exportStack()).deployment.resources, before.deployment.resources);
    assert.equal((await sendMany(1, { url }))[0].status, 200);
  });

  it("leaves no namespace, webhook, secret or role behind when it is destroyed", async () => {
    const { summary } = await program.stack.destroy();
    assert.equal(summary.result, "succeeded");
    assert.deepEqual(await leftovers(program.kubectl), namesBefore);
  });
});

/** The kinds of change in a summary; the gateway's Service is read each time, for its address. */
function changesIn(summary: object): string[] {
  return Object.keys(summary).filter((kind) => !["same", "read"].includes(kind));
}
