import type { Rollout } from "../rollout/runner/launch";

const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Signals that come while a run is begun. To end at once would leave the stack locked for other machines; so the run is
 * begun, and sent back before it moves anything.
 */
export class EarlySignals {
  private first: NodeJS.Signals | undefined;
  private readonly listeners = ENDING.map((signal) => [signal, () => void (this.first ??= signal)] as const);

  constructor(private readonly signals: Pick<NodeJS.EventEmitter, "on" | "off"> = process) {
    this.listeners.forEach(([signal, listener]) => signals.on(signal, listener));
  }

  /** Tells a run that has begun of the first of them, if there was one. */
  passOn(rollout: Pick<Rollout, "abort">, canAsk: boolean): void {
    this.stop();
    if (this.first === "SIGINT" && canAsk) {
      rollout.abort("person");
    } else if (this.first !== undefined) {
      rollout.abort("terminated", this.first);
    }
  }

  /** Ends it: signals do again what they did before. */
  stop(): void {
    this.listeners.forEach(([signal, listener]) => this.signals.off(signal, listener));
  }
}
