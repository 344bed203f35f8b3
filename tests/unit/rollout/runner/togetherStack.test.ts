import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { MetricsSource } from "../../../../src/rollout/metrics/source";
import { type Clock, systemClock } from "../../../../src/rollout/runner/clock";
import { NoActiveRunError } from "../../../../src/rollout/runner/noActiveRun";
import { PlanOutdatedError } from "../../../../src/rollout/runner/planBasis";
import { planRollout, resumeRollout, rollback, startRollout } from "../../../../src/rollout/runner/rollouts";
import { StatusReaders } from "../../../../src/rollout/runner/statusReaders";
import type { Weights } from "../../../../src/rollout/weights";
import { StackFolder } from "./stackFolder";

const SHOP = `  shop:appName: shop
  shop:versions: [{ name: v1, image: "shop:1" }, { name: v2, image: "shop:2" }]
  shop:weight: 0
`;
const CART = `  cart:appName: cart
  cart:versions: [{ name: v2, image: "cart:2" }, { name: v3, image: "cart:3" }]
  cart:weights: { v2: 100, v3: 0 } # as it is
`;
const TOGETHER = `  shop:rollout:
    with: [{ prefix: cart }]
    gates: [{ name: errors, kind: success-rate }]
`;
const CONFIG = `config:\n${SHOP}${CART}${TOGETHER}`;

/** The system's time, with short sleeps: nobody else wants the stack. */
const clock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / 50, signal),
};

describe("a stack whose apps take the same steps", function () {
  this.timeout("2m");
  let folder: StackFolder;

  beforeEach(() => {
    folder = new StackFolder(CONFIG);
    folder.write("bin/broken", "error: stack tags are not supported by this backend");
    stateHas({ v2: 100, v3: 0 });
  });
  afterEach(() => folder.remove());

  /** The stack's state: the output of its own app, and what the component of the other one says. */
  function stateHas(cart: Weights): void {
    const urn = "urn:pulumi:dev::shop::canary-app:index:CanaryApp::cart";
    const resources = [
      { type: "pulumi:pulumi:Stack", outputs: { weights: { v1: 100, v2: 0 } } },
      { urn, type: "canary-app:index:CanaryApp", outputs: { namespace: "cart", weights: cart } },
    ];
    folder.write("bin/state", JSON.stringify({ deployment: { resources } }));
  }

  const file = (name: string) => join(folder.path, name);
  const options = () => ({ ...folder.reference, clock, by: "ann" });

  it("is planned as it is, and left as it was when its first up fails", async () => {
    const rollout = await startRollout(options());
    assert.deepEqual(rollout.plan.steps[0].config, { "shop:weight": 5, "cart:weights": { v2: 95, v3: 5 } });
    assert.equal((await rollout.result).outcome, "rolledBack");
    assert.equal(readFileSync(file("Pulumi.dev.yaml"), "utf8"), CONFIG);
  });

  it("can be continued from its journal, gates of each app included", async () => {
    const { events } = await (await startRollout(options())).result;
    const [started] = readFileSync(file("Pulumi.dev.rollout.jsonl"), "utf8").split("\n");
    folder.write("Pulumi.dev.rollout.jsonl", `${started}\n`);
    const rollout = await resumeRollout(options());
    assert.deepEqual(
      rollout.plan.gates.map(({ name }) => name),
      ["errors", "errors (cart)"],
    );
    const result = await rollout.result;
    assert.deepEqual([result.run, result.outcome], [events[0].run, "rolledBack"]);
  });

  const changes: [what: string, change: () => void, named: RegExp][] = [
    [
      "a key of the other app",
      () => folder.write("Pulumi.dev.yaml", CONFIG.replace("v2: 100, v3: 0", "v2: 90, v3: 10")),
      /^Pulumi\.dev\.yaml has changed since it was planned \(cart:weights\)\. /,
    ],
    [
      "the weights that the state has of it",
      () => stateHas({ v2: 70, v3: 30 }),
      /^The weights of cart were v2 100, v3 0 when the rollout was planned, and are v2 70, v3 30 now\. /,
    ],
  ];
  for (const [what, change, named] of changes) {
    it(`is not started where something has changed since it was planned: ${what}`, async () => {
      const planned = await planRollout(options());
      change();
      await assert.rejects(startRollout(planned), (error: Error) => {
        assert.ok(error instanceof PlanOutdatedError, error.message);
        assert.match(error.message, named);
        return true;
      });
      assert.equal(existsSync(file("Pulumi.dev.rollout.lock")), false);
    });
  }

  it("is not taken back after the promotion where a key of the other app was changed since", async () => {
    const { plan } = await planRollout(options());
    const event = { run: "20300101T000000Z-0000", at: "2030-01-01T00:00:00.000Z" };
    const promoted = CONFIG.replace("weight: 0", "weight: 100").replace("v2: 100, v3: 0", "v2: 10, v3: 90");
    folder.write("Pulumi.dev.yaml", promoted);
    folder.write(
      "Pulumi.dev.rollout.jsonl",
      [
        { type: "started", plan, by: "ann" },
        { type: "promoted", seconds: 9 },
      ]
        .map((each) => `${JSON.stringify({ ...each, ...event })}\n`)
        .join(""),
    );
    await assert.rejects(rollback(options()), (error: Error) => {
      assert.ok(error instanceof NoActiveRunError, error.message);
      assert.match(error.message, /cart:weights was changed after the promotion/);
      return true;
    });
  });

  const refused: [what: string, config: string, problem: RegExp][] = [
    [
      "a gate that nobody can decide for the other app",
      `${SHOP}${CART}  cart:service: { protocol: tcp }\n${TOGETHER}`,
      /shop:rollout\.gates\[0\]\.kind is success-rate, and in the config of cart service\.protocol is tcp; /,
    ],
    [
      "a port that the other app does not have",
      `${SHOP}${CART}  shop:rollout: { with: [{ prefix: cart }], source: { port: 9090 } }\n  shop:service: { ports: [{ name: a, port: 80 }, { name: b, port: 9090 }] }\n  cart:service: { targetPort: 8080 }\n`,
      /shop:rollout\.source\.port is 9090, and the Service of cart has 80; /,
    ],
    [
      "a name of the other app that Pulumi does not read as a text, with the quotes to write",
      `${SHOP}${CART.replaceAll("v3", "3")}${TOGETHER}`,
      /cart:versions\[1\]\.name .*write "3"/,
    ],
  ];
  for (const [what, config, problem] of refused) {
    it(`is refused for ${what}`, async () => {
      folder.write("Pulumi.dev.yaml", `config:\n${config}`);
      await assert.rejects(planRollout(options()), problem);
    });
  }

  it("judges no gate of the other app's where its connections are not counted, if gates name the app that they judge", async () => {
    folder.write(
      "Pulumi.dev.yaml",
      `config:\n${SHOP}${CART}  cart:service: { protocol: tcp }\n${TOGETHER.replace("success-rate }", "success-rate, app: shop }")}`,
    );
    assert.deepEqual(
      (await planRollout(options())).plan.gates.map(({ app }) => app),
      ["shop"],
    );
  });

  it("is refused with a source of metrics from code, which knows one app", async () => {
    const source = {} as MetricsSource;
    await assert.rejects(
      planRollout({ ...options(), source }),
      /shop:rollout\.with is set beside a source .* from code; /,
    );
  });

  it("shows how each app stands", async () => {
    const reader = await StatusReaders.open({ ...folder.reference, offline: true });
    await reader.count();
    const { others = [], ...own } = await reader.look(Date.now());
    reader.stop();
    const apps = [own, ...others];
    assert.deepEqual(
      apps.map(({ app, versions }) => [app, versions.map(({ version, desired }) => [version, desired])]),
      [
        [
          "shop",
          [
            ["v1", 100],
            ["v2", 0],
          ],
        ],
        [
          "cart",
          [
            ["v2", 100],
            ["v3", 0],
          ],
        ],
      ],
    );
  });
});
