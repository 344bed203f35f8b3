import type { Clock } from "./clock";

/** How often it is looked whether something happened that ends what is being waited for, in ms. */
export const LOOK_EVERY_MS = 200;

/**
 * Does something that may take long, and looks beside it now and then whether it is to be given up.
 *
 * @param until When it is given up at the latest, in ms since the epoch.
 * @param isOver Looks whether it is to be given up; what this throws, the whole throws, once the work has ended.
 * @param work What is done. Its signal is aborted when it is to be given up; it is waited for in any case.
 */
export async function withDeadline<T>(
  clock: Clock,
  until: number,
  isOver: () => boolean,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const giveUp = new AbortController();
  const through = new AbortController();
  const watching = (async () => {
    while (!through.signal.aborted && !giveUp.signal.aborted) {
      await clock.sleep(Math.min(LOOK_EVERY_MS, until - clock.now()), through.signal);
      if (!through.signal.aborted && (clock.now() >= until || isOver())) {
        giveUp.abort();
      }
    }
  })().catch((error: unknown) => {
    giveUp.abort();
    throw error;
  });
  const [done, looked] = await Promise.allSettled([work(giveUp.signal).finally(() => through.abort()), watching]);
  if (looked.status === "rejected") {
    throw looked.reason;
  }
  if (done.status === "rejected") {
    throw done.reason;
  }
  return done.value;
}
