import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../../demo/programStack";
import type { RolloutEvent } from "../../../src/rollout";
import type { RolloutStage } from "./rollouts";

/** One call of the `canary` command, compiled, in a process of its own, without a terminal. */
export class CanaryCall {
  stdout = "";
  stderr = "";
  readonly process: ChildProcess;
  private readonly ended: Promise<unknown>;

  constructor({ name, env }: RolloutStage, ...args: string[]) {
    const command = [join(PROJECT_ROOT, "bin/src/cli/main.js"), ...args, "--stack", name];
    this.process = spawn(process.execPath, command, { cwd: PROJECT_ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
    this.process.stdout?.on("data", (text: Buffer) => (this.stdout += text.toString()));
    this.process.stderr?.on("data", (text: Buffer) => (this.stderr += text.toString()));
    this.ended = once(this.process, "close");
  }

  /** Its exit code, when it has ended. */
  async exitCode(): Promise<number | null> {
    await this.ended;
    return this.process.exitCode;
  }

  /** What it has printed, as a line of JSON each. */
  get events(): RolloutEvent[] {
    return this.stdout
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as RolloutEvent);
  }

  /** Waits until it has printed such an event. */
  async event(fits: (event: RolloutEvent) => boolean): Promise<RolloutEvent> {
    for (;;) {
      const found = this.events.find(fits);
      if (found !== undefined) {
        return found;
      }
      if (this.process.exitCode !== null || this.process.signalCode !== null) {
        throw new Error(
          `canary ended with ${this.process.exitCode ?? this.process.signalCode} before that: ${this.stderr}\n${this.stdout}`,
        );
      }
      await Promise.race([once(this.process.stdout!, "data"), this.ended]);
    }
  }
}

/** Calls the command, and waits for its end. */
export async function canary(
  stage: RolloutStage,
  ...args: string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const call = new CanaryCall(stage, ...args);
  const code = await call.exitCode();
  return { code, stdout: call.stdout, stderr: call.stderr };
}
