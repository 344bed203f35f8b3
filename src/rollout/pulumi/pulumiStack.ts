import { isDeepStrictEqual } from "node:util";
import { readConfigFile, writeConfigFile } from "../../config/configFile";
import type { ConfigSource } from "../../config/configText";
import type { ConfigValues } from "../../config/configValues";
import type { Project } from "../../config/project";
import type { PulumiCli } from "../../config/pulumiCli";
import { sameWeights, type Weights } from "../weights";
import type { StackEngine } from "./engine";
import { readStackState, weightsOf } from "./stackState";
import type { AppWeights, RolloutStack, UpOptions } from "./rolloutStack";

/** A stack of a Pulumi project: its config file, and the engine. */
export class PulumiStack implements RolloutStack {
  constructor(
    private readonly project: Project,
    readonly name: string,
    private readonly engine: StackEngine,
    private readonly cli: PulumiCli,
  ) {}

  write(values: ConfigValues, source?: ConfigSource): Promise<void> {
    return writeConfigFile(this.project.configFile(this.name), this.project.name, values, source);
  }

  up(signal: AbortSignal, options?: UpOptions): Promise<void> {
    return this.engine.up(signal, options);
  }

  async difference(
    config: ConfigValues,
    weights: Weights,
    others: readonly AppWeights[] = [],
  ): Promise<string | undefined> {
    const file = await readConfigFile(this.project.configFile(this.name), this.project.name);
    const changed = changedKey(file.values(), config);
    if (changed !== undefined) {
      return `${changed} was changed by someone else`;
    }
    const state = await readStackState(this.cli);
    if (state.isInterrupted) {
      return "the last up was interrupted";
    }
    if (state.weights === undefined) {
      return "the stack has no output `weights`";
    }
    if (!sameWeights(state.weights, weights)) {
      return `the stack's weights are ${JSON.stringify(state.weights)}`;
    }
    return others.flatMap((other) => {
      const found = weightsOf(state, other); // a program of another kind has no such component: its config is the same
      return found === undefined || sameWeights(found, other.weights)
        ? []
        : [`the weights of ${other.app} in namespace ${other.namespace} are ${JSON.stringify(found)}`];
    })[0];
  }
}

/** The keys that do not have the value they are expected to have. */
export function changedKeys(values: ConfigValues, expected: ConfigValues): string[] {
  return Object.keys(expected).filter((key) => !isDeepStrictEqual(values[key] ?? null, expected[key] ?? null));
}

/** The first of them; undefined if there is none. */
export function changedKey(values: ConfigValues, expected: ConfigValues): string | undefined {
  return changedKeys(values, expected)[0];
}
