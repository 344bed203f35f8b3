import { inconclusive } from "../gates/assessment";
import type { Gate, GateInput, GateResult } from "../gates/gate";
import type { Clock } from "./clock";

/** What one gate is asked. */
export interface Question {
  gate: string;
  input: GateInput;
}

interface OpenQuestion extends Question {
  /** Ends the asking. */
  ending: AbortController;
  /** Settled when there is a result or an error; it never rejects. */
  answered: Promise<void>;
  result?: GateResult;
  thrown?: { error: unknown };
}

/**
 * Questions to gates, some of which take their time: a load test behind a webhook, a person asked by code. Nobody is
 * asked twice at once, and the answers of the others do not wait for theirs.
 */
export class OpenQuestions {
  private readonly open = new Map<string, OpenQuestion>();

  constructor(
    private readonly gates: readonly Gate[],
    private readonly clock: Clock,
  ) {}

  /**
   * Asks gates, but for those that still think about the same question. Comes back when all that were asked just now have
   * answered (or, if none was, all of them), and after so many ms at the latest; what has no answer then is
   * inconclusive, and goes on, unless the asking is given up.
   *
   * @returns A result for each, in the questions' order.
   */
  async ask(questions: readonly Question[], patienceMs: number, signal: AbortSignal): Promise<GateResult[]> {
    const fresh = questions.filter((question) => !this.open.has(keyOf(question)));
    fresh.forEach((question) => this.open.set(keyOf(question), this.begin(question)));
    const awaited = (fresh.length > 0 ? fresh : questions).flatMap((question) => this.open.get(keyOf(question)) ?? []);
    const enough = new AbortController();
    const stop = () => enough.abort();
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) {
      stop();
    }
    try {
      await Promise.race([
        Promise.all(awaited.map(({ answered }) => answered)),
        this.clock.sleep(patienceMs, enough.signal),
      ]);
    } finally {
      signal.removeEventListener("abort", stop);
      stop();
    }
    const results = questions.map((question) => this.resultOf(question));
    if (signal.aborted) {
      this.drop(() => true);
    }
    return results;
  }

  /** Forgets the questions whose answers are of no interest any more. */
  drop(isStale: (question: Question) => boolean): void {
    for (const [key, question] of [...this.open]) {
      if (isStale(question)) {
        this.open.delete(key);
        question.ending.abort();
      }
    }
  }

  private begin({ gate: name, input }: Question): OpenQuestion {
    const gate = this.gates.find((each) => each.name === name) as Gate;
    const ending = new AbortController();
    const question: OpenQuestion = { gate: name, input, ending, answered: Promise.resolve() };
    question.answered = Promise.resolve()
      .then(() => gate.ask(input, ending.signal))
      .then(
        (result) => void (question.result = result),
        (error: unknown) => void (question.thrown = { error }),
      );
    return question;
  }

  private resultOf(question: Question): GateResult {
    const { result, thrown, input } = this.open.get(keyOf(question)) as OpenQuestion;
    if (result === undefined && thrown === undefined) {
      const seconds = Math.round((this.clock.now() - input.now) / 1000);
      return { gate: question.gate, ...inconclusive(`no response yet, ${seconds} s after it was asked`) };
    }
    this.open.delete(keyOf(question));
    if (thrown !== undefined) {
      throw thrown.error;
    }
    return result as GateResult;
  }
}

function keyOf({ gate, input }: Question): string {
  return JSON.stringify([input.phase, input.step, gate]);
}
