import assert from "node:assert/strict";
import type { Stack } from "@pulumi/pulumi/automation";
import { CanaryApp } from "../../../components";
import { KubernetesApi } from "../../../src/internal/kubernetes/api";
import { runPreview } from "../../../src/preview/run/runPreview";
import { DEFAULT_LIMITS } from "../../../src/preview/warnings/warning";
import { cluster } from "../support/cluster";
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

  it("is warned of in a preview of the second app, but not of the first", async () => {
    const { kubeconfig } = await cluster();
    const { warnings } = await runPreview(other as Stack, {
      project: "claimant",
      limits: DEFAULT_LIMITS,
      verify: async () => [],
      openApi: () => KubernetesApi.of({ kubeconfig }),
    });
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ["claimed-elsewhere"],
    );
    assert.match(
      warnings[0].text,
      /VirtualService claimant\/claimant: VirtualService claimed\/claimed, which is not in this stack, has the host claimed\.example\.com/,
    );
    assert.deepEqual((await app.reviewed({ ...SOUND, weight: 10 })).warnings, []);
  });

  it("stays with the first app, whose changes still work", async () => {
    await app.underLoad(async () => {
      await other?.up();
      const { warnings } = await app.reviewed({ ...SOUND, weight: 10 });
      assert.deepEqual(
        warnings.map(({ code }) => code),
        ["claimed-elsewhere"],
      );
      await pause(2000);
      assert.deepEqual(await app.servedBy(), ["1.0"]);
      await app.up({ ...SOUND, weight: 100 });
      await app.untilServedBy("2.0");
      await app.up(SOUND);
      await app.untilServedBy("1.0");
    });
  });
});
