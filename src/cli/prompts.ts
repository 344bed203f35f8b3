import type { RolloutEvent } from "../rollout/runner/event";
import { awaitedApprovals, sendCommand } from "../rollout/runner/commands";
import type { Rollout } from "../rollout/runner/launch";
import type { StackSelection } from "../rollout/runner/stackContext";
import { Stage } from "../rollout/runner/state";
import { stepName } from "../rollout/report/sentence";
import type { Progress } from "./live/progress";
import type { Terminal } from "./terminal";

/** Signals by which a process is told to end. */
const ENDING = ["SIGTERM", "SIGHUP"] as const;

/** Events after which there is nothing to answer any more. */
const SETTLING: readonly RolloutEvent["type"][] = [
  "decided",
  "resumed",
  "commanded",
  "rollingBack",
  "promoted",
  "rolledBack",
  "failed",
];

/** What a person at the run's own terminal is asked, and what signals do. The run goes on while somebody thinks. */
export class Prompts {
  private question: AbortController | undefined;
  private isInterrupted = false;
  private readonly asked = new Set<string>();
  private readonly listeners: [NodeJS.Signals, () => void][] = [];

  constructor(
    private readonly terminal: Terminal,
    private readonly progress: Progress,
    private readonly rollout: Rollout,
    private readonly stack: StackSelection,
    /** Whether a person is there to answer. */
    private readonly canAsk: boolean,
    private readonly signals: Pick<NodeJS.EventEmitter, "on" | "off"> = process,
  ) {
    this.on("SIGINT", () => this.interrupt());
    ENDING.forEach((signal) => this.on(signal, () => this.rollout.abort("terminated", signal)));
  }

  /** Takes in an event: a gate may wait for the person, or a question may be out of date. */
  heard(event: RolloutEvent): void {
    if (event.type !== "sampled") {
      if (SETTLING.includes(event.type)) {
        this.question?.abort();
      }
      if (event.type === "paused" && event.gate !== undefined && this.canAsk && !this.isInterrupted) {
        this.question?.abort();
        void this.askPaused(event.gate);
      }
      return;
    }
    const waiting = awaitedApprovals(this.rollout.state).find(({ gate, step }) => !this.asked.has(`${step} ${gate}`));
    if (this.canAsk && this.question === undefined && waiting !== undefined) {
      void this.askApproval(waiting.gate, `${waiting.step} ${waiting.gate}`);
    }
  }

  /** Ends it: signals do again what they did before. */
  stop(): void {
    this.question?.abort();
    this.listeners.forEach(([signal, listener]) => this.signals.off(signal, listener));
  }

  private interrupt(): void {
    if (this.isInterrupted || !this.canAsk) {
      this.question?.abort();
      this.rollout.abort(this.canAsk ? "person" : "terminated", this.canAsk ? undefined : "SIGINT");
      return;
    }
    this.isInterrupted = true;
    this.question?.abort();
    void this.askInterrupt();
  }

  private async askInterrupt(): Promise<void> {
    if (this.rollout.state.stage === Stage.RollingBack || this.rollout.state.stage === Stage.Ended) {
      return;
    }
    const answer = await this.ask(
      "\n[r]oll back, [k]eep going as planned, or [p]romote now? Ctrl-C again rolls back at once. [r] ",
    );
    if (answer === undefined) {
      this.isInterrupted = false; // answered by a second Ctrl-C, or the run has moved on
      return;
    }
    switch (answer.trim().toLowerCase().charAt(0)) {
      case "k":
        this.isInterrupted = false;
        break;
      case "p":
        this.isInterrupted = false;
        await sendCommand(this.stack, { what: "promote" }).catch((error: Error) => this.terminal.err(error.message));
        break;
      default:
        this.rollout.abort("person");
    }
  }

  private async askPaused(gate: string): Promise<void> {
    const { plan, step } = this.rollout.state;
    const answer = await this.ask(
      `\n${gate} failed, and the run is paused (${stepName(plan, step)}). [r]oll back, [c]ontinue and evaluate it anew, [p]romote now, or Enter to leave it to others: `,
    );
    const decided = ({ c: "resume", p: "promote" } as const)[answer?.trim().toLowerCase().charAt(0) as "c" | "p"];
    if (decided !== undefined) {
      await sendCommand(this.stack, { what: decided }).catch((error: Error) => this.terminal.err(error.message));
    } else if (/^r/i.test(answer?.trim() ?? "")) {
      this.rollout.abort("person");
    }
  }

  /** @param key What is asked once; again where something came before the answer. */
  private async askApproval(gate: string, key: string): Promise<void> {
    const { plan, step } = this.rollout.state;
    this.asked.add(key);
    const answer = await this.ask(
      `\n${gate} waits for approval (${stepName(plan, step)}). Approve it? [y]es, [n]o (roll back), or Enter to leave it to others: `,
    );
    if (answer === undefined) {
      this.asked.delete(key);
    }
    const what = /^y/i.test(answer?.trim() ?? "") ? "approve" : /^n/i.test(answer?.trim() ?? "") ? "reject" : undefined;
    if (what !== undefined) {
      await sendCommand(this.stack, { what, gate }).catch((error: Error) => this.terminal.err(error.message));
    }
  }

  private async ask(question: string): Promise<string | undefined> {
    const own = new AbortController();
    this.question = own;
    this.progress.suspend();
    try {
      return await this.terminal.ask(question, own.signal);
    } finally {
      if (this.question === own) {
        this.question = undefined;
        this.progress.resume();
      }
    }
  }

  private on(signal: NodeJS.Signals, listener: () => void): void {
    this.listeners.push([signal, listener]);
    this.signals.on(signal, listener);
  }
}
