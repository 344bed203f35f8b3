import { dirname, delimiter, join } from "node:path";
import { PulumiCommand } from "@pulumi/pulumi/automation";
import type { Progress } from "../progress";
import { userCache } from "../userFolders";
import type { Engine } from "./engine";
import { EngineError, firstLine } from "./errors";
import { providerOf } from "./provider";

/** Where Pulumi's installer is downloaded from. */
const INSTALLER = "https://get.pulumi.com/install.sh";

/** The time limit for a response from the installer's address, in milliseconds. */
const ANSWER_MS = 3_000;

/**
 * The engine that Pulumi's own installer has installed, or installs now, into a folder of its own, separate from the
 * user's Pulumi, like every other tool of the sandbox.
 * @param sdk the version of the SDK @pulumi/kubernetes
 * @throws EngineError if the installer cannot be reached, which is known within seconds, or fails
 */
export async function installedEngine(sdk: string, progress: Progress): Promise<Engine> {
  const root = join(userCache(), "canary-app", "pulumi");
  const command = (await PulumiCommand.get({ root }).catch(() => undefined)) ?? (await install(root, progress));
  const folder = dirname(command.command);
  const provider = await providerOf(command.command, sdk);
  const variables = { PATH: [folder, process.env.PATH].join(delimiter) };
  return { command, provider, way: "installer", origin: `brought by Pulumi's installer (${folder})`, variables };
}

async function install(root: string, progress: Progress): Promise<PulumiCommand> {
  await fetch(INSTALLER, { method: "HEAD", signal: AbortSignal.timeout(ANSWER_MS) }).catch(() => {
    throw new EngineError("Pulumi's installer cannot be reached");
  });
  const step = progress.step("installing Pulumi");
  try {
    const command = await PulumiCommand.install({ root });
    step.done();
    return command;
  } catch (error) {
    step.failed();
    throw new EngineError(`Pulumi's installer failed (${firstLine(error)})`);
  }
}
