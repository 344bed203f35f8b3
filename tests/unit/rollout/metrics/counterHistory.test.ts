import assert from "node:assert/strict";
import * as fc from "fast-check";
import { CounterHistory } from "../../../../src/rollout/metrics/counterHistory";

const reading = (life: string, counters: Record<string, number>) => ({
  life,
  counters: new Map(Object.entries(counters)),
});
const grown = (history: CounterHistory, from: number, to: number): Record<string, number> => {
  const between = history.between({ from, to });
  assert.ok(between);
  return Object.fromEntries([...between.to].map(([key, value]) => [key, value - (between.from.get(key) ?? 0)]));
};

describe("a history of counters", () => {
  it("does not know what was counted before it", () => {
    const history = new CounterHistory(new Set(["a", "b"]));
    history.add(0, [reading("a", { x: 100 })]);
    history.add(10, [reading("a", { x: 107 }), reading("b", { x: 1000 })]);
    history.add(20, [reading("a", { x: 108 }), reading("b", { x: 1002 })]);
    assert.deepEqual(grown(history, 0, 20), { x: 10 });
    assert.deepEqual(grown(history, 10, 20), { x: 3 });
  });

  it("counts all of a proxy that came later, and of a counter that came later", () => {
    const history = new CounterHistory(new Set(["a"]));
    history.add(0, [reading("a", {})]);
    history.add(10, [reading("a", { x: 5 }), reading("b", { x: 7 })]);
    assert.deepEqual(grown(history, 0, 10), { x: 12 });
  });

  it("counts on after a restart, which it sees by another life or by a counter that fell", () => {
    const history = new CounterHistory(new Set(["a/0"]));
    history.add(0, [reading("a/0", { x: 100 })]);
    history.add(10, [reading("a/0", { x: 150 })]);
    history.add(20, [reading("a/1", { x: 160 })]);
    history.add(30, [reading("a/1", { x: 20 })]);
    assert.deepEqual(grown(history, 0, 30), { x: 50 + 160 + 20 });
  });

  it("keeps what a proxy counted that is gone, and bridges a reading that failed", () => {
    const history = new CounterHistory(new Set(["a", "b"]));
    history.add(0, [reading("a", { x: 1 }), reading("b", { x: 1 })]);
    history.add(10, [reading("a", { x: 5 }), reading("b", { x: 5 })]);
    history.keepOnly(new Set(["b"]));
    history.add(20, []);
    history.add(30, [reading("b", { x: 9 })]);
    assert.deepEqual(grown(history, 0, 30), { x: 12 });
    assert.deepEqual(grown(history, 10, 20), { x: 0 });
  });

  it("begins a span with the first reading in it, and ends it with the first after it, or the last", () => {
    const history = new CounterHistory(new Set());
    for (const at of [0, 10, 20, 30]) {
      history.add(at, [reading("a", { x: at })]);
    }
    assert.deepEqual(grown(history, 5, 20), { x: 10 });
    assert.deepEqual(grown(history, 5, 21), { x: 20 });
    assert.deepEqual(grown(history, -100, 1000), { x: 30 });
    assert.deepEqual(grown(history, 40, 50), { x: 0 });
    assert.equal(history.latest, 30);
    assert.equal(new CounterHistory(new Set()).between({ from: 0, to: 1 }), undefined);
  });

  it("forgets what is older than a day", () => {
    const history = new CounterHistory(new Set());
    for (let hour = 0; hour <= 60; hour++) {
      history.add(hour * 3_600_000, [reading("a", { x: hour })]);
    }
    const { x } = grown(history, 0, Infinity);
    assert.ok(x >= 24 && x <= 27, String(x));
  });

  it("counts each request once, however proxies come, go, restart and are not read", () => {
    // Every step: some proxies serve requests, some restart, come or go; those that are there are read or not.
    const step = fc.record({
      proxy: fc.integer({ min: 0, max: 3 }),
      requests: fc.integer({ min: 0, max: 9 }),
      restart: fc.boolean(),
      unread: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const proxies = [0, 1, 2, 3].map(() => ({ life: 0, count: 50, unseen: 0 }));
        const lives = () => proxies.map(({ life }, index) => `${index}/${life}`);
        const read = (skip = -1) =>
          proxies.flatMap(({ life, count }, index) =>
            index === skip ? [] : [reading(`${index}/${life}`, { x: count })],
          );
        const history = new CounterHistory(new Set(lives()));
        history.add(0, read());
        let served = 0;
        steps.forEach(({ proxy, requests, restart, unread }, index) => {
          const own = proxies[proxy];
          if (restart) {
            served -= own.unseen; // what nobody read before it was gone is lost
            Object.assign(own, { life: own.life + 1, count: 0, unseen: 0 });
          }
          own.count += requests;
          own.unseen += requests;
          served += requests;
          history.add(index + 1, read(unread ? proxy : -1));
          proxies.forEach((each, number) => void (unread && number === proxy ? 0 : (each.unseen = 0)));
          history.keepOnly(new Set(lives()));
        });
        history.add(steps.length + 1, read());
        assert.deepEqual(grown(history, 0, steps.length + 1), { x: served });
      }),
    );
  });
});
