import { linkSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { basename, delimiter, join } from "node:path";
import { PulumiCommand } from "@pulumi/pulumi/automation";
import type { Progress } from "../progress";
import { cached, ensureTools, findProgram, prefetchTools, type Tool, type ToolName } from "../tools";
import { userCache } from "../userFolders";
import type { Engine } from "./engine";
import { isOlder } from "./isOlder";

/** The tools that an engine is made of. */
export const ENGINE_TOOLS: readonly ToolName[] = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-kubernetes"];

/**
 * The engine, built from Go modules like the sandbox's other tools: Pulumi's CLI and Kubernetes provider, and a
 * language host of our own.
 * @param sdk the version of the SDK @pulumi/kubernetes
 * @throws ToolError if something that only the person can provide is missing, or a build fails
 */
export async function builtEngine(sdk: string, progress: Progress): Promise<Engine> {
  const [cli, host, provider] = await ensureTools(ENGINE_TOOLS, progress);
  const root = await installation([cli, host], progress);
  const variables = {
    PATH: [join(root, "bin"), process.env.PATH].join(delimiter),
    PULUMI_HOME: providerHome(provider, sdk),
    // The one thing that this changes for who uses the engine: it does not say with every command that the provider's
    // version is another one than the SDK's. It is said once, by whoever describes the engine.
    ...(isOlder(provider.version, sdk) ? { PULUMI_DEV: "true" } : {}),
  };
  const command = await PulumiCommand.get({ root });
  return { command, provider: provider.version, way: "build", origin: "built from Go modules", variables };
}

/** Where an engine will be built, fetches the modules for it, beside other work and without a word. */
export function prefetchEngine(): void {
  if (findProgram("pulumi") === undefined) {
    prefetchTools(ENGINE_TOOLS).catch(() => undefined); // the build meets it again, and says so
  }
}

/**
 * A folder as Pulumi's installer leaves it: `bin` with the CLI, and the language hosts beside it, where it looks for
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
      // Not symbolic links: the CLI looks beside the file that they point to.
      for (const { path } of tools) linkSync(path, join(bin, basename(path)));
    },
  );
}

/**
 * A Pulumi home of the engine's own, apart from the user's, with the provider in the place of the version that the SDK
 * asks for: on PATH the CLI would warn of it with every command.
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
