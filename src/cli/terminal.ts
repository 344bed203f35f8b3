import { createInterface } from "node:readline/promises";

/** Where the command prints, and the person it can ask. */
export interface Terminal {
  /** Whether a person reads and can answer: both input and output are a terminal. */
  readonly isInteractive: boolean;
  /** Whether output may be coloured. */
  colours: boolean;
  /** The width of a line, in characters. */
  width(): number;
  /** Writes text as it is to the standard output. */
  out(text: string): void;
  /** Writes a line to the standard error. */
  err(line: string): void;
  /** Asks a person; undefined if there is none, or the question is cancelled. */
  ask(question: string, signal?: AbortSignal): Promise<string | undefined>;
}

/** The process's own. */
export function processTerminal({ stdin, stdout, stderr, env } = process): Terminal {
  for (const stream of [stdout, stderr]) {
    // Its reader has gone, as `head` does, or its terminal or disk: a run goes on all the same, and its journal has
    // every line.
    stream.on("error", () => undefined);
  }
  return {
    isInteractive: stdin.isTTY === true && stdout.isTTY === true,
    colours: stdout.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb",
    width: () => stdout.columns || 100,
    out: (text) => void stdout.write(text),
    err: (line) => void stderr.write(`${line}\n`),
    async ask(question, signal) {
      if (stdin.isTTY !== true) {
        return undefined;
      }
      // Not as a terminal of readline's own: Ctrl-C stays a signal to the process.
      const lines = createInterface({ input: stdin, output: stderr, terminal: false });
      try {
        return await lines.question(question, { signal });
      } catch {
        return undefined;
      } finally {
        lines.close();
      }
    },
  };
}

/** Colours that can be told apart on a dark and a light ground. */
export interface Paint {
  good(text: string): string;
  bad(text: string): string;
  waiting(text: string): string;
  faint(text: string): string;
  bold(text: string): string;
}

/** How to colour what is written to a terminal. */
export function paint(terminal: Pick<Terminal, "colours">): Paint {
  const by = (code: number) => (text: string) => (terminal.colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { good: by(32), bad: by(31), waiting: by(33), faint: by(2), bold: by(1) };
}
