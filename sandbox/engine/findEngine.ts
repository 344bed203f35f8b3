import { version as sdkVersion } from "@pulumi/kubernetes/package.json";
import { createProgress, type Progress } from "../progress";
import { builtEngine } from "./built";
import { type Engine, type EngineWay, ENGINE_WAYS } from "./engine";
import { EngineError } from "./errors";
import { installedEngine } from "./installed";
import { isOlder } from "./isOlder";
import { engineOnPath } from "./onPath";

const WAYS: Record<EngineWay, (sdk: string, progress: Progress) => Promise<Engine>> = {
  path: engineOnPath,
  installer: installedEngine,
  build: builtEngine,
};

/** The environment variable that selects one of the ways. */
export const ENGINE_VARIABLE = "CANARY_ENGINE";

/**
 * The engine that this machine has or can install: a `pulumi` on PATH with a Kubernetes provider; the one that Pulumi's
 * own installer has installed or can install; otherwise it is built from Go modules, like the sandbox's other tools.
 * @param way The only way to try.
 * @default the variable CANARY_ENGINE; without it all of them
 * @throws EngineError if there is none, with what was tried and what to do
 * @throws ToolError if it has to be built, and something that only the user can provide is missing
 */
export async function findEngine(progress: Progress = createProgress(), way = forcedWay()): Promise<Engine> {
  const reasons: string[] = [];
  for (const each of way === undefined ? ENGINE_WAYS : [way]) {
    try {
      return await WAYS[each](sdkVersion, progress);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      reasons.push(`${each}: ${error.message}`);
    }
  }
  throw new EngineError(`There is no Pulumi engine.\n${reasons.map((reason) => `  ${reason}`).join("\n")}`);
}

/**
 * Finds the engine, makes this process and its children use it, and prints in one line which one it is.
 * @param tell Receives the line.
 * @default prints it to standard output
 * @throws as {@link findEngine}
 */
export async function useEngine(tell = (line: string) => console.log(line), progress?: Progress): Promise<Engine> {
  const engine = await findEngine(progress);
  Object.assign(process.env, engine.variables);
  tell(describeEngine(engine));
  return engine;
}

/** The engine in one line, and if its provider is older than the SDK, a second line on what that means. */
export function describeEngine({ command, provider, origin }: Engine): string {
  const line = `Engine: Pulumi ${command.version} with its Kubernetes provider ${provider}, ${origin}.`;
  const advice = `The provider is older than its SDK ${sdkVersion}; docs/engine.md says what it does otherwise.`;
  return provider === "" || !isOlder(provider, sdkVersion) ? line : `${line}\n${advice}`;
}

function forcedWay(): EngineWay | undefined {
  const value = process.env[ENGINE_VARIABLE];
  if (!value) return undefined;
  if ((ENGINE_WAYS as readonly string[]).includes(value)) return value as EngineWay;
  throw new EngineError(
    `${ENGINE_VARIABLE} is "${value}"; one of ${ENGINE_WAYS.join(", ")} is allowed, or leave it out.`,
  );
}
