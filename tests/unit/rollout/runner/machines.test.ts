import assert from "node:assert/strict";
import fc from "fast-check";
import { StackLockedError } from "../../../../src/rollout/runner/stackLock";
import { acquire, release, type Lease } from "../../../../src/rollout/runner/lease";
import { VirtualClock } from "./virtualClock";

/**
 * One machine: when it begins, how long each call of the backend takes until it has an effect, and until the answer;
 * how long it runs.
 */
interface Machine {
  after: number;
  calls: readonly (readonly [until: number, andBack: number])[];
  runs: number;
}

/** A backend that keeps one tag, and nobody's order: a call has its effect some time after it was made. */
class Backend {
  private tags: Record<string, string> = {};

  constructor(private readonly clock: VirtualClock) {}

  cli({ calls }: Machine): Lease["cli"] {
    let count = 0;
    return {
      ask: async (_, __, what, name, text) => {
        const [until, andBack] = calls[count++ % calls.length];
        await this.clock.sleep(until);
        const said = JSON.stringify(this.tags);
        if (what === "set") {
          this.tags = { ...this.tags, [name]: text };
        } else if (what === "rm") {
          this.tags = {};
        }
        await this.clock.sleep(andBack);
        return said;
      },
    };
  }
}

/** Of each machine when it had the stack, and when it gave it back. */
async function leases(machines: readonly Machine[]): Promise<{ from: number; to: number }[]> {
  const clock = new VirtualClock();
  const backend = new Backend(clock);
  const had: { from: number; to: number }[] = [];
  await Promise.all(
    machines.map(async (machine, index) => {
      const lease: Lease = {
        stack: "dev",
        cli: backend.cli(machine),
        lock: {
          holder: () => undefined,
          acquire: () => undefined,
          left: () => undefined,
          leave: () => undefined,
          release: () => undefined,
        },
      };
      await clock.sleep(machine.after);
      try {
        await acquire(lease, { run: `run-${index}`, by: `machine ${index}`, clock, takeOver: true, ended: [] });
      } catch (error) {
        assert.ok(
          error instanceof StackLockedError ||
            /was just removed|may have started meanwhile/.test((error as Error).message),
          String(error),
        );
        return;
      }
      const from = clock.now();
      await clock.sleep(machine.runs);
      had.push({ from, to: clock.now() });
      await release(lease);
    }),
  );
  return had;
}

function machines(slowest: number): fc.Arbitrary<Machine[]> {
  const delay = fc.integer({ min: 0, max: slowest });
  const machine = fc.record({
    after: fc.integer({ min: 0, max: 12_000 }),
    calls: fc.array(fc.tuple(delay, delay), { minLength: 1, maxLength: 4 }),
    runs: fc.integer({ min: 0, max: 30_000 }),
  });
  return fc.array(machine, { minLength: 2, maxLength: 4 });
}

describe("machines that want the same stack", () => {
  it("never have it at the same time, however long the backend takes", async () => {
    await fc.assert(
      fc.asyncProperty(machines(9000), async (all) => {
        const had = await leases(all);
        for (const one of had) {
          assert.ok(
            had.every((other) => other === one || other.from > one.to || other.to < one.from),
            JSON.stringify(had),
          );
        }
      }),
      { numRuns: 500 },
    );
  });

  it("do not refuse each other: where the backend is quick, one of them gets it", async () => {
    await fc.assert(
      fc.asyncProperty(machines(1000), async (all) => assert.ok((await leases(all)).length > 0)),
      { numRuns: 200 },
    );
  });
});
