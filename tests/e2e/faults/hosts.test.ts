import assert from "node:assert/strict";
import type { Stack } from "@pulumi/pulumi/automation";
import { CanaryApp } from "../../../components";
import { testEngine } from "../support/engine";
import { openInlineStack } from "../support/inlineStack";
import { pause } from "../support/traffic";
import { SOUND, TroubledApp, trial } from "../support/troubledApp";

describe("a host that somebody else's app claims, too", function () {
  this.timeout("10m");
  const HOST = "claimed.example.com";
  let app: TroubledApp;
  let other: Stack | undefined;

  before(async () => {
    const engine = await testEngine();
    app = await TroubledApp.start(engine, "claimed");
    other = await openInlineStack(engine, "claimant", async () => {
      new CanaryApp("claimant", {
        versions: [trial(2)],
        weight: 100,
        hosts: [HOST],
        mesh: { install: false, gateway: { address: app.mesh.address } },
      });
    });
  });

  it("stays with whom it was first, whose changes go on to work", async () => {
    await app.underLoad(async () => {
      await other?.up();
      await pause(2000);
      assert.deepEqual(await app.servedBy(), ["1.0"]);
      await app.up({ ...SOUND, weight: 100 });
      await app.untilServedBy("2.0");
      await app.up(SOUND);
      await app.untilServedBy("1.0");
    });
  });
});
