import { removeTag, setTag, taggedRun, type TaggedRun } from "../stack/stackTag";
import { StackHeldError } from "./claim";
import type { Place } from "./place";

/** Who takes a stack, and for what. */
export interface Tenant {
  run: string;
  by: string;
  now: number;
  /** Whether it may be taken from a process of this machine that has ended without giving it back. */
  takeOver: boolean;
  /** Runs that are known to have ended: what the backend still says of them is out of date. */
  ended: readonly string[];
}

/**
 * Takes a stack: on this machine by the file beside its config, and for all others by a tag in the backend.
 *
 * @returns Why other machines are not told, if the backend keeps no tags.
 * @throws StackHeldError if another run has it
 */
export async function seize({ claim, cli, stack }: Place, { run, by, now, takeOver, ended }: Tenant): Promise<string | undefined> {
  const before = claim.holder();
  claim.take(run, by, now, takeOver);
  try {
    const tagged = await tagOf(cli);
    if (typeof tagged === "string") {
      return tagged;
    }
    if (tagged !== undefined && ![run, before?.run, ...ended].includes(tagged.run)) {
      throw new StackHeldError(stack, tagged, "if that run is no more, say so with `pulumi stack tag rm canary:run`");
    }
    await setTag(cli, { run, by, since: new Date(now).toISOString() });
    return undefined;
  } catch (error) {
    claim.release();
    throw error;
  }
}

/** Gives it back. What the backend has against it is passed over: the next run of this machine knows that this one has ended. */
export async function leave({ claim, cli }: Place): Promise<void> {
  await removeTag(cli).catch(() => undefined);
  claim.release();
}

/** A text is the reason why the backend has no tags; what else goes wrong is thrown. */
async function tagOf(cli: Place["cli"]): Promise<TaggedRun | string | undefined> {
  try {
    return await taggedRun(cli);
  } catch (error) {
    const text = (error as Error).message;
    if (/tags? (is|are) not supported|not implemented|unsupported/i.test(text)) {
      return `other machines are not told of the run: ${text}`;
    }
    throw error;
  }
}
