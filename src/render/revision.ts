import { access, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import { runProgram } from "../internal/runProgram";

/**
 * Does something with a folder as it was at a revision of its git repository. The repository and its work tree are left
 * as they are; installed packages are those of now.
 *
 * @param folder A folder in a work tree.
 * @param revision Whatever git takes for a commit: a branch, a tag, `HEAD~1`.
 * @throws ProgramError with what git said, e.g. that there is no such revision.
 */
export async function atRevision<T>(
  folder: string,
  revision: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const here = await realpath(folder);
  const top = await git(here, ["rev-parse", "--show-toplevel"]);
  // With the end of options marked, a revision is never taken for an option.
  const commit = await git(here, ["rev-parse", "--verify", "--end-of-options", `${revision}^{commit}`]);
  const room = await realpath(await mkdtemp(join(tmpdir(), "canary-revision-")));
  try {
    const tree = join(room, "tree");
    const index = { GIT_INDEX_FILE: join(room, "index") };
    await git(top, ["read-tree", commit], index);
    await git(top, ["checkout-index", "--all", `--prefix=${tree}${sep}`], index);
    for (const each of foldersBetween(top, here)) {
      await linkPackages(join(top, each), join(tree, each));
    }
    return await work(join(tree, relative(top, here)));
  } finally {
    await rm(room, { recursive: true, force: true });
  }
}

/** From the top of the work tree down to the folder. */
function foldersBetween(top: string, folder: string): string[] {
  const inside = relative(top, folder);
  return inside === "" ? [""] : [...foldersBetween(top, dirname(folder)), inside];
}

async function linkPackages(from: string, to: string): Promise<void> {
  const [packages, folder] = [join(from, "node_modules"), to];
  const isThere = (path: string) =>
    access(path).then(
      () => true,
      () => false,
    );
  if ((await isThere(packages)) && (await isThere(folder)) && !(await isThere(join(to, "node_modules")))) {
    await symlink(await realpath(packages), join(to, "node_modules"), "dir");
  }
}

async function git(folder: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  return (await runProgram("git", args, { cwd: folder, env: { ...process.env, ...env } })).stdout.trim();
}
