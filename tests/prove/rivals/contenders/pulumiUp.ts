import { spawn } from "node:child_process";
import { once } from "node:events";
import { PROJECT_ROOT, stackVariables } from "../../../../demo/programStack";
import type { Contender, Ground } from "../contender";
import { CanaryStack } from "./canaryStack";
import { type Shares, Weighted } from "./weighted";

/** CanaryApp as a person or a pipeline uses it. */
export const pulumiUp: Contender = {
  name: "pulumi-up",
  title: "CanaryApp, `pulumi up`",
  setup: "each step changes the weights in the stack's config and runs `pulumi up --yes`, with its preview",
  review: "the diff of two weights, and what `canary preview` says of it, before anything is merged",
  asked: "each step is a command",
  aftermath: 10,
  open: (ground) => new PulumiUp(ground).open(),
};

class PulumiUp extends Weighted {
  private stack!: CanaryStack;

  constructor(private readonly ground: Ground) {
    super();
  }

  protected async apply(shares: Shares, before: Shares | undefined): Promise<void> {
    if (before === undefined) {
      this.stack = await CanaryStack.open(this.ground, shares);
      return;
    }
    await this.stack.configure(shares);
    const up = spawn(this.ground.engine.command.command, ["up", "--yes", "--non-interactive"], {
      cwd: PROJECT_ROOT,
      env: { ...process.env, ...stackVariables(this.stack.place) },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    up.stdout.on("data", (text: Buffer) => (said += text.toString()));
    const [code] = (await once(up, "close")) as [number | null];
    if (code !== 0) {
      throw new Error(`pulumi up ended with ${code}:\n${said}`);
    }
  }

  close(): Promise<void> {
    return this.stack.close();
  }
}
