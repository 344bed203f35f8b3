import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { basename } from "node:path";

/** How a program is run. */
export interface RunOptions {
  /** Its working folder. @default this process's */
  cwd?: string;
  /** Its environment. @default this process's */
  env?: NodeJS.ProcessEnv;
  /** Ends the program. */
  signal?: AbortSignal;
  /** The maximum output on either stream, in bytes; a program that prints more is ended. @default 64 MiB */
  maxBytes?: number;
}

/** The output of a program. */
export interface Printed {
  stdout: string;
  stderr: string;
}

/** A program that could not be started, failed, or was ended. The message is one line that names it and says why. */
export class ProgramError extends Error {
  override readonly name = "ProgramError";

  constructor(
    message: string,
    /** Its exit code; undefined if it was not started, or was ended by a signal. */
    readonly exitCode: number | undefined,
    /** Its complete error output. */
    readonly stderr: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A program that was not found. */
export class ProgramNotFoundError extends ProgramError {
  constructor(program: string, options?: ErrorOptions) {
    const where = isPath(program) ? `there is no ${program}` : `${program} is not found on PATH`;
    super(where, undefined, "", options);
  }
}

const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Runs a program to its end, without a shell and without standard input.
 *
 * @param program A path, or a name that is looked up in PATH.
 * @throws ProgramNotFoundError if there is no such program
 * @throws ProgramError unless it ends with 0
 */
export function runProgram(
  program: string,
  args: readonly string[],
  { cwd, env, signal, maxBytes = MAX_BYTES }: RunOptions = {},
): Promise<Printed> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env, signal, maxBuffer: maxBytes };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) {
        resolve({ stdout, stderr });
        return;
      }
      if (error.code === "ENOENT" && (cwd === undefined || existsSync(cwd))) {
        reject(new ProgramNotFoundError(program, { cause: error }));
        return;
      }
      const why = reasonOf(error, stderr, maxBytes, cwd);
      const exitCode = typeof error.code === "number" ? error.code : undefined;
      reject(new ProgramError(`${commandOf(program, args)} ${why}`, exitCode, stderr, { cause: error }));
    });
    child.stdin?.end();
  });
}

function isPath(program: string): boolean {
  return program.includes("/") || program.includes("\\");
}

function reasonOf(error: Error, stderr: string, maxBytes: number, cwd: string | undefined): string {
  const { code, signal } = error as Error & { code?: unknown; signal?: string | null };
  switch (code) {
    case "ENOENT":
      return `cannot be started: its working folder ${cwd} is not there`;
    case "ABORT_ERR":
      return "was cancelled";
    case "ERR_CHILD_PROCESS_STDIO_MAXBUFFER":
      return `printed more than ${maxBytes} bytes`;
  }
  if (typeof code === "string") {
    return `cannot be started: ${code}`;
  }
  const said = quoted(stderr);
  if (said !== undefined) {
    return `failed: ${said}`;
  }
  return signal ? `was ended by ${signal}` : `failed with exit code ${String(code)}`;
}

/** The first line that says it is an error, else the first line. */
function quoted(stderr: string): string | undefined {
  const lines = stderr.split("\n").map((line) => line.trim());
  const line = lines.find((each) => /^(error|fatal): \S/.test(each)) ?? lines.find((each) => each !== "");
  return line?.replace(/^(error|fatal): /, "");
}

/** The program and its subcommand, without options and what follows them: `pulumi stack export`. */
function commandOf(program: string, args: readonly string[]): string {
  const end = args.findIndex((arg) => arg.startsWith("-"));
  return [basename(program), ...args.slice(0, end < 0 ? 3 : Math.min(3, end))].join(" ");
}
