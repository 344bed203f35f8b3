import type { Clock } from "../../../../src/rollout/runner/clock";

interface Sleeper {
  at: number;
  wake(): void;
}

/** A clock whose time goes on when nobody does anything but sleep. */
export class VirtualClock implements Clock {
  private readonly sleepers = new Set<Sleeper>();
  private isTurning = false;

  constructor(private time = Date.UTC(2030, 0, 1)) {}

  now(): number {
    return this.time;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const wake = () => {
        this.sleepers.delete(sleeper);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      // At least 1 ms: a loop that sleeps for no time must not stop the clock.
      const sleeper = { at: this.time + Math.max(1, milliseconds), wake };
      this.sleepers.add(sleeper);
      signal?.addEventListener("abort", wake, { once: true });
      this.turn();
    });
  }

  /**
   * Everyone who does something gets the time for it first: their promises are settled before the next turn of the
   * event loop.
   */
  private turn(): void {
    if (this.isTurning) {
      return;
    }
    this.isTurning = true;
    setImmediate(() => {
      this.isTurning = false;
      const next = [...this.sleepers].sort((a, b) => a.at - b.at)[0];
      if (next !== undefined) {
        this.time = Math.max(this.time, next.at);
        next.wake();
        this.turn();
      }
    });
  }
}
