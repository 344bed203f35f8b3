import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { reconnectHooks, settleHooks } from "../../../components/settle";
import { record } from "../../../src/render/recorder";
import { virtualService } from "../../../src/istio/istioObjects";
import type { Weights } from "../../../src/istio/weights";

const SECONDS = 0.06;

/** The least that a wait of that time takes in milliseconds; Node's timers may fire a little early. */
const LEAST = SECONDS * 1000 - 5;

/** The inputs of a VirtualService of one route with these weights. */
function inputs(weights: Weights): object {
  return {
    spec: virtualService(
      { hosts: ["*"], gateway: "shop", internal: false },
      { host: "shop", ports: [{ name: "http", port: 80, protocol: "http" }] },
      { routes: [{}], weights },
    ),
  };
}

/** How long each of the two hooks keeps an update from going on, in milliseconds; 0 if it goes on at once. */
async function waits(
  oldInputs: object | undefined,
  newInputs: object,
  seconds: pulumi.Input<number> = SECONDS,
): Promise<{ before: number; after: number }> {
  const times = { before: 0, after: 0 };
  await record(
    async () => {
      const hooks = settleHooks("shop", seconds);
      const run = async (hook: pulumi.ResourceHook | pulumi.ResourceHookFunction | undefined) => {
        assert.ok(hook instanceof pulumi.ResourceHook);
        const start = performance.now();
        const pending = hook.callback({ oldInputs, newInputs } as pulumi.ResourceHookArgs);
        if (pending === undefined) {
          return 0;
        }
        await pending;
        return performance.now() - start;
      };
      times.before = await run(hooks?.beforeUpdate?.[0]);
      times.after = await run(hooks?.afterUpdate?.[0]);
    },
    { project: "test", stack: "dev" },
  );
  return times;
}

describe("settling", () => {
  const changes: [name: string, before: Weights, after: Weights, waitsBefore: boolean, waitsAfter: boolean][] = [
    ["a shift of weights", { v1: 75, v2: 25 }, { v1: 50, v2: 50 }, false, false],
    ["a shift from nothing", { v1: 100, v2: 0 }, { v1: 0, v2: 100 }, false, false],
    ["a version that comes", { v1: 100 }, { v1: 75, v2: 25 }, true, false],
    ["a version that comes without requests", { v1: 100 }, { v1: 100, v2: 0 }, false, false],
    ["a version that goes", { v1: 75, v2: 25 }, { v2: 100 }, false, true],
    ["a version that goes without requests", { v1: 0, v2: 100 }, { v2: 100 }, false, false],
    ["every version replaced", { v1: 100 }, { v2: 100 }, true, true],
  ];
  for (const [name, before, after, waitsBefore, waitsAfter] of changes) {
    it(`${name}: waits ${[waitsBefore && "before", waitsAfter && "after"].filter(Boolean).join(" and ") || "for nothing"}`, async () => {
      const times = await waits(inputs(before), inputs(after));
      for (const [wait, needed] of [
        [times.before, waitsBefore],
        [times.after, waitsAfter],
      ] as const) {
        assert.ok(needed ? wait >= LEAST : wait === 0, JSON.stringify(times));
      }
    });
  }

  it("waits before requests move to a port that the same update adds to the Service", async () => {
    const after = inputs({ v1: 100 }) as { spec: { http: { route: { destination: object }[] }[] } };
    const [{ route }] = after.spec.http;
    const moved = route.map((each) => ({ ...each, destination: { ...each.destination, port: { number: 9090 } } }));
    after.spec.http.unshift({ match: [{ uri: { prefix: "/calls" } }], route: moved } as never);
    const times = await waits(inputs({ v1: 100 }), after);
    assert.ok(times.before >= LEAST && times.after === 0, JSON.stringify(times));
  });

  it("takes its time from an Output", async () => {
    const times = await waits(inputs({ v1: 100 }), inputs({ v2: 100 }), pulumi.output(SECONDS));
    assert.ok(times.before >= LEAST && times.after >= LEAST, JSON.stringify(times));
  });

  it("waits for nothing if told so", async () => {
    const times = await waits(inputs({ v1: 100 }), inputs({ v2: 100 }), 0);
    assert.ok(times.before < 1000 && times.after < 1000, JSON.stringify(times));
  });

  it("takes an update whose old inputs nobody kept for one that brings every subset", async () => {
    const times = await waits(undefined, inputs({ v1: 100 }));
    assert.ok(times.before >= LEAST && times.after === 0, JSON.stringify(times));
  });

  it("waits after every change of the control plane, as long as it is told", async () => {
    await record(
      async () => {
        const { beforeUpdate, afterUpdate } = reconnectHooks("mesh", pulumi.output(SECONDS)) ?? {};
        const hook = afterUpdate?.[0];
        assert.ok(hook instanceof pulumi.ResourceHook && beforeUpdate === undefined);
        const start = performance.now();
        await hook.callback({ oldInputs: {}, newInputs: {} } as pulumi.ResourceHookArgs);
        assert.ok(performance.now() - start >= LEAST);
      },
      { project: "test", stack: "dev" },
    );
  });

  it("is left out where the engine takes no hooks, as in unit tests with mocks", async () => {
    await pulumi.runtime.setMocks(
      { newResource: ({ name, inputs: state }) => ({ id: name, state }), call: () => ({}) },
      "test",
      "dev",
    );
    assert.equal(settleHooks("shop", SECONDS), undefined);
    assert.equal(reconnectHooks("mesh", SECONDS), undefined);
  });
});
