import { setTimeout } from "node:timers/promises";

/** Time, so that tests can have their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Comes back after so many ms, or as soon as the signal is aborted; it never rejects. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The system's time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => setTimeout(Math.max(0, milliseconds), undefined, { signal }).catch(() => undefined),
};
