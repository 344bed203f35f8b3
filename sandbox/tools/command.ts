import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { createInterface } from "node:readline";
import { InterruptedError, ToolError } from "./errors";
import { onInterrupt } from "./interrupt";

/** How a program is run; see `runCommand`. */
export interface CommandOptions {
  /** Working directory. Default: this process's. */
  cwd?: string;
  /** The whole environment. Default: this process's. */
  env?: NodeJS.ProcessEnv;
  /** Called for each line of standard error as it arrives. */
  onErrorLine?: (line: string) => void;
  /** Called for each line of standard output as it arrives. */
  onOutputLine?: (line: string) => void;
}

/** How many lines of a failed program's output are included in an error. */
const TAIL_LINES = 20;

/**
 * Runs a program to its end and returns its standard output. The program and all its children end with this process: at
 * once on a signal, and also if this process is killed, where `setpriv` is available.
 * @param what the purpose, for the error: "building kube"
 * @throws ToolError if it cannot be started or exits with another code than 0, with the end of its output
 * @throws InterruptedError if a signal ended this process's work
 */
export async function runCommand(
  what: string,
  command: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const env = options.env ?? process.env;
  const program = findProgram(command[0], env.PATH);
  if (!program) throw new ToolError(`${what}: the program "${command[0]}" is not on PATH.`);
  const leash = findProgram("setpriv", env.PATH);
  const [file, ...args] = leash
    ? [leash, "--pdeathsig", "TERM", program, ...command.slice(1)]
    : [program, ...command.slice(1)];
  // A process group of its own, so that one signal reaches the program's children too.
  const child = spawn(file, args, { cwd: options.cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let interrupted = false;
  const dispose = onInterrupt(() => {
    interrupted = true;
    if (child.pid !== undefined) killGroup(child.pid);
  });
  const output: string[] = [];
  const tail: string[] = [];
  const remember = (line: string): void => {
    tail.push(line);
    if (tail.length > TAIL_LINES) tail.shift();
  };
  createInterface({ input: child.stderr }).on("line", (line) => {
    remember(line);
    options.onErrorLine?.(line);
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    remember(line);
    if (options.onOutputLine) options.onOutputLine(line);
    else output.push(line);
  });
  try {
    const ending = await new Promise<string | undefined>((resolve, reject) => {
      child.on("error", (error) => reject(new ToolError(`${what}: ${command[0]} cannot be started: ${error.message}`)));
      child.on("close", (code, signal) =>
        resolve(code === 0 ? undefined : signal ? `was ended by ${signal}` : `ended with exit code ${code}`),
      );
    });
    if (interrupted) throw new InterruptedError(`${what}: interrupted.`);
    if (ending) {
      throw new ToolError(
        `${what}: \`${[command[0], ...command.slice(1)].join(" ")}\` ${ending}. The end of its output:\n${tail.map((l) => `  ${l}`).join("\n")}`,
      );
    }
    return output.join("\n");
  } finally {
    dispose();
  }
}

/** The absolute path of a program, looked for in `path` (default: PATH); undefined if it is not there. */
export function findProgram(name: string, path: string = process.env.PATH ?? ""): string | undefined {
  const candidates = isAbsolute(name)
    ? [name]
    : path
        .split(delimiter)
        .filter(Boolean)
        .map((folder) => join(folder, name));
  return candidates.find((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return statSync(candidate).isFile();
    } catch {
      return false;
    }
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has already exited.
  }
}
