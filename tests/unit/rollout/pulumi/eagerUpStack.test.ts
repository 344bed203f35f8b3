import assert from "node:assert/strict";
import { EagerUpStack } from "../../../../src/rollout/pulumi/eagerUpStack";
import { type RolloutStack, UpError, UpErrorKind } from "../../../../src/rollout/pulumi/rolloutStack";

/** A stack whose `up`s end when they are told to, or are cancelled. */
class SlowStack implements RolloutStack {
  readonly name = "slow";
  readonly deeds: string[] = [];
  private endings: ((error?: Error) => void)[] = [];

  up(signal: AbortSignal): Promise<void> {
    this.deeds.push("up");
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => {
        this.deeds.push("cancelled");
        setImmediate(() => reject(new UpError(UpErrorKind.Cancelled, "it was cancelled")));
      });
      this.endings.push((error) => (error === undefined ? resolve() : reject(error)));
    });
  }

  /** Ends the `up` that is under way. */
  end(error?: Error): void {
    this.endings.pop()?.(error);
  }

  async write(): Promise<void> {
    this.deeds.push("write");
  }

  async difference(): Promise<string> {
    return "nothing to compare";
  }
}

describe("a stack whose first up begins ahead", () => {
  let slow: SlowStack;
  let stack: EagerUpStack;
  beforeEach(() => {
    slow = new SlowStack();
    stack = new EagerUpStack(slow);
  });
  const signal = () => new AbortController().signal;

  it("is brought up once for the first that asks, and anew for all later ones", async () => {
    stack.begin();
    const first = stack.up(signal());
    slow.end();
    await first;
    assert.deepEqual(slow.deeds, ["up"]);
    const second = stack.up(signal());
    slow.end();
    await second;
    assert.deepEqual(slow.deeds, ["up", "up"]);
  });

  it("is as it is without a beginning", async () => {
    const up = stack.up(signal());
    slow.end();
    await up;
    await stack.write({});
    assert.deepEqual(
      [slow.deeds, stack.name, await stack.difference({}, {})],
      [["up", "write"], "slow", "nothing to compare"],
    );
  });

  it("tells what went wrong to whoever asks, even if that is later; the next up is a new one", async () => {
    stack.begin();
    slow.end(new UpError(UpErrorKind.Passing, "another update has the stack"));
    await new Promise(setImmediate);
    await assert.rejects(stack.up(signal()), { kind: UpErrorKind.Passing });
    const again = stack.up(signal());
    slow.end();
    await again;
  });

  for (const when of ["before it asks", "while it waits"]) {
    it(`is cancelled with the one who asks, ${when}`, async () => {
      const ending = new AbortController();
      stack.begin();
      if (when === "before it asks") {
        ending.abort();
      }
      const up = stack.up(ending.signal);
      ending.abort();
      await assert.rejects(up, { kind: UpErrorKind.Cancelled });
      assert.deepEqual(slow.deeds, ["up", "cancelled"]);
    });
  }

  it("is given up where nobody asks, and before its config is another one", async () => {
    stack.begin();
    await stack.giveUp();
    assert.deepEqual(slow.deeds, ["up", "cancelled"]);
    stack.begin();
    await stack.write({});
    assert.deepEqual(slow.deeds, ["up", "cancelled", "up", "cancelled", "write"]);
    await stack.giveUp();
    assert.equal(slow.deeds.length, 5);
  });
});
