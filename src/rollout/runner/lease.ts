import type { PulumiCli } from "../../config/pulumiCli";
import { isSameTag, removeTag, setTag, TAG, taggedRun, type TaggedRun } from "../pulumi/stackTag";
import type { Clock } from "./clock";
import { type StackLock, StackLockedError } from "./stackLock";

/** Where it is written who has a stack: a lock for this machine, a tag in the backend for all others. */
export interface Lease {
  stack: string;
  lock: Pick<StackLock, "holder" | "left" | "leave" | "acquire" | "release">;
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
  const { run, by, clock, takeOver } = holder;
  const outdated = outdatedRuns(lease, holder);
  lock.acquire(run, by, clock.now(), takeOver);
  try {
    return await tag(lease, holder, outdated);
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

/**
 * Takes a stack for one `up`, which begins at once: it does not wait until the tag has stood for long enough to be
 * believed. Instead it is looked at again when the `up` is over.
 *
 * @returns What gives the stack back. It rejects if another run has taken the stack at the same time.
 * @throws StackLockedError if another run has it
 */
export async function acquireForOneUp(lease: Lease, holder: LeaseHolder): Promise<() => Promise<void>> {
  const { lock, cli, stack } = lease;
  const { run, by, clock, takeOver } = holder;
  const outdated = outdatedRuns(lease, holder);
  lock.acquire(run, by, clock.now(), takeOver);
  const tagged = await setOwnTag(lease, holder, outdated).catch((error: unknown) => {
    lock.release();
    throw error;
  });
  return async () => {
    let isTagLeft = false;
    // What the backend has against it is passed over, as by `release`; but no journal says that this one has ended.
    const leaveTag = () => void (isTagLeft = true);
    try {
      if (typeof tagged === "string") {
        return;
      }
      const now = await taggedRun(cli).catch(leaveTag);
      if (isSameTag(now ?? undefined, tagged.tag)) {
        await removeTag(cli).catch(leaveTag);
      } else if (now !== undefined) {
        throw new StackLockedError(stack, now, "it started at the same time, so that both have moved the traffic");
      }
    } finally {
      if (isTagLeft) {
        lock.leave();
      } else {
        lock.release();
      }
    }
  };
}

/** The runs whose tag does not count. To be asked before the lock is this run's. */
function outdatedRuns({ lock }: Lease, { run, ended }: LeaseHolder): string[] {
  const before = lock.holder()?.run ?? lock.left();
  return [run, ...(before === undefined ? [] : [before]), ...ended];
}

/** A tag that is another's now is left alone: it is that one's say that the stack is taken. */
async function tag(lease: Lease, holder: LeaseHolder, outdated: readonly string[]): Promise<string | undefined> {
  const { stack, cli } = lease;
  const { clock, meanwhile } = holder;
  const began = clock.now();
  const tagged = await setOwnTag(lease, holder, outdated);
  if (typeof tagged === "string") {
    return tagged;
  }
  meanwhile?.();
  await clock.sleep(Math.max(0, SETTLE_MS - (clock.now() - tagged.at)));
  const now = await taggedRun(cli);
  if (!isSameTag(now, tagged.tag)) {
    throw now === undefined
      ? new Error(`the tag ${TAG} of stack "${stack}" was just removed: start again`)
      : new StackLockedError(stack, now, "it started at the same time: wait until it ends");
  }
  if (tagged.at - began > SETTLE_MS) {
    throw new Error(
      `the backend took ${Math.round((tagged.at - began) / 1000)} s to record the lock of stack "${stack}", so another run may have started meanwhile: if there is none, run \`pulumi stack tag rm ${TAG}\` and start again`,
    );
  }
  return undefined;
}

/** The tag, and when it was set; why not, if the backend keeps no tags. */
async function setOwnTag(
  { stack, cli }: Lease,
  { run, by, clock, verify }: LeaseHolder,
  outdated: readonly string[],
): Promise<{ tag: TaggedRun; at: number } | string> {
  const since = new Date(clock.now()).toISOString();
  const there = await tagOf(cli);
  if (typeof there === "string") {
    await verify?.();
    return there;
  }
  if (there !== undefined && !outdated.includes(there.run)) {
    throw new StackLockedError(stack, there, `if that run no longer exists, run \`pulumi stack tag rm ${TAG}\``);
  }
  const mine: TaggedRun = { run, by, since };
  await setTag(cli, mine);
  const at = clock.now();
  try {
    await verify?.();
  } catch (error) {
    await removeOwnTag(cli, mine).catch(() => undefined);
    throw error;
  }
  return { tag: mine, at };
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
