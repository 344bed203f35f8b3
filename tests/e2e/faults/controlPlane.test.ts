import assert from "node:assert/strict";
import { testEngine } from "../support/engine";
import { ISTIOD, SOUND, TroubledApp } from "../support/troubledApp";

describe("an up while Istio's control plane is away", function () {
  this.timeout("10m");
  let app: TroubledApp;

  before(async () => {
    app = await TroubledApp.start(await testEngine(), "headless");
  });

  it("fails with what refused it, while the traffic goes on as it was; the next up makes the change", async () => {
    await app.underLoad(async () => {
      await app.kubectl.run("scale", ...ISTIOD, "--replicas=0");
      await app.kubectl.run("wait", "--for=delete", "pods", "-l", "app=istiod", "-n", "istio-system", "--timeout=60s");
      try {
        const said = await app.failingUp({ ...SOUND, weight: 100 });
        assert.match(said, /failed calling webhook "\S*istio\.io"/);
        assert.deepEqual(await app.servedBy(), ["1.0"]);
      } finally {
        await app.kubectl.run("scale", ...ISTIOD, "--replicas=1");
        await app.untilIstiodAnswers();
      }
    });
    await app.assertHealed();
    await app.untilServedBy("2.0");
  });
});
