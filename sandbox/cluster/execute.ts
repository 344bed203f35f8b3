import { spawn } from "node:child_process";
import { AbortedError, SandboxError } from "./errors";

/** How a program is run; see `execute`. */
export interface ExecuteOptions {
  /** Written to its standard input. */
  input?: string;
  /** Its whole environment. Default: this process's. */
  env?: NodeJS.ProcessEnv;
  /** Kills it, and rejects with `AbortedError`. */
  signal?: AbortSignal;
}

/**
 * Runs a short program of the system and returns its standard output. It has a session of its own, so that Ctrl-C on
 * the terminal reaches only the caller, who may be in the middle of a cleanup.
 * @param what its purpose, for the error: "making the network devices"
 * @throws SandboxError with the program's output if it cannot be started or exits with another code than 0
 */
export function execute(what: string, command: readonly string[], options: ExecuteOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    if (options.signal?.aborted) return reject(new AbortedError(`${what}: interrupted.`));
    const child = spawn(command[0], command.slice(1), {
      env: options.env ?? process.env,
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
    const kill = (): void => void child.kill("SIGKILL");
    options.signal?.addEventListener("abort", kill, { once: true });
    let output = "";
    let errors = "";
    child.stdout.on("data", (data) => (output += data));
    child.stderr.on("data", (data) => (errors += data));
    child.stdin.on("error", () => undefined); // it may end without reading its input; its exit code tells
    child.stdin.end(options.input ?? "");
    child.on("error", (error) =>
      reject(new SandboxError(`${what}: ${command[0]} cannot be started: ${error.message}`)),
    );
    child.on("close", (code, signal) => {
      options.signal?.removeEventListener("abort", kill);
      if (code === 0) resolve(output);
      else if (options.signal?.aborted) reject(new AbortedError(`${what}: interrupted.`));
      else {
        const ending = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
        reject(new SandboxError(`${what}: \`${command.join(" ")}\` ${ending}: ${(errors || output).trim()}`));
      }
    });
  });
}
