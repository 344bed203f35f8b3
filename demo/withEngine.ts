import type { EngineEvent, Stack } from "@pulumi/pulumi/automation";
import type { Engine } from "../engine/engine";
import { openProgramStack, type StackPlace } from "../engine/programStack";
import { engineReport } from "./engineReport";
import type { Target } from "./target";
import type { Moved, Way } from "./way";

/** `pulumi up`, by the Automation API, on the program at this project's root. */
export class WithEngine implements Way {
  readonly description: string;
  private stack?: Stack;

  constructor(
    private readonly engine: Engine,
    private readonly place: StackPlace,
    private readonly target: Target,
    private readonly write: (text: string) => void,
  ) {
    this.description = `pulumi up, with ${engine.description}`;
  }

  async bringUp(weight: number): Promise<string> {
    const config = { weight, ...(this.target.mesh === undefined ? {} : { mesh: this.target.mesh }) };
    this.stack = await openProgramStack({ ...this.place, config }, this.engine);
    const { outputs } = await this.stack.up({ onEvent: engineReport(this.write) });
    return outputs.url.value as string;
  }

  async preview(weight: number): Promise<void> {
    await this.opened().setConfig("weight", { value: String(weight) });
    await this.opened().preview({ diff: true, onOutput: this.write, color: process.stdout.isTTY ? "always" : "never" });
  }

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
