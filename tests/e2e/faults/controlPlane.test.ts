import assert from "node:assert/strict";
import { requireEngine } from "../support/program";
import { SOUND, TroubledApp } from "../support/troubledApp";

const ISTIOD = ["deployment/istiod", "-n", "istio-system"];

describe("an up while Istio's control plane is away", function () {
  this.timeout("10m");
  let app: TroubledApp;

  before(async function () {
    app = await TroubledApp.start(await requireEngine(this), "headless");
  });
  after(() => app?.remove());

  async function scale(replicas: number): Promise<void> {
    await app.kubectl.run("scale", ...ISTIOD, `--replicas=${replicas}`);
    await (replicas === 0
      ? app.kubectl.run("wait", "--for=delete", "pods", "-l", "app=istiod", "-n", "istio-system", "--timeout=60s")
      : app.kubectl.run("rollout", "status", ...ISTIOD, "--timeout=60s"));
  }

  it("fails with what refused it, while the traffic goes on as it was; the next up makes the change", async () => {
    await app.underLoad(async () => {
      await scale(0);
      try {
        const said = await app.failingUp({ ...SOUND, weight: 100 });
        assert.match(said, /failed calling webhook "\S*istio\.io"/);
        assert.deepEqual(await app.servedBy(), ["1.0"]);
      } finally {
        await scale(1);
      }
    });
    await app.assertHealed();
    await app.untilServedBy("2.0");
  });
});
