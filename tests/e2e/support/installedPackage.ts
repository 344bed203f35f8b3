import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, readFile, realpath, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { PROJECT_ROOT } from "../../../demo/programStack";
import { compiled } from "./compiled";

const run = promisify(execFile);

let archive: Promise<string> | undefined;

/** The package's archive: packed by the first that asks, for all tests of one run. */
export function packed(): Promise<string> {
  archive ??= pack();
  return archive;
}

async function pack(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "canary-archive-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  await compiled(); // what packing does, too; but others may be starting it meanwhile
  const { stdout } = await run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], {
    cwd: PROJECT_ROOT,
    maxBuffer: 64 * 1024 * 1024,
  });
  const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf("["))) as { filename: string }[];
  return join(folder, filename);
}

/**
 * Installs this package into a project's folder as `npm install` of its archive does it; only what npm would fetch is
 * linked.
 */
export async function installPackage(project: string): Promise<void> {
  const modules = join(project, "node_modules");
  const own = join(modules, "canary-app");
  await mkdir(own, { recursive: true });
  await run("tar", ["-xzf", await packed(), "-C", own, "--strip-components=1"]);
  const { dependencies, peerDependencies } = JSON.parse(await readFile(join(PROJECT_ROOT, "package.json"), "utf8"));
  for (const name of [...Object.keys(dependencies), ...Object.keys(peerDependencies), "@types/node"]) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(await realpath(join(PROJECT_ROOT, "node_modules", name)), join(modules, name));
  }
  await writeFile(
    join(project, "package.json"),
    JSON.stringify({ name: "shop", private: true, dependencies: { "canary-app": "0.1.0" } }),
  );
  await run("npm", ["rebuild", "--ignore-scripts", "canary-app"], { cwd: project });
}
