import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { isAlive, type ProcessIdentity, thisProcess } from "./process";

/** Who has locked a stack, for which run. */
export interface LockHolder extends ProcessIdentity {
  /** The run. */
  run: string;
  /** Who started it, for people. */
  by: string;
  /** Since when, as ISO 8601. */
  since: string;
  /** Whether it has ended, and only the backend may not know it. @default false */
  ended?: boolean;
}

/** Another run has locked the stack. */
export class StackLockedError extends Error {
  constructor(
    readonly stackName: string,
    readonly holder: Pick<LockHolder, "run" | "by" | "since"> & Partial<LockHolder>,
    todo: string,
  ) {
    const where = holder.pid === undefined ? "" : ` (process ${holder.pid} on ${holder.host})`;
    super(`Stack "${stackName}" is locked by run ${holder.run} of ${holder.by}${where} since ${holder.since}; ${todo}`);
    this.name = "StackLockedError";
  }
}

/**
 * A file that says which process has locked the stack. It is there as long as a run is, and stays when the process is
 * killed.
 */
export class StackLock {
  constructor(
    private readonly file: string,
    private readonly stack: string,
  ) {}

  /** Who has locked the stack; undefined if nobody. */
  holder(): LockHolder | undefined {
    const holder = readHolder(this.file);
    return holder?.ended === true ? undefined : holder;
  }

  /** The run that has ended, and of which the backend may still say that it has the stack. */
  left(): string | undefined {
    const holder = readHolder(this.file);
    return holder?.ended === true ? holder.run : undefined;
  }

  /** Whether a process of this machine is at work on the stack; of another machine's process it is taken to be so. */
  isLocked(): boolean {
    const holder = this.holder();
    return holder !== undefined && isAlive(holder) !== false;
  }

  /**
   * Locks the stack for a run.
   *
   * @param takeOver Take the lock over from a process that has ended without releasing it.
   * @throws StackLockedError if another has it: a process that works on it, or a run that was not ended and is not to be
   *   taken over.
   */
  acquire(run: string, by: string, now: number, takeOver: boolean): void {
    const mine: LockHolder = { run, by, since: new Date(now).toISOString(), ...thisProcess() };
    const draft = `${this.file}.${process.pid}`;
    writeFileSync(draft, `${JSON.stringify(mine)}\n`);
    try {
      if (!linked(draft, this.file)) {
        this.replace(draft, takeOver);
      }
    } finally {
      rmSync(draft, { force: true });
    }
  }

  /** Releases the lock, if this process has it. */
  release(): void {
    const holder = this.holder();
    const { pid, host } = thisProcess();
    if (holder?.pid === pid && holder.host === host) {
      rmSync(this.file, { force: true });
    }
  }

  /** The same, and keeps which run it was: the backend may still say that it has the stack. */
  leave(): void {
    const holder = this.holder();
    const { pid, host } = thisProcess();
    if (holder?.pid === pid && holder.host === host) {
      const draft = `${this.file}.${process.pid}`;
      const left: LockHolder = { ...holder, ended: true };
      writeFileSync(draft, `${JSON.stringify(left)}\n`);
      renameSync(draft, this.file);
    }
  }

  /** Two that want to take over at once: only one makes the file beside it, and looks again when he has it. */
  private replace(draft: string, takeOver: boolean): void {
    this.refuseIfLocked(takeOver);
    const taking = `${this.file}.taking`;
    const other = readHolder(taking);
    if (other !== undefined && isAlive(other) === false) {
      rmSync(taking, { force: true });
    }
    if (!linked(draft, taking)) {
      throw new StackLockedError(
        this.stack,
        readHolder(taking) ?? this.holder() ?? UNKNOWN,
        "that process is taking it over right now",
      );
    }
    try {
      this.refuseIfLocked(takeOver);
      renameSync(draft, this.file);
    } finally {
      rmSync(taking, { force: true });
    }
  }

  /** @throws StackLockedError as {@link acquire} does */
  refuseIfLocked(takeOver: boolean): void {
    const holder = this.holder();
    if (holder === undefined) {
      return;
    }
    switch (isAlive(holder)) {
      case true:
        throw new StackLockedError(this.stack, holder, "wait until it ends, or abort it with `canary abort`");
      case undefined:
        throw new StackLockedError(
          this.stack,
          holder,
          `if no process is running there any more, remove ${this.file} and continue the run`,
        );
      case false:
        if (!takeOver) {
          throw new StackLockedError(
            this.stack,
            holder,
            "its process has ended: continue it with `canary rollout --continue`, or roll it back with `canary rollback`",
          );
        }
    }
  }
}

const UNKNOWN = { run: "unknown", by: "unknown", since: "unknown" };

function readHolder(file: string): LockHolder | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as LockHolder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return undefined;
    }
    throw new Error(`Cannot read ${file}: ${(error as Error).message}; if no run is in progress, remove it`);
  }
}

/** Makes a file with its whole content in one step, if it is not there. */
function linked(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") {
      return false;
    }
    throw error;
  }
}
