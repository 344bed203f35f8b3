import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { configFile, PROJECT_ROOT } from "../../../demo/programStack";

/** What runs leave beside a stack's config file, by the ends of their names. */
const OF_RUNS = [".rollout.jsonl", ".rollout.lock"];

/** Removes what runs of a stack have left. */
export async function forgetRuns(stack: string, folder?: string): Promise<void> {
  const beside = configFile(stack, folder).replace(/\.yaml$/, "");
  await Promise.all(OF_RUNS.map((end) => rm(`${beside}${end}`, { force: true })));
}

/** Removes a stack's config file, and what its runs have left; its state goes with the cluster. */
export async function forgetProgram(stack: string, folder?: string): Promise<void> {
  await Promise.all([forgetRuns(stack, folder), rm(configFile(stack, folder), { force: true })]);
}

/**
 * Forgets all stacks whose state is in a folder, but those that are kept: states, tags, locks, and the files in their
 * projects' folders.
 */
export async function forgetStacks(stateFolder: string, kept: readonly string[]): Promise<void> {
  const states = join(stateFolder, ".pulumi");
  for (const [project, stack] of (await stacksIn(join(states, "stacks"))).filter(([, name]) => !kept.includes(name))) {
    await forgetProgram(stack, folderOf(project));
    const own = join(states, "stacks", project);
    const files = (await readdir(own)).filter((name) => name.startsWith(`${stack}.`)).map((name) => join(own, name));
    const folders = ["locks/organization", "history", "backups"].map((folder) => join(states, folder, project, stack));
    await Promise.all([...files, ...folders].map((path) => rm(path, { recursive: true, force: true })));
  }
}

/** The stacks of which there is a state or what belongs to one, each with its project's name before its own. */
async function stacksIn(folder: string): Promise<[project: string, stack: string][]> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const stacks = new Set(names.flatMap((name) => /^[^/]+\/[^/.]+(?=\.)/.exec(name) ?? []));
  return [...stacks].map((each) => each.split("/") as [string, string]);
}

/** The folder of a project of this repository; of a program that is a function of a test there is none. */
function folderOf(project: string): string {
  return project === "canary-app" ? PROJECT_ROOT : join(PROJECT_ROOT, "examples", project);
}
