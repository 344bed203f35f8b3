import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { findProgram } from "../tools";
import { EngineError, firstLine } from "./errors";
import { pluginVersion } from "./pluginVersion";

const run = promisify(execFile);

const PROGRAM = "pulumi-resource-kubernetes";

/** The time limit for Pulumi to install a provider, in milliseconds. */
const INSTALL_MS = 300_000;

/**
 * The version of the Kubernetes provider that a CLI uses: the one on PATH, one that it has installed, or the SDK's own,
 * which it is asked to install.
 * @param pulumi the CLI's path
 * @param sdk the version of the SDK @pulumi/kubernetes
 * @throws EngineError if there is none and it cannot be installed
 */
export async function providerOf(pulumi: string, sdk: string): Promise<string> {
  const path = findProgram(PROGRAM);
  if (path !== undefined) {
    return pluginVersion(path).catch((error: unknown) => {
      throw new EngineError(`${path} does not say its version (${firstLine(error)})`);
    });
  }
  try {
    await run(pulumi, ["plugin", "install", "resource", "kubernetes", sdk], { timeout: INSTALL_MS });
    return sdk;
  } catch (error) {
    throw new EngineError(`${pulumi} has no Kubernetes provider ${sdk}, and cannot bring it (${firstLine(error)})`);
  }
}
