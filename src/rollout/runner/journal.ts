import { closeSync, existsSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { isObject } from "../../internal/objects";
import type { Happening, RolloutEvent } from "./event";

/** Where a journal's text is kept; a file, but for tests. */
export interface JournalText {
  /** Adds text at the end, in one write, and comes back when it is safe against a crash of the machine. */
  append(text: string): void;
  /** The bytes from this offset on. */
  readFrom(offset: number): Buffer;
}

const NEWLINE = 0x0a;

/**
 * The runs of one stack, one after another: a line of JSON for each event, in the order things happened. Several
 * processes write to it: the one that runs, and those by which people decide. So whoever wants to know how things stand
 * reads it; nobody keeps a state of his own beside it.
 */
export class Journal {
  private offset = 0;

  constructor(private readonly text: JournalText) {}

  /** The journal in a file; it is made with its first event. */
  static at(file: string): Journal {
    return new Journal(new JournalFile(file));
  }

  /** Writes an event down; it is on the disk when this returns. */
  append(run: string, happening: Happening, now: number): void {
    const event: RolloutEvent = { ...happening, run, at: new Date(now).toISOString() };
    this.text.append(`${JSON.stringify(event)}\n`);
  }

  /**
   * The events that were written since the last call, by this process and by others. A line that a crash has torn is
   * passed over.
   */
  readNew(): RolloutEvent[] {
    const bytes = this.text.readFrom(this.offset);
    const whole = bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1);
    this.offset += whole.length;
    return whole.toString("utf8").split("\n").flatMap(parseLine);
  }

  /** All events, from the first. */
  readAll(): RolloutEvent[] {
    this.offset = 0;
    return this.readNew();
  }
}

/** The events of the run that was started last, in order; none if there has been none. */
export function eventsOfLastRun(events: readonly RolloutEvent[]): RolloutEvent[] {
  const last = events.filter(({ type }) => type === "started").at(-1)?.run;
  return events.filter(({ run }) => run === last);
}

function parseLine(line: string): RolloutEvent[] {
  try {
    const event: unknown = JSON.parse(line);
    return isEvent(event) ? [event] : [];
  } catch {
    return [];
  }
}

function isEvent(value: unknown): value is RolloutEvent {
  const { type, run, at } = isObject(value) ? value : {};
  return typeof type === "string" && typeof run === "string" && typeof at === "string";
}

class JournalFile implements JournalText {
  constructor(private readonly file: string) {}

  append(text: string): void {
    const isNew = !existsSync(this.file);
    const descriptor = openSync(this.file, "a+", 0o644);
    try {
      writeAll(descriptor, endsTorn(descriptor) ? `\n${text}` : text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    if (isNew) {
      syncFolder(dirname(this.file));
    }
  }

  readFrom(offset: number): Buffer {
    if (!existsSync(this.file)) {
      return Buffer.alloc(0);
    }
    const descriptor = openSync(this.file, "r");
    try {
      const bytes = Buffer.alloc(Math.max(0, fstatSync(descriptor).size - offset));
      return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, offset));
    } finally {
      closeSync(descriptor);
    }
  }
}

/** Whether the last line has no end, because whoever wrote it was killed: a new line must not go on with it. */
function endsTorn(descriptor: number): boolean {
  const { size } = fstatSync(descriptor);
  const last = Buffer.alloc(1);
  return size > 0 && readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] !== NEWLINE;
}

/** One write, so that lines of several processes do not mix. */
function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text, "utf8");
  const written = writeSync(descriptor, bytes);
  if (written !== bytes.length) {
    throw new Error(`Wrote only ${written} of ${bytes.length} bytes to the journal; is the disk full?`);
  }
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
