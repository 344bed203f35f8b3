import { dirname } from "node:path";
import { PulumiCommand } from "@pulumi/pulumi/automation";
import { findProgram } from "../tools";
import type { Engine } from "./engine";
import { EngineError, firstLine } from "./errors";
import { providerOf } from "./provider";

/**
 * The `pulumi` on PATH, with the provider that it finds or can install.
 * @param sdk the version of the SDK @pulumi/kubernetes
 * @throws EngineError if there is none, it is too old for the Automation API, or it has no provider
 */
export async function engineOnPath(sdk: string): Promise<Engine> {
  const path = findProgram("pulumi");
  if (path === undefined) throw new EngineError("there is no `pulumi` on PATH");
  const command = await PulumiCommand.get().catch((error: unknown) => {
    throw new EngineError(`${path} is not usable (${firstLine(error)})`);
  });
  const provider = await providerOf(path, sdk);
  return { command, provider, way: "path", origin: `on PATH (${dirname(path)})`, variables: {} };
}
