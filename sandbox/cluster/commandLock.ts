import { takeLock } from "../lock";
import type { Progress } from "../progress";
import { AbortedError } from "./errors";

/**
 * Lets one command at a time work on what has this name: a sandbox, or the machine. Whom it waits for is said. Returns
 * the function that lets the next one in.
 *
 * @param what what this command does, told to those who wait: "up"
 * @param signal ends the waiting
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
