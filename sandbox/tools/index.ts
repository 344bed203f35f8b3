import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Progress } from "../progress";
import { cached, entryFolder, type CacheEntry } from "./cache";
import { findProgram } from "./command";
import { prefetchModules } from "./go";
import { iprouteEnvironment } from "./iproute";
import { currentPlatform } from "./platform";
import type { Recipe } from "./recipe";
import { recipe, TOOL_NAMES, type ToolName } from "./recipes";

export { cached, cacheFolder } from "./cache";
export { findProgram, runCommand } from "./command";
export { hasDebianPackages } from "./debian";
export { requirePip } from "./envoy";
export { InterruptedError, ToolError, UnsupportedPlatformError } from "./errors";
export { requireCertificates, requireGo } from "./goCommand";
export { nodeEnvironment } from "./nodePrograms";
export { currentPlatform, type Platform } from "./platform";
export { EARLIER_ISTIO, ISTIO, ISTIO_HUB } from "./istio";
export { TOOL_NAMES, type ToolName } from "./recipes";

/** A tool that is ready to use. */
export interface Tool {
  name: ToolName;
  /** Its version for people, e.g. "1.34.4". */
  version: string;
  /** Its folder in the cache; nothing in it may be changed. */
  dir: string;
  /** The program's absolute path; for "charts" the folder of the charts, for "node-programs" that of the programs. */
  path: string;
}

/**
 * The tool, built or fetched first if the cache does not have it.
 *
 * - "kube": etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kube-proxy, kubelet, kubeadm, kubectl
 *   and supervise in one program, picked by the first argument or the name it is called by; a link `kubectl` is
 *   beside it.
 * - "charts": the folders base, istiod, gateway, cni and ztunnel.
 * - "node-programs": `bin`, `cni`, and mostly `lib`; see `nodeEnvironment`.
 * - "iproute": the program `ip`, for systems without; see `ensureIp`.
 * - "pilot-agent": the template of Envoy's bootstrap configuration is beside it.
 * - "…-earlier": the same of the Istio of four months before.
 *
 * @param progress may have no open step, and belongs to this call until it ends
 * @throws ToolError if something that only the person can provide is missing, or a build fails
 * @throws InterruptedError if a signal ended the work, and something else listens for it too
 * @throws UnsupportedPlatformError on another system than Linux
 */
export async function ensureTool(name: ToolName, progress: Progress): Promise<Tool> {
  return (await ensureTools([name], progress))[0];
}

/**
 * The tools, in the order given. While one is compiled, the Go modules of the next are already fetched: the one
 * is the processor's work, the other the network's.
 * @throws as `ensureTool`
 */
export async function ensureTools(names: readonly ToolName[], progress: Progress): Promise<Tool[]> {
  const platform = currentPlatform();
  const recipes = names.map((name) => ({ name, recipe: recipe(name, platform) }));
  const tools: Tool[] = [];
  let prefetch = Promise.resolve();
  for (const [i, { name, recipe: own }] of recipes.entries()) {
    // A tool is made only once by this process, even if it is requested twice at the same time.
    const entry = entryOf(name, own);
    const dir = await once(entryFolder(entry), () =>
      cached(entry, progress, async (folder) => {
        await prefetch; // it may be fetching these very modules
        const next = recipes
          .slice(i + 1)
          .find((later) => later.recipe.go && !existsSync(entryFolder(entryOf(later.name, later.recipe))));
        if (own.go && next?.recipe.go) prefetch = prefetchModules(next.recipe.go, platform);
        await own.make(folder, progress);
      }),
    );
    tools.push({ name, version: own.version, dir, path: own.program ? join(dir, own.program) : dir });
  }
  await prefetch;
  return tools;
}

/**
 * Fetches the Go modules that the tools' builds will need, as far as they are not in the cache, in the background and
 * without output. If anything fails here, the build meets the same error and reports it.
 */
export async function prefetchTools(names: readonly ToolName[]): Promise<void> {
  const platform = currentPlatform();
  for (const name of names) {
    const own = recipe(name, platform);
    if (own.go && !existsSync(entryFolder(entryOf(name, own)))) await prefetchModules(own.go, platform);
  }
}

/**
 * An environment in which the program `ip` is found: this process's, or where it is missing on PATH, that with the
 * tool "iproute", which is made first if the cache does not have it.
 * @throws ToolError if it is missing, and there are no Debian packages to take it from
 */
export async function ensureIp(progress: Progress): Promise<NodeJS.ProcessEnv> {
  if (findProgram("ip")) return process.env;
  return iprouteEnvironment((await ensureTool("iproute", progress)).dir, currentPlatform());
}

/**
 * The folder of the tool, or the one that it will have once it is made. It is an input of whatever is made from the
 * tool.
 */
export function toolFolder(name: ToolName): string {
  return entryFolder(entryOf(name, recipe(name, currentPlatform())));
}

/** Whether the string names a tool. */
export function isToolName(name: string): name is ToolName {
  return (TOOL_NAMES as readonly string[]).includes(name);
}

function entryOf(name: ToolName, own: Recipe): CacheEntry {
  return { kind: "tools", name, version: own.version, inputs: own.inputs };
}

const making = new Map<string, Promise<string>>();

function once(folder: string, make: () => Promise<string>): Promise<string> {
  const running = making.get(folder) ?? make().finally(() => making.delete(folder));
  making.set(folder, running);
  return running;
}
