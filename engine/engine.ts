import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { version } from "@pulumi/kubernetes/package.json";
import { PulumiCommand } from "@pulumi/pulumi/automation";

/** A Pulumi CLI that can run this project, with the Kubernetes provider. */
export interface Engine {
  /** The CLI, as the Automation API takes it. */
  command: PulumiCommand;
  /** Its version and where it came from, for people. */
  description: string;
}

/** Why there is no engine. */
export interface NoEngine {
  /** What was tried and what came of it, one line each. */
  reasons: string[];
}

/** Whether an engine was found. */
export function isEngine(found: Engine | NoEngine): found is Engine {
  return "command" in found;
}

const run = promisify(execFile);

/**
 * Finds the Pulumi CLI on PATH, or has Pulumi's own installer bring it; the same for the Kubernetes provider.
 * It never throws: where neither works, it says why.
 */
export async function findEngine(): Promise<Engine | NoEngine> {
  const reasons: string[] = [];
  const command = (await commandOnPath(reasons)) ?? (await installedCommand(reasons));
  if (command === undefined || !(await hasProvider(command, reasons))) {
    return { reasons };
  }
  return { command, description: `Pulumi ${command.version} (${command.command})` };
}

async function commandOnPath(reasons: string[]): Promise<PulumiCommand | undefined> {
  try {
    return await PulumiCommand.get();
  } catch (error) {
    reasons.push(`no usable pulumi on PATH (${firstLine(error)})`);
    return undefined;
  }
}

/** Kept apart from the user's own Pulumi, like every other tool of the sandbox. */
async function installedCommand(reasons: string[]): Promise<PulumiCommand | undefined> {
  const root = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "canary-app", "pulumi");
  try {
    return await PulumiCommand.install({ root });
  } catch (error) {
    reasons.push(`Pulumi's installer could not bring it (${firstLine(error)})`);
    return undefined;
  }
}

async function hasProvider(command: PulumiCommand, reasons: string[]): Promise<boolean> {
  if (await isOnPath("pulumi-resource-kubernetes")) {
    return true;
  }
  try {
    await run(command.command, ["plugin", "install", "resource", "kubernetes", version], { timeout: 300_000 });
    return true;
  } catch (error) {
    reasons.push(`Pulumi could not bring its Kubernetes provider ${version} (${firstLine(error)})`);
    return false;
  }
}

async function isOnPath(program: string): Promise<boolean> {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const found = await Promise.all(folders.map((folder) => access(join(folder, program), constants.X_OK).then(() => true, () => false)));
  return found.includes(true);
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().split("\n")[0].slice(0, 200);
}
