import assert from "node:assert/strict";
import { startLoad } from "../../../demo/load/generator";
import type { Answer } from "../../../demo/load/request";
import type { RolloutEvent, RolloutSettings } from "../../../src/rollout";
import { podsOf, switchPod } from "../support/pods";
import { RolloutChild, weightsInCluster } from "../support/rollouts";
import { assertNoneFailed } from "../support/traffic";
import { type App, APPS, openTwoApps, type TwoApps } from "../support/twoApps";

const LOAD_PER_SECOND = 100;
/** Longer than any run here takes. */
const LOAD_LIMIT_S = 300;

const SETTINGS: RolloutSettings = {
  target: "v2",
  steps: [20, 50],
  hold: 3,
  gates: [{ name: "success", kind: "success-rate", min: 98, minRequests: 50 }],
  limits: { interval: 1, failureThreshold: 2, stepDeadline: 90 },
  source: { envoy: { intervalSeconds: 1 } },
};

describe("a rollout of two apps of one stack", function () {
  this.timeout("15m");
  let apps: TwoApps;

  before(async () => {
    apps = await openTwoApps();
  });

  after(() => apps?.remove());

  const weights = async () => Promise.all(APPS.map((app) => weightsInCluster(apps.kubectl, app)));

  /** Does something while both apps are called; gives the answers of each, too. */
  async function underLoad<T>(work: () => Promise<T>): Promise<{ result: T; answers: Record<App, Answer[]> }> {
    const loads = APPS.map((app) => startLoad(LOAD_PER_SECOND, LOAD_LIMIT_S, apps.target(app)));
    try {
      const result = await work();
      const [checkout, cart] = await Promise.all(loads.map((load) => load.stop()));
      return { result, answers: { checkout, cart } };
    } finally {
      await Promise.all(loads.map((load) => load.stop()));
    }
  }

  function told(events: readonly RolloutEvent[], type: RolloutEvent["type"]): string {
    return JSON.stringify(events.filter((event) => event.type === type));
  }

  it("sends both back when the new version of one is bad, and the other one's users see nothing", async () => {
    const before = await apps.config();
    const child = new RolloutChild(apps, "start", { ...SETTINGS, with: [{ prefix: "cart", target: "failing" }] });
    const { result: end, answers } = await underLoad(() => child.ended());
    assert.equal(end.type, "rolledBack", told(child.events, "logged"));
    assert.match(told(child.events, "rollingBack"), /"reason":"gate".*success \(cart\): /);
    assert.notEqual(told(child.events, "shifted"), "[]");
    assert.deepEqual(await weights(), [{ v1: 100 }, { v1: 100 }]);
    assert.equal(await apps.config(), before);
    assertNoneFailed(answers.checkout);
  });

  it("promotes both, each step for both at once, without a failed request", async () => {
    const child = new RolloutChild(apps, "start", { ...SETTINGS, with: [{ prefix: "cart", target: "v2" }] });
    const { result: end, answers } = await underLoad(() => child.ended());
    assert.equal(end.type, "promoted", told(child.events, "logged"));
    assert.deepEqual(await weights(), [{ v2: 100 }, { v2: 100 }]);
    APPS.forEach((app) => assertNoneFailed(answers[app], `${app}: `));
    const patched = child.events.flatMap((event) => (event.type === "patching" ? [event.app] : []));
    assert.deepEqual(patched, [...APPS, ...APPS, ...APPS], told(child.events, "logged"));
    const converged = child.events.filter((event) => event.type === "converged");
    assert.deepEqual(
      converged.map(({ unverified }) => unverified),
      [undefined, undefined, undefined],
    );
    assert.deepEqual(
      converged.map(({ actual, others }) => [actual !== undefined, others?.cart !== undefined]),
      [
        [true, true],
        [true, true],
        [true, true],
      ],
    );
    const requests = answers.checkout.length + answers.cart.length;
    const seen = end.type === "promoted" ? (end.users?.requests ?? 0) : 0;
    assert.ok(seen > requests / 2 && seen <= requests, `${seen} of ${requests} requests to both were counted`);
  });

  it("sends an app back when another one, whose shares stay, turns bad", async () => {
    const before = await apps.config();
    const child = new RolloutChild(apps, "start", {
      ...SETTINGS,
      target: "v1",
      steps: [50],
      hold: 60,
      watch: [{ prefix: "cart" }],
      gates: [...(SETTINGS.gates ?? []), { name: "cart", kind: "success-rate", min: 98, minRequests: 50, app: "cart" }],
      limits: { ...SETTINGS.limits, stepDeadline: 180 },
    });
    const switchTo = async (how: string) => {
      for (const pod of await podsOf(apps.kubectl, "cart", "v2")) {
        await switchPod(apps.kubectl, "cart", pod, how);
      }
    };
    const { result: end, answers } = await underLoad(async () => {
      await child.told("converged");
      await switchTo("error=50");
      return child.ended().finally(() => switchTo("error=0"));
    });
    assert.equal(end.type, "rolledBack", told(child.events, "logged"));
    assert.match(told(child.events, "rollingBack"), /"reason":"gate".*"why":"cart: /);
    assert.deepEqual(await weights(), [{ v2: 100 }, { v2: 100 }]);
    assert.equal(await apps.config(), before);
    assertNoneFailed(answers.checkout);
  });
});
