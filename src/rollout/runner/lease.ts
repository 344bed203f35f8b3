import type { PulumiCli } from "../../config/pulumiCli";
import { isSameTag, removeTag, setTag, TAG, taggedRun, type TaggedRun } from "../pulumi/stackTag";
import type { Clock } from "./clock";
import { type StackLock, StackLockedError } from "./stackLock";

/** Where it is written who has a stack: a lock for this machine, a tag in the backend for all others. */
export interface Lease {
  stack: string;
  lock: Pick<StackLock, "holder" | "acquire" | "release">;
  cli: Pick<PulumiCli, "ask">;
}

/** Who wants a stack, and for what. */
export interface LeaseHolder {
  run: string;
  by: string;
  clock: Clock;
  /** Whether it may be taken from a process of this machine that has ended without releasing it. */
  takeOver: boolean;
  /** Runs that are known to have ended: what the backend still says of them is out of date. */
  ended: readonly string[];
  /**
   * Looks, as soon as lock and tag are set and before `meanwhile`, whether the run may still begin; if this throws, both
   * are taken away again. @default it may
   */
  verify?(): Promise<void>;
  /** What can begin while the backend's tag has to stand for a while: nobody else had the stack a moment ago. */
  meanwhile?(): void;
}

/**
 * How long a tag has to stand to be believed, in ms; and the longest that may pass between the look at the tag and its
 * setting. A backend has no "set it if it is not set", so of two machines that look at the same time both set it. But
 * then the second one has set it before the first one looks again: only the last one finds its own.
 */
const SETTLE_MS = 5000;

/**
 * Takes a stack: on this machine by the lock file beside its config, and for all others by a tag in the backend.
 *
 * @returns Why other machines are not told, if the backend keeps no tags.
 * @throws StackLockedError if another run has it, and whatever `verify` throws
 */
export async function acquire(lease: Lease, holder: LeaseHolder): Promise<string | undefined> {
  const { lock } = lease;
  const { run, by, clock, takeOver, ended } = holder;
  const before = lock.holder();
  lock.acquire(run, by, clock.now(), takeOver);
  try {
    return await tag(lease, holder, [run, ...(before === undefined ? [] : [before.run]), ...ended]);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * Gives it back. What the backend has against it is passed over: the next run of this machine knows that this one has
 * ended.
 */
export async function release({ lock, cli }: Lease): Promise<void> {
  await removeTag(cli).catch(() => undefined);
  lock.release();
}

/** A tag that is another's now is left alone: it is that one's say that the stack is taken. */
async function tag(
  { stack, cli }: Lease,
  { run, by, clock, verify, meanwhile }: LeaseHolder,
  outdated: readonly string[],
): Promise<string | undefined> {
  const began = clock.now();
  const there = await tagOf(cli);
  if (typeof there === "string") {
    await verify?.();
    return there;
  }
  if (there !== undefined && !outdated.includes(there.run)) {
    throw new StackLockedError(stack, there, `if that run no longer exists, run \`pulumi stack tag rm ${TAG}\``);
  }
  const mine: TaggedRun = { run, by, since: new Date(began).toISOString() };
  await setTag(cli, mine);
  const set = clock.now();
  try {
    await verify?.();
  } catch (error) {
    await removeOwnTag(cli, mine).catch(() => undefined);
    throw error;
  }
  meanwhile?.();
  await clock.sleep(Math.max(0, SETTLE_MS - (clock.now() - set)));
  const now = await taggedRun(cli);
  if (!isSameTag(now, mine)) {
    throw now === undefined
      ? new Error(`the tag ${TAG} of stack "${stack}" was just removed: start again`)
      : new StackLockedError(stack, now, "it started at the same time: wait until it ends");
  }
  if (set - began > SETTLE_MS) {
    throw new Error(
      `the backend took ${Math.round((set - began) / 1000)} s to record the lock of stack "${stack}", so another run may have started meanwhile: if there is none, run \`pulumi stack tag rm ${TAG}\` and start again`,
    );
  }
  return undefined;
}

async function removeOwnTag(cli: Lease["cli"], mine: TaggedRun): Promise<void> {
  if (isSameTag(await taggedRun(cli), mine)) {
    await removeTag(cli);
  }
}

/** A text is the reason why the backend has no tags; what else goes wrong is thrown. */
async function tagOf(cli: Lease["cli"]): Promise<TaggedRun | string | undefined> {
  try {
    return await taggedRun(cli);
  } catch (error) {
    const text = (error as Error).message;
    if (/tags? (is|are) not supported|not implemented|unsupported/i.test(text)) {
      return `other machines cannot see the lock: ${text}`;
    }
    throw error;
  }
}
