import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Engine } from "../../../sandbox/engine/engine";
import { PROJECT_ROOT, type StackPlace, stackVariables } from "../../../demo/programStack";
import { descendants, killIfThere } from "./children";

/** How a process ended. */
export interface Ended {
  /** Its exit code; null if it was killed. */
  code: number | null;
  /** What it printed. */
  output: string;
}

/**
 * A `pulumi up` of this project's program in a process of its own, so that it can be ended as people and machines end
 * it.
 */
export class UpProcess {
  private readonly child: ChildProcess;
  private readonly ended: Promise<number | null>;
  private output = "";

  constructor(engine: Engine, place: StackPlace) {
    const env = { ...process.env, ...stackVariables(place) };
    this.child = spawn(
      engine.command.command,
      ["up", "--yes", "--skip-preview", "--non-interactive", "--stack", place.name],
      { cwd: PROJECT_ROOT, env, stdio: ["ignore", "pipe", "pipe"] },
    );
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (text) => (this.output += text));
    }
    this.ended = new Promise((resolve) => this.child.on("close", resolve));
  }

  /** Whether it still runs. */
  get runs(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Ends it as Ctrl-C does, and waits until it has ended by itself. */
  async interrupt(): Promise<Ended> {
    this.child.kill("SIGINT");
    return this.end();
  }

  /** Ends it and all that it started at once, as a machine that dies. */
  async kill(): Promise<Ended> {
    const started = descendants(this.child.pid as number);
    this.child.kill("SIGKILL");
    started.forEach(killIfThere);
    return this.end();
  }

  /**
   * Ends the processes that it has started and whose programs have a name such as this one, as the kernel does when
   * memory runs out; waits for its own end.
   */
  async killPart(program: RegExp): Promise<Ended> {
    const part = descendants(this.child.pid as number).filter((pid) => program.test(commandOf(pid)));
    part.forEach(killIfThere);
    return this.end();
  }

  /** Waits until it has ended. */
  async end(): Promise<Ended> {
    return { code: await this.ended, output: this.output };
  }
}

/** The path and the arguments of a process; empty if it has ended. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}
