import { isDeepStrictEqual } from "node:util";
import { readConfigFile, writeConfigFile } from "../../config/configFile";
import type { ConfigSource } from "../../config/configText";
import type { ConfigValues } from "../../config/configValues";
import type { Project } from "../../config/project";
import type { PulumiCli } from "../../config/pulumiCli";
import { sameWeights, type Weights } from "../weights";
import type { StackEngine } from "./engine";
import type { StackUnderRun } from "./stackUnderRun";

/** The parts of an exported stack that are looked at. */
interface ExportedStack {
  deployment?: {
    resources?: { type: string; outputs?: Record<string, unknown> }[];
    pending_operations?: unknown[];
  };
}

/** A stack of a Pulumi project: its config file, and the engine. */
export class PulumiStack implements StackUnderRun {
  constructor(
    private readonly project: Project,
    readonly name: string,
    private readonly engine: StackEngine,
    private readonly cli: PulumiCli,
  ) {}

  write(values: ConfigValues, source?: ConfigSource): Promise<void> {
    return writeConfigFile(this.project.configFile(this.name), this.project.name, values, source);
  }

  up(signal: AbortSignal): Promise<void> {
    return this.engine.up(signal);
  }

  async difference(config: ConfigValues, weights: Weights): Promise<string | undefined> {
    const changed = await changedKey(this.project, this.name, config);
    if (changed !== undefined) {
      return `${changed} was changed by somebody else`;
    }
    const { deployment } = JSON.parse(await this.cli.ask("stack", "export")) as ExportedStack;
    if (deployment?.pending_operations?.length) {
      return "the last up was killed in the middle";
    }
    const outputs = deployment?.resources?.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs;
    const shares = outputs?.weights;
    if (!isShares(shares)) {
      return "the stack has no output `weights` that tells its shares";
    }
    return sameWeights(shares, weights) ? undefined : `the stack's shares are ${JSON.stringify(shares)}`;
  }
}

/**
 * The first key of a stack's config file that does not have the value it is expected to have; undefined if there is
 * none.
 */
export async function changedKey(project: Project, stack: string, expected: ConfigValues): Promise<string | undefined> {
  const values = (await readConfigFile(project.configFile(stack), project.name)).values();
  return Object.keys(expected).find((key) => !isDeepStrictEqual(values[key] ?? null, expected[key] ?? null));
}

function isShares(value: unknown): value is Weights {
  return (
    typeof value === "object" && value !== null && Object.values(value).every((share) => typeof share === "number")
  );
}
