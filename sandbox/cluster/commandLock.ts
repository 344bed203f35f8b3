import { takeLock } from "../lock";
import type { Progress } from "../progress";
import { AbortedError } from "./errors";

/**
 * Ensures that only one command at a time works on something: a sandbox, or the machine. Reports whom it waits for.
 * Returns the function that lets the next one in.
 * @param what the purpose, shown to those who wait: "up"
 * @param signal ends the wait
 * @throws AbortedError
 */
export async function oneAtATime(
  name: string,
  what: string,
  progress: Progress,
  signal?: AbortSignal,
): Promise<() => void> {
  const release = await takeLock(name, {
    what,
    signal,
    onWait: (holder) => progress.line(`Waiting for another command on "${name}" to end: ${holder}.`),
  });
  if (!release) throw new AbortedError(`Waiting for another command on "${name}": interrupted.`);
  return release;
}
