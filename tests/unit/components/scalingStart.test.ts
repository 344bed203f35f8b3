import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import { scalingStartHooks } from "../../../components/scalingStart";
import { record } from "../../../src/render/recorder";

describe("an autoscaler that takes over a version's pods", () => {
  /** What the hook says to an update of a Deployment with these inputs. */
  async function saidTo(replicas: number | undefined, annotations: object): Promise<string> {
    let said = "nothing";
    await record(
      () => {
        const [hook] = (scalingStartHooks("shop-v2", "v2")?.beforeUpdate ?? []) as pulumi.ResourceHook[];
        const oldInputs = { metadata: { annotations }, spec: { replicas } };
        try {
          void hook.callback({ oldInputs } as unknown as pulumi.ResourceHookArgs);
        } catch (error) {
          said = String(error);
        }
      },
      { project: "test", stack: "dev" },
    );
    return said;
  }

  const fixed = { "pulumi.com/patchForce": "true" };

  it("is refused where there are none: it would never bring any", async () => {
    assert.match(
      await saidTo(0, fixed),
      /version "v2" has no pods \(replicas: 0\), .* never scales from 0: set replicas to 1 in one update/,
    );
  });

  it("is let be where there are some, and where the state does not have their number", async () => {
    assert.equal(await saidTo(1, fixed), "nothing");
    assert.equal(await saidTo(undefined, fixed), "nothing");
    for (const scaling of ["autoscaled", "byWeight", "external"]) {
      assert.equal(await saidTo(0, { ...fixed, "canary-app/scaling": scaling }), "nothing");
    }
  });
});
