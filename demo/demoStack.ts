import type { EngineEvent, Stack } from "@pulumi/pulumi/automation";
import type { Engine } from "../sandbox/engine/engine";
import { openProgramStack, type StackPlace } from "./programStack";
import { engineReport } from "./engineReport";
import type { Target } from "./target";

/** How moving the traffic went. */
export interface Moved {
  /** When the new routing was in the cluster, on the clock of `performance.now()`. */
  routedAt: number;
  /** What was changed, for people. */
  changes: string;
}

/** The stack of the program at this project's root, brought up by `pulumi up` through the Automation API. */
export class DemoStack {
  private stack?: Stack;

  constructor(
    private readonly engine: Engine,
    private readonly place: StackPlace,
    private readonly target: Target,
    private readonly write: (text: string) => void,
  ) {}

  /** Brings everything up with this weight; returns the address to call. */
  async bringUp(weight: number): Promise<string> {
    const config = { weight, ...(this.target.mesh === undefined ? {} : { mesh: this.target.mesh }) };
    this.stack = await openProgramStack({ ...this.place, config }, this.engine);
    const { outputs } = await this.stack.up({ onEvent: engineReport(this.write) });
    return outputs.url.value as string;
  }

  /** Sets the weight in the config and shows what that would change. */
  async preview(weight: number): Promise<void> {
    await this.opened().setConfig("weight", { value: String(weight) });
    await this.opened().preview({ diff: true, onOutput: this.write, color: process.stdout.isTTY ? "always" : "never" });
  }

  /** Moves the traffic to the configured weight. */
  async move(): Promise<Moved> {
    let routedAt = performance.now();
    const report = engineReport(this.write);
    const onEvent = (event: EngineEvent) => {
      report(event);
      if (event.resOutputsEvent?.metadata.type.endsWith(":VirtualService")) {
        routedAt = performance.now();
      }
    };
    const { summary } = await this.opened().up({ onEvent });
    const { same = 0, ...changed } = summary.resourceChanges ?? {};
    const told = Object.entries(changed).map(([kind, count]) => `${count} ${kind}`);
    return { routedAt, changes: `${told.join(", ") || "no change"}, ${same} unchanged` };
  }

  /** How to continue by hand, one command per line; `option` is what the demo was called with. */
  goOn(weight: number, option: string): string[] {
    return [`eval "$(npm run --silent demo -- --env${option})"`, `pulumi config set weight ${weight} && pulumi up`];
  }

  private opened(): Stack {
    if (this.stack === undefined) {
      throw new Error("bringUp() comes first");
    }
    return this.stack;
  }
}
