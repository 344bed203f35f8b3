/**
 * How long work reports its progress: the step's name, how far it is, and how long it will still take. On a terminal
 * the current step's line is redrawn in place; elsewhere each step prints plain lines, intermediate ones at most every
 * ten seconds.
 */
export interface Progress {
  /** Starts a step; at most one is open at a time. `title` is what is being done, e.g. "building kube". */
  step(title: string): Step;
  /** Prints one line that belongs to no step. */
  line(text: string): void;
}

/** One step of long work. Every step ends with exactly one of `done` and `failed`. */
export interface Step {
  /** `done` of `total` units are finished; `detail` names the current one. */
  update(done: number, total: number, detail?: string): void;
  /** The step is finished; `detail` adds a figure, e.g. "2,828 packages". */
  done(detail?: string): void;
  /** The step failed; the caller throws the error itself. */
  failed(): void;
}

/** Where progress is written: standard error, or anything like it. `columns` is a terminal's width. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Milliseconds since any fixed moment; tests pass their own clock. */
export type Clock = () => number;

const REDRAW_MS = 100;
const TICK_MS = 1_000;
const PLAIN_EVERY_MS = 10_000;
/** Before this, the pace means nothing yet. */
const PACE_AFTER_MS = 2_000;

/** Progress in the form that suits `stream` (default: standard error): redrawn on a terminal, plain lines elsewhere. */
export function createProgress(stream: ProgressStream = process.stderr): Progress {
  return stream.isTTY ? terminalProgress(stream) : plainProgress(stream);
}

/** Progress that redraws the open step's line in place, cut to the terminal's width. */
export function terminalProgress(stream: ProgressStream, now: Clock = Date.now): Progress {
  const clear = "\r\x1b[2K";
  let drawnAt = -Infinity;
  const draw = (step: Pace): void => {
    drawnAt = now();
    const width = Math.max(20, (stream.columns || 80) - 1);
    const text = ["…", step.title, ...step.figures()].join("  ");
    stream.write(clear + (text.length > width ? `${text.slice(0, width - 1)}…` : text));
  };
  return stepwise(now, TICK_MS, {
    began: draw,
    updated: (step) => {
      if (now() - drawnAt >= REDRAW_MS) draw(step);
    },
    ticked: draw,
    ended: (step, word, detail) => {
      const mark = word === "done" ? "✓" : "✗";
      stream.write(
        `${clear}${mark} ${step.title}${word === "done" ? "" : " failed"}${brackets(detail, step.elapsed())}\n`,
      );
    },
    line: (text, step) => {
      stream.write(`${clear}${text}\n`);
      if (step) draw(step);
    },
  });
}

/** Progress for logs: a line when a step begins and ends, and one every ten seconds in between. */
export function plainProgress(stream: ProgressStream, now: Clock = Date.now): Progress {
  let printedAt = 0;
  const print = (text: string): void => {
    printedAt = now();
    stream.write(`${text}\n`);
  };
  const every = (step: Pace): void => {
    if (now() - printedAt >= PLAIN_EVERY_MS) print(`${step.title}: ${step.figures().join(", ")}`);
  };
  return stepwise(now, PLAIN_EVERY_MS, {
    began: (step) => print(`${step.title} …`),
    updated: every,
    ticked: every,
    ended: (step, word, detail) => print(`${step.title}: ${word}${brackets(detail, step.elapsed())}`),
    line: print,
  });
}

/** Progress that is not shown, e.g. for callers that only want the result. */
export function silentProgress(): Progress {
  return { step: () => ({ update() {}, done() {}, failed() {} }), line() {} };
}

/**
 * A duration for people: "0.4 s", "12 s", "4 min 18 s", "1 h 5 min".
 * @param ms milliseconds, at least 0
 */
export function formatDuration(ms: number): string {
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** What is known about the open step. */
class Pace {
  private readonly beganAt: number;
  private reached = 0;
  private total = 0;
  private detail: string | undefined;

  constructor(
    readonly title: string,
    private readonly now: Clock,
  ) {
    this.beganAt = now();
  }

  update(done: number, total: number, detail?: string): void {
    this.total = Math.max(0, total);
    // A total that was estimated too low must not show more than 100 %.
    this.reached = Math.min(Math.max(0, done), this.total);
    this.detail = detail;
  }

  elapsed(): number {
    return this.now() - this.beganAt;
  }

  /** What is shown beside the title: the share, the time left or passed, the unit at hand. */
  figures(): string[] {
    const figures: string[] = [];
    if (this.total > 0) figures.push(`${Math.floor((100 * this.reached) / this.total)}%`);
    figures.push(this.remaining() ?? `${formatDuration(this.elapsed())} so far`);
    if (this.detail) figures.push(this.detail);
    return figures;
  }

  private remaining(): string | undefined {
    const elapsed = this.elapsed();
    if (this.reached === 0 || this.reached >= this.total || elapsed < PACE_AFTER_MS) return undefined;
    const left = (elapsed / this.reached) * (this.total - this.reached);
    return `about ${formatDuration(Math.max(1_000, Math.round(left / 1_000) * 1_000)).replace(/\.0 s$/, " s")} left`;
  }
}

interface Display {
  began(step: Pace): void;
  updated(step: Pace): void;
  /** Time has passed without an update; the line must not look frozen. */
  ticked(step: Pace): void;
  ended(step: Pace, word: "done" | "failed", detail?: string): void;
  line(text: string, step?: Pace): void;
}

function stepwise(now: Clock, tickMs: number, display: Display): Progress {
  let open: Pace | undefined;
  return {
    step(title) {
      if (open) throw new Error(`progress: "${title}" begins before "${open.title}" has ended`);
      const pace = new Pace(title, now);
      open = pace;
      display.began(pace);
      const timer = setInterval(() => display.ticked(pace), tickMs);
      timer.unref();
      const end = (word: "done" | "failed", detail?: string): void => {
        if (open !== pace) throw new Error(`progress: "${title}" is ended twice`);
        clearInterval(timer);
        open = undefined;
        display.ended(pace, word, detail);
      };
      return {
        update(done, total, detail) {
          if (open !== pace) return; // a late update after the end
          pace.update(done, total, detail);
          display.updated(pace);
        },
        done: (detail) => end("done", detail),
        failed: () => end("failed"),
      };
    },
    line: (text) => display.line(text, open),
  };
}

function brackets(detail: string | undefined, elapsed: number): string {
  return ` (${detail ? `${detail}, ` : ""}${formatDuration(elapsed)})`;
}
