import { linkSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { basename, delimiter, join } from "node:path";
import { PulumiCommand } from "@pulumi/pulumi/automation";
import type { Progress } from "../progress";
import { cached, ensureTools, findProgram, prefetchTools, type Tool, type ToolName } from "../tools";
import { userCache } from "../userFolders";
import type { Engine } from "./engine";
import { isOlder } from "./isOlder";

/** The tools that an engine consists of. */
export const ENGINE_TOOLS: readonly ToolName[] = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-kubernetes"];

/**
 * The engine, built from Go modules like the sandbox's other tools: Pulumi's CLI and Kubernetes provider, and a
 * language host of our own.
 * @param sdk the version of the SDK @pulumi/kubernetes
 * @throws ToolError if something that only the user can provide is missing, or a build fails
 */
export async function builtEngine(sdk: string, progress: Progress): Promise<Engine> {
  const [cli, host, provider] = await ensureTools(ENGINE_TOOLS, progress);
  const root = await installation([cli, host], progress);
  const variables = {
    PATH: [join(root, "bin"), process.env.PATH].join(delimiter),
    PULUMI_HOME: providerHome(provider, sdk),
    // This has one effect for users of the engine: it does not warn with every command that the provider's version
    // differs from the SDK's. Whoever describes the engine mentions it once.
    ...(isOlder(provider.version, sdk) ? { PULUMI_DEV: "true" } : {}),
  };
  const command = await PulumiCommand.get({ root });
  return { command, provider: provider.version, way: "build", origin: "built from Go modules", variables };
}

/** If an engine will be built, fetches the modules for it in the background, without output. */
export function prefetchEngine(): void {
  if (findProgram("pulumi") === undefined) {
    prefetchTools(ENGINE_TOOLS).catch(() => undefined); // the build will meet the same error and report it
  }
}

/**
 * A folder as Pulumi's installer creates it: `bin` with the CLI, and the language hosts beside it, where it looks for
 * them.
 */
function installation(tools: readonly Tool[], progress: Progress): Promise<string> {
  const inputs = tools.map(({ dir }) => basename(dir));
  return cached(
    { kind: "tools", name: "pulumi-installation", version: tools[0].version, inputs },
    progress,
    async (folder) => {
      const bin = join(folder, "bin");
      mkdirSync(bin);
      // Not symbolic links: the CLI looks next to the file that they point to.
      for (const { path } of tools) linkSync(path, join(bin, basename(path)));
    },
  );
}

/**
 * A Pulumi home of the engine's own, separate from the user's, with the provider installed as the version that the SDK
 * asks for: a provider on PATH would make the CLI warn with every command.
 */
export function providerHome(provider: Tool, sdk: string): string {
  const home = join(userCache(), "canary-app", "pulumi-home", basename(provider.dir));
  const plugin = join(home, "plugins", `resource-kubernetes-v${sdk}`);
  mkdirSync(plugin, { recursive: true });
  const made = join(plugin, `.made-${process.pid}`);
  rmSync(made, { force: true });
  symlinkSync(provider.path, made);
  renameSync(made, join(plugin, basename(provider.path)));
  return home;
}
