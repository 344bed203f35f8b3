import type { PulumiCli } from "../../project/pulumiCli";

/** The tag of a stack that says which run has it: another machine sees that, too. */
const TAG = "canary:run";

/** What the tag says. */
export interface TaggedRun {
  run: string;
  by: string;
  since: string;
}

/** The run that the backend says has the stack; undefined if none. */
export async function taggedRun(cli: PulumiCli): Promise<TaggedRun | undefined> {
  const tags = JSON.parse(await cli.ask("stack", "tag", "ls", "--json")) as Record<string, string>;
  const [run, since, ...by] = (tags[TAG] ?? "").split(" ");
  return run === "" ? undefined : { run, since, by: by.join(" ") };
}

/** Says in the backend that a run has the stack. */
export async function setTag(cli: PulumiCli, { run, by, since }: TaggedRun): Promise<void> {
  await cli.ask("stack", "tag", "set", TAG, `${run} ${since} ${by}`.slice(0, 250));
}

/** Says in the backend that no run has the stack. */
export async function removeTag(cli: PulumiCli): Promise<void> {
  await cli.ask("stack", "tag", "rm", TAG);
}
