import type { PulumiCli } from "../../config/pulumiCli";
import { isSameTag, removeTag, setTag, TAG, taggedRun, type TaggedRun } from "../pulumi/stackTag";
import { type Claim, StackHeldError } from "./claim";
import type { Clock } from "./clock";

/** What says who has a stack: to this machine and to all others. */
export interface Tenure {
  stack: string;
  claim: Pick<Claim, "holder" | "take" | "release">;
  cli: Pick<PulumiCli, "ask">;
}

/** Who takes a stack, and for what. */
export interface Tenant {
  run: string;
  by: string;
  clock: Clock;
  /** Whether it may be taken from a process of this machine that has ended without giving it back. */
  takeOver: boolean;
  /** Runs that are known to have ended: what the backend still says of them is out of date. */
  ended: readonly string[];
  /** What can begin while the backend's tag has to stand for a while: nobody else had the stack a moment ago. */
  meanwhile?(): void;
}

/**
 * How long a tag has to stand to be believed, in ms; and the longest that may pass between the look at the tag and its
 * setting. A backend has no «set it if it is not set», so of two machines that look at the same time both set it. But
 * then the second one has set it before the first one looks again: only the last one finds its own.
 */
const SETTLE_MS = 5000;

/**
 * Takes a stack: on this machine by the file beside its config, and for all others by a tag in the backend.
 *
 * @returns Why other machines are not told, if the backend keeps no tags.
 * @throws StackHeldError if another run has it
 */
export async function seize(tenure: Tenure, tenant: Tenant): Promise<string | undefined> {
  const { claim } = tenure;
  const { run, by, clock, takeOver, ended } = tenant;
  const before = claim.holder();
  claim.take(run, by, clock.now(), takeOver);
  try {
    return await tag(tenure, tenant, [run, ...(before === undefined ? [] : [before.run]), ...ended]);
  } catch (error) {
    claim.release();
    throw error;
  }
}

/**
 * Gives it back. What the backend has against it is passed over: the next run of this machine knows that this one has
 * ended.
 */
export async function leave({ claim, cli }: Tenure): Promise<void> {
  await removeTag(cli).catch(() => undefined);
  claim.release();
}

/** A tag that is another's now is left alone: it is that one's say that the stack is taken. */
async function tag(
  { stack, cli }: Tenure,
  { run, by, clock, meanwhile }: Tenant,
  outdated: readonly string[],
): Promise<string | undefined> {
  const began = clock.now();
  const there = await tagOf(cli);
  if (typeof there === "string") {
    return there;
  }
  if (there !== undefined && !outdated.includes(there.run)) {
    throw new StackHeldError(stack, there, `if that run is no more, say so with \`pulumi stack tag rm ${TAG}\``);
  }
  const mine: TaggedRun = { run, by, since: new Date(began).toISOString() };
  await setTag(cli, mine);
  const took = clock.now() - began;
  meanwhile?.();
  await clock.sleep(SETTLE_MS);
  const now = await taggedRun(cli);
  if (!isSameTag(now, mine)) {
    throw now === undefined
      ? new Error(`the tag ${TAG} of the stack "${stack}" was taken away just now: start again`)
      : new StackHeldError(stack, now, "it began at the same time: wait for its end");
  }
  if (took > SETTLE_MS) {
    throw new Error(
      `the backend took ${Math.round(took / 1000)} s to note who has the stack "${stack}", so another run may have begun meanwhile: if there is none, say so with \`pulumi stack tag rm ${TAG}\`, and start again`,
    );
  }
  return undefined;
}

/** A text is the reason why the backend has no tags; what else goes wrong is thrown. */
async function tagOf(cli: Tenure["cli"]): Promise<TaggedRun | string | undefined> {
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
