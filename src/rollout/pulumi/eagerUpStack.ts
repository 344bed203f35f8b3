import type { ConfigSource } from "../../config/configText";
import type { ConfigValues } from "../../config/configValues";
import type { Weights } from "../weights";
import type { AppWeights, RolloutStack, UpOptions } from "./rolloutStack";

/** A stack whose first `up` can begin before a run asks for it, as long as its config is as it will be then. */
export class EagerUpStack implements RolloutStack {
  private ahead: { up: Promise<void>; ending: AbortController } | undefined;

  constructor(private readonly stack: RolloutStack) {}

  get name(): string {
    return this.stack.name;
  }

  /** Begins with the first `up`. What becomes of it is told to whoever asks for one. */
  begin(): void {
    const ending = new AbortController();
    const up = this.stack.up(ending.signal);
    up.catch(() => undefined);
    this.ahead = { up, ending };
  }

  async up(signal: AbortSignal, options?: UpOptions): Promise<void> {
    if (options?.refresh) {
      await this.giveUp(); // it looks at less than is asked for
    }
    const { ahead } = this;
    this.ahead = undefined;
    if (ahead === undefined) {
      return this.stack.up(signal, options);
    }
    const end = () => ahead.ending.abort(signal.reason);
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) {
      end();
    }
    return ahead.up.finally(() => signal.removeEventListener("abort", end));
  }

  /** Ends an `up` that nobody has asked for, and waits for that. */
  async giveUp(): Promise<void> {
    const { ahead } = this;
    this.ahead = undefined;
    ahead?.ending.abort();
    await ahead?.up.catch(() => undefined);
  }

  async write(values: ConfigValues, source?: ConfigSource): Promise<void> {
    await this.giveUp();
    return this.stack.write(values, source);
  }

  difference(config: ConfigValues, weights: Weights, others?: readonly AppWeights[]): Promise<string | undefined> {
    return this.stack.difference(config, weights, others);
  }
}
