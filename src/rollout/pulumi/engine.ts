import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { StackResource } from "../../config/stackExport";
import { upErrorOf, localLockHolders } from "./upErrors";
import { UpError, UpErrorKind, type UpOptions } from "./rolloutStack";
import type { WorkerAnswer, WorkerOrder, WorkerTask } from "./stackWorker";
import type { WarmProgram } from "./warmProgram";

/** Which stack an engine is for. */
export interface EngineArgs {
  /** The project's folder. */
  folder: string;
  stack: string;
  /** The program, if it can be kept loaded. */
  program?: WarmProgram;
  /** The environment of Pulumi and of the program. */
  env: NodeJS.ProcessEnv;
  /** The folder in whose `bin` Pulumi's CLI is. @default as PATH says */
  pulumiRoot?: string;
  /**
   * Told what the engine and the program print during `up`s, in pieces as they come.
   * @default this process's standard error if `env` has CANARY_VERBOSE, else nobody
   */
  output?(text: string): void;
  /** Told once of each thing that makes `up`s slower than they could be, e.g. an unknown version of Pulumi's SDK. */
  notice?(text: string): void;
}

interface Waiting {
  resolve(errors: string[] | undefined): void;
  reject(error: Error): void;
}

/**
 * Brings one stack up, again and again, with as little start-up as can be: by a process that keeps the program loaded.
 */
export class StackEngine {
  private worker: Promise<ChildProcess> | undefined;
  /** The process that was started last. */
  private latest: ChildProcess | undefined;
  /** The same, until it is ready or has ended. */
  private starting: ChildProcess | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private readonly noticed = new Set<string>();
  private said = "";
  private latestRecorded: readonly StackResource[] | undefined;
  private orders = 0;

  private readonly output: ((text: string) => void) | undefined;

  constructor(private readonly args: EngineArgs) {
    this.output = args.output ?? (args.env.CANARY_VERBOSE ? (text) => void process.stderr.write(text) : undefined);
  }

  /** What the last `up` that came to its end recorded of routes; undefined before the first. */
  get recorded(): readonly StackResource[] | undefined {
    return this.latestRecorded;
  }

  /** Starts the process ahead of its first use. What goes wrong is told at that. */
  warmUp(): void {
    this.ready().catch(() => undefined);
  }

  /**
   * Brings the stack up. A lock that a killed process of this machine has left is taken away.
   *
   * @throws UpError
   */
  async up(signal: AbortSignal, { refresh }: UpOptions = {}): Promise<void> {
    const errors = await this.order({ do: "up", refresh }, signal);
    if (errors === undefined) {
      return;
    }
    const holders = signal.aborted ? undefined : localLockHolders(errors);
    if (
      holders === undefined ||
      holders.some(isProcess) ||
      (await this.order({ do: "unlock" }, signal)) !== undefined
    ) {
      throw upErrorOf(errors, signal.aborted);
    }
    const again = await this.order({ do: "up", refresh }, signal);
    if (again !== undefined) {
      throw upErrorOf(again, signal.aborted);
    }
  }

  /** Ends the process; what it is doing is cancelled. */
  close(): void {
    this.starting?.kill("SIGKILL"); // it has begun nothing, and may never be ready
    void this.worker?.then(
      (worker) => worker.connected && worker.disconnect(),
      () => undefined,
    );
    this.worker = undefined;
  }

  private async order(
    what: { do: "up"; refresh?: boolean } | { do: "unlock" },
    signal: AbortSignal,
  ): Promise<string[] | undefined> {
    const worker = await this.ready();
    if (signal.aborted) {
      throw new UpError(UpErrorKind.Cancelled, "it was cancelled before it started");
    }
    const id = ++this.orders;
    const send = (order: WorkerOrder) => worker.connected && worker.send(order);
    const cancel = () => void send({ do: "cancel", id });
    signal.addEventListener("abort", cancel, { once: true });
    try {
      return await new Promise((resolve, reject) => {
        this.waiting.set(id, { resolve, reject });
        send({ ...what, id });
      });
    } finally {
      this.waiting.delete(id);
      signal.removeEventListener("abort", cancel);
    }
  }

  private ready(): Promise<ChildProcess> {
    this.worker ??= this.start().catch((error: unknown) => {
      this.worker = undefined;
      throw error;
    });
    return this.worker;
  }

  private start(): Promise<ChildProcess> {
    const { folder, stack, program, env, pulumiRoot } = this.args;
    const task: WorkerTask = { folder, stack, main: program?.main, pulumiRoot, verbose: this.output !== undefined };
    return new Promise((resolve, reject) => {
      const worker = fork(join(__dirname, `stackWorker${FILES}`), [JSON.stringify(task)], {
        cwd: folder,
        env,
        execArgv: [...LOADER, ...SMALL_HEAP, ...(program?.nodeArguments ?? [])],
        // In a session of its own: a terminal's Ctrl-C is for the run to answer, not for Pulumi.
        detached: true,
        stdio: ["ignore", "pipe", "pipe", "ipc"],
      });
      this.latest = worker;
      this.starting = worker;
      const started = () => {
        if (this.starting === worker) {
          this.starting = undefined;
        }
      };
      this.said = "";
      worker.stdout?.setEncoding("utf8").on("data", this.hear);
      worker.stderr?.setEncoding("utf8").on("data", this.hear);
      worker.on("message", ({ id, errors, notices = [], recorded }: WorkerAnswer) => {
        notices.forEach((each) => this.tell(each));
        this.latestRecorded = recorded ?? this.latestRecorded;
        if (id !== 0) {
          this.waiting.get(id)?.resolve(errors);
          return;
        }
        started();
        if (errors === undefined) {
          resolve(worker);
        } else {
          worker.kill(); // it disconnects by itself, but what it holds open could keep it
          reject(upErrorOf(errors, false));
        }
      });
      worker.on("error", reject);
      worker.on("exit", (code, killedBy) => {
        const error = new UpError(
          UpErrorKind.Broken,
          `the program's process ended with ${killedBy ?? code}${this.said === "" ? "" : `: ${this.said.trim()}`}`,
        );
        started();
        this.worker = this.latest === worker ? undefined : this.worker; // an earlier one may end after the next began
        reject(error);
        this.waiting.forEach((each) => each.reject(error));
      });
    });
  }

  private tell(notice: string): void {
    if (!this.noticed.has(notice)) {
      this.noticed.add(notice);
      this.args.notice?.(notice);
    }
  }

  /** Keeps the end of what the program prints, to tell it when the process ends unasked. */
  private readonly hear = (text: string): void => {
    this.said = (this.said + text).slice(-500);
    this.output?.(text);
  };
}

/** In development these files are TypeScript, and need what compiles them. */
const FILES = __filename.endsWith(".ts") ? ".ts" : ".js";
const LOADER = FILES === ".ts" ? ["--require", require.resolve("tsx/cjs")] : [];

/**
 * A program allocates little in one `up`, but with room for 16 MB of new objects in each half of the heap's young part
 * node takes all of it before it clears up. The program's own arguments come after it and win.
 */
const SMALL_HEAP = ["--max-semi-space-size=1"];

function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
