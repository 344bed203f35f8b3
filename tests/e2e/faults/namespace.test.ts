import assert from "node:assert/strict";
import { testEngine } from "../support/engine";
import { TroubledApp, WITH_THIRD } from "../support/troubledApp";

describe("an up into a namespace that somebody deletes", function () {
  this.timeout("10m");
  const NAME = "doomed";
  const HOLD = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "hold", namespace: NAME, finalizers: ["example.com/hold"] },
  };
  let app: TroubledApp;

  before(async () => {
    app = await TroubledApp.start(await testEngine(), NAME);
  });

  it("says that it is being deleted; once it is gone, an up with refresh creates everything again", async () => {
    await app.kubectl.apply(HOLD);
    await app.kubectl.run("delete", "namespace", NAME, "--wait=false");
    try {
      const said = await app.failingUp(WITH_THIRD);
      assert.match(said, /doomed-v3[^]*because it is being terminated/);
    } finally {
      await app.edit("configmap", "hold", { metadata: { finalizers: null } });
    }
    await app.kubectl.run("wait", "--for=delete", `namespace/${NAME}`, "--timeout=90s");
    await app.stack.refresh();
    await app.assertHealed();
    await app.untilServedBy("2.0");
  });
});
