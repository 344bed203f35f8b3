import assert from "node:assert/strict";
import { type Reader, type Reading, readings, type Schedule } from "../../../src/cli/live/statusReadings";
import type { AppStatus } from "../../../src/rollout/runner/statusReader";

const statusOf = (requests: number | undefined, seconds: number): AppStatus => ({
  app: "shop",
  namespace: "prod",
  versions: [{ version: "v1", desired: 100, ...(requests === undefined ? {} : { requests }) }],
  seconds,
  missing: [],
});

/** An app that gets so many requests per second, and its readings with their times in ms. */
function reader(perSecond: number): { reader: Reader; spans: number[]; counted: number[] } {
  const [spans, counted]: number[][] = [[], []];
  return {
    spans,
    counted,
    reader: {
      first: async () => statusOf(counted.length > 0 ? 12_345 : undefined, Infinity),
      count: async () => void counted.push(Date.now()),
      look: async (since) => {
        const milliseconds = Date.now() - since;
        spans.push(milliseconds);
        return statusOf(Math.floor((perSecond * milliseconds) / 1000), milliseconds / 1000);
      },
    },
  };
}

async function collected(made: Reader, schedule: Partial<Schedule>, most = 20): Promise<Reading[]> {
  const end = new AbortController();
  const all: Reading[] = [];
  const whole = { every: 1200, again: false, isShown: false, ...schedule };
  for await (const reading of readings(made, async () => ({ last: undefined, unrecorded: [] }), whole, end.signal)) {
    all.push(reading);
    if (all.length === most) {
      end.abort();
    }
  }
  return all;
}

describe("the readings of a status", () => {
  it("are one, after the whole window, where so much was asked for", async () => {
    const { reader: made, spans } = reader(100_000);
    assert.equal((await collected(made, {})).length, 1);
    assert.equal(spans.length, 1);
    assert.ok(spans[0] >= 1150, `${spans[0]} ms`);
  });

  it("come earlier once there are enough requests", async () => {
    const { reader: made, spans } = reader(100_000);
    const [reading, ...others] = await collected(made, { every: 60_000, enough: 400 });
    assert.deepEqual(others, []);
    assert.equal(reading.waiting, undefined);
    assert.ok(spans.length > 0 && spans.every((span) => span < 10_000));
  });

  it("come after the window where there are not enough", async () => {
    const { reader: made, spans } = reader(1);
    assert.equal((await collected(made, { enough: 400 })).length, 1);
    assert.ok(Math.max(...spans) >= 1150, `${spans} ms`);
  });

  it("show at a terminal what is known before anything is counted, and how long it still takes", async () => {
    const { reader: made } = reader(1);
    const all = await collected(made, { enough: 400, isShown: true });
    assert.deepEqual(
      all.slice(0, 2).map(({ appStatus, waiting }) => [appStatus.versions[0].requests, waiting]),
      [
        [undefined, "reading the proxies"],
        [12_345, "counting requests"],
      ],
    );
    assert.ok(all.length > 3);
    all.slice(2, -1).forEach(({ waiting }) => assert.match(waiting ?? "", /^counting requests for up to .* more$/));
    assert.equal(all.at(-1)?.waiting, undefined);
  });

  it("go on where they are watched, each with what came since the one before", async () => {
    const { reader: made, spans } = reader(1);
    assert.equal((await collected(made, { every: 200, again: true }, 4)).length, 4);
    assert.ok(
      spans.slice(1).every((span) => span < 1000),
      `${spans} ms`,
    );
  });
});
