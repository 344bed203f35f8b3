import { realpathSync } from "node:fs";
import { sep } from "node:path";
import { fileURLToPath } from "node:url";
import { ValidationError } from "../validation/problem";

/** What a program failed with, in one message, if that was more than one error. */
export class ProgramFailure extends Error {
  constructor(readonly errors: readonly Error[]) {
    super(errors.map(({ message }) => message).join("\n"));
    this.name = "ProgramFailure";
  }
}

/** Whether a program failed because its arguments or its config were refused, and for nothing else. */
export function isRefusal(error: unknown): boolean {
  return error instanceof ProgramFailure ? error.errors.every(isRefusal) : isValidationError(error);
}

/** By its name, too: a program may have another copy of this package than the command. */
function isValidationError(error: unknown): error is ValidationError {
  return error instanceof ValidationError || (error instanceof Error && error.name === "ValidationError");
}

/**
 * What a program failed with, with the place in the program where an error of its own was thrown. Refusals name the
 * config key or the argument.
 *
 * @param folder The program's folder.
 */
export function located(error: Error, folder: string): Error {
  if (error instanceof ProgramFailure) {
    return new ProgramFailure(error.errors.map((each) => located(each, folder)));
  }
  const place = isRefusal(error) ? undefined : placeIn(folder, error.stack ?? "");
  return place === undefined ? error : Object.assign(error, { message: `${error.message} (${place})` });
}

/** `file:line` of the innermost call in a program's own files. */
function placeIn(folder: string, stack: string): string | undefined {
  const root = [folder, realpathSync(folder)].map((each) => each + sep);
  for (const [, path, line] of stack.matchAll(/^\s+at .*?((?:file:\/\/)?\/[^()]*?)(?:\?[^:]*)?:(\d+):\d+\)?$/gm)) {
    const file = path.startsWith("file:") ? fileURLToPath(path) : path;
    const start = root.find((each) => file.startsWith(each));
    if (start !== undefined && !file.includes(`${sep}node_modules${sep}`)) {
      return `${file.slice(start.length)}:${line}`;
    }
  }
  return undefined;
}

/** How errors that nobody handles are told to a process. */
const UNHANDLED = ["unhandledRejection", "uncaughtException"] as const;

/** How long nothing more fails until all that a program fails with is known, in ms. */
const QUIET_MS = 50;

/**
 * Does work that runs a program. What fails in a program's Outputs reaches nobody: Pulumi's runtime tells the process
 * of it, and whatever waits for such an Output waits for ever.
 *
 * @throws The error that the program failed with; {@link ProgramFailure} if there were several.
 */
export async function failing<T>(work: () => Promise<T>): Promise<T> {
  const errors = new Set<unknown>();
  const failed = new Signal();
  const keep = (error: unknown) => {
    errors.add(error);
    failed.give();
  };
  const giveBack = taken(keep);
  try {
    const finished = work().catch((error: unknown) => void keep(error));
    const result = await Promise.race([finished, failed.given]);
    await new Promise((resolve) => setImmediate(resolve)); // what fails last is told only after the work is done
    if (errors.size === 0) {
      return result as T;
    }
    for (let known = 0; known < errors.size;) {
      known = errors.size;
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    }
  } finally {
    giveBack();
  }
  ignoreLaterOnes();
  throw oneOf(errors);
}

class Signal {
  give!: () => void;
  readonly given = new Promise<void>((resolve) => (this.give = resolve));
}

/** Has errors that nobody handles told to `keep` alone; gives what undoes it. */
function taken(keep: (error: unknown) => void): () => void {
  const others = UNHANDLED.map((event) => [event, process.listeners(event as "exit")] as const);
  for (const event of UNHANDLED) {
    process.removeAllListeners(event);
    process.on(event, keep);
  }
  return () => {
    for (const [event, listeners] of others) {
      process.removeListener(event, keep);
      listeners.forEach((listener) => process.on(event as "exit", listener));
    }
  };
}

/** What is left of a program that failed may fail later, when its error has been told already. */
function ignoreLaterOnes(): void {
  if (!process.listeners("unhandledRejection").includes(ignore)) {
    process.on("unhandledRejection", ignore);
  }
}

function ignore(): void {}

/** Pulumi's runtime tells of one error several times, and writes into its message where it met it. */
function oneOf(given: ReadonlySet<unknown>): Error {
  const errors = new Map([...given].map(tidied).map((error) => [error.message, error]));
  const all = [...errors.values()];
  return all.length === 1 ? all[0] : new ProgramFailure(all);
}

function tidied(error: unknown): Error {
  if (isValidationError(error)) {
    return new ValidationError(error.subject, error.problems);
  }
  return error instanceof Error ? error : new Error(String(error));
}
