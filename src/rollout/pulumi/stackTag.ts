import type { PulumiCli } from "../../config/pulumiCli";

/** The tag of a stack that says which run has it: another machine sees that, too. */
export const TAG = "canary:run";

/** The longest text that a backend keeps as a tag; 256 are Pulumi's limit. */
const LONGEST = 250;

/** What the tag says. */
export interface TaggedRun {
  run: string;
  by: string;
  since: string;
}

/** The run that the backend says has the stack; undefined if none. */
export async function taggedRun(cli: Pick<PulumiCli, "ask">): Promise<TaggedRun | undefined> {
  const tags = JSON.parse(await cli.ask("stack", "tag", "ls", "--json")) as Record<string, string>;
  const [run, since, ...by] = (tags[TAG] ?? "").split(" ");
  return run === "" ? undefined : { run, since, by: by.join(" ") };
}

/** Says in the backend that a run has the stack. */
export async function setTag(cli: Pick<PulumiCli, "ask">, tagged: TaggedRun): Promise<void> {
  await cli.ask("stack", "tag", "set", TAG, tagText(tagged));
}

/** Says in the backend that no run has the stack. */
export async function removeTag(cli: Pick<PulumiCli, "ask">): Promise<void> {
  await cli.ask("stack", "tag", "rm", TAG);
}

/** Whether two tags were set by the same process for the same run. */
export function isSameTag(one: TaggedRun | undefined, other: TaggedRun | undefined): boolean {
  return one !== undefined && other !== undefined && tagText(one) === tagText(other);
}

function tagText({ run, by, since }: TaggedRun): string {
  return `${run} ${since} ${by}`.slice(0, LONGEST).trimEnd();
}
