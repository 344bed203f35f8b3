import assert from "node:assert/strict";
import { testEngine } from "../support/engine";
import { ISTIOD, TroubledApp, WITH_THIRD } from "../support/troubledApp";

const DEFINITION = "destinationrules.networking.istio.io";

describe("an up without one of Istio's definitions", function () {
  this.timeout("10m");
  let app: TroubledApp;

  before(async () => {
    app = await TroubledApp.start(await testEngine(), "undefined-kind");
  });

  it("says which kind the cluster does not know; once it does, an up with refresh repairs it", async () => {
    const { apiVersion, kind, metadata, spec } = JSON.parse(
      await app.kubectl.run("get", "crd", DEFINITION, "-o", "json"),
    );
    const { name, labels, annotations } = metadata;
    await app.kubectl.run("delete", "crd", DEFINITION);
    try {
      const said = await app.failingUp(WITH_THIRD);
      assert.match(said, /no matches for kind "DestinationRule"|could not find the requested resource/);
    } finally {
      await app.kubectl.send(
        JSON.stringify({ apiVersion, kind, metadata: { name, labels, annotations }, spec }),
        "create",
        "-f",
        "-",
      );
      await app.kubectl.untilEstablished();
    }
    // On its own, it would retry a missing kind ever more rarely: it took two minutes to notice.
    await app.kubectl.run("rollout", "restart", ...ISTIOD);
    await app.untilIstiodAnswers();
    await app.stack.refresh();
    await app.assertHealed();
    await app.untilServedBy("2.0");
  });
});
