import { sentence } from "../../rollout/report/sentence";
import type { Plan } from "../../rollout/plan/plan";
import type { RolloutEvent } from "../../rollout/runner/event";
import { paint, type Terminal } from "../terminal";
import { cropped } from "./bar";
import { liveLines } from "./view";

/** Shows a run while it goes on. */
export interface Progress {
  /** Takes in an event, in order. */
  show(event: RolloutEvent): void;
  /** Shows nothing that moves until `resume`: a person is being asked. */
  suspend(): void;
  resume(): void;
  /** Ends it. */
  stop(): void;
}

/** One event a line, as JSON, and nothing else. */
export function jsonProgress(terminal: Terminal): Progress {
  return { show: (event) => terminal.out(`${JSON.stringify(event)}\n`), suspend() {}, resume() {}, stop() {} };
}

/** A sentence a line, with its time in UTC; of gates' answers those that differ from the ones before. */
export function plainProgress(terminal: Terminal, history: readonly RolloutEvent[] = []): Progress {
  const lines = new Sentences(history);
  return {
    show: (event) => lines.of(event).forEach((line) => terminal.out(`${line}\n`)),
    suspend() {},
    resume() {},
    stop() {},
  };
}

const EVERY_MS = 250;

/** What happened scrolls by, and below it stands how the run is now. */
export function liveProgress(
  terminal: Terminal,
  history: readonly RolloutEvent[] = [],
  now: () => number = Date.now,
): Progress {
  const events = [...history];
  const sentences = new Sentences(history);
  const colours = paint(terminal);
  let drawn = 0;
  let isSuspended = false;
  const clear = (): string => (drawn === 0 ? "" : `\u001b[${drawn}A\u001b[J`);
  const draw = (above: readonly string[] = []): void => {
    if (isSuspended) {
      above.forEach((line) => terminal.out(`${line}\n`));
      return;
    }
    const lines = liveLines(events, now(), colours).map((line) => cropped(line, terminal.width() - 1));
    const block = lines.length === 0 ? [] : ["", ...lines];
    terminal.out(clear() + [...above.map((line) => cropped(line, 1000)), ...block].map((line) => `${line}\n`).join(""));
    drawn = block.length;
  };
  const timer = setInterval(draw, EVERY_MS);
  timer.unref();
  return {
    show(event) {
      events.push(event);
      draw(sentences.of(event).map((line) => colours.faint(line)));
    },
    suspend() {
      isSuspended = true;
      drawn = 0;
    },
    resume() {
      isSuspended = false;
      draw();
    },
    stop() {
      clearInterval(timer);
      isSuspended = false;
      draw();
      drawn = 0;
    },
  };
}

/** Events as lines, those left out that say the same as before. */
class Sentences {
  private plan: Plan | undefined;
  /** By phase: at a wait, two are asked in turns. */
  private verdicts: Readonly<Record<string, string>> = {};

  constructor(history: readonly RolloutEvent[]) {
    history.forEach((event) => this.of(event));
  }

  of(event: RolloutEvent): string[] {
    if (event.type === "started") {
      this.plan = event.plan;
    }
    if (this.plan === undefined || this.isSameAgain(event)) {
      return [];
    }
    return [`${event.at.slice(11, 19)} ${sentence(event, this.plan)}`];
  }

  private isSameAgain(event: RolloutEvent): boolean {
    if (event.type !== "sampled") {
      this.verdicts = event.type === "shifted" ? {} : this.verdicts;
      return false;
    }
    const verdicts = JSON.stringify([
      event.step,
      event.phase,
      event.results.map(({ gate, verdict }) => [gate, verdict]),
    ]);
    const same = verdicts === this.verdicts[event.phase] || event.results.length === 0;
    this.verdicts = { ...this.verdicts, [event.phase]: verdicts };
    return same;
  }
}
