import { sharedByMany } from "../../internal/abortSignals";
import { errorMessage } from "../../internal/http/errorMessage";
import type { Gate, GateInput, Phase } from "./gate";
import { type Assessment, inconclusive } from "./assessment";

/** How long a gate waits for its answer where its definition does not say, in seconds. */
export const DEFAULT_TIMEOUT_SECONDS = 10;

/**
 * A gate around something that finds an answer and may fail: it never throws, it does not wait for ever, even for what
 * ignores the signal, and all its metrics can be drawn.
 */
export function gateWithTimeout(
  { name, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS }: { name: string; timeoutSeconds?: number },
  phases: readonly Phase[],
  answer: (question: GateInput, signal: AbortSignal) => Promise<Assessment>,
): Gate {
  return {
    name,
    phases,
    async ask(question, signal) {
      const ending = new AbortController();
      const timer = setTimeout(
        () => ending.abort(new Error(`no response within ${timeoutSeconds} s`)),
        timeoutSeconds * 1000,
      );
      const stop = () => ending.abort(new Error("the run was stopped before there was a response"));
      sharedByMany(signal).addEventListener("abort", stop, { once: true });
      const ended = new Promise<never>((_, reject) =>
        ending.signal.addEventListener("abort", () => reject(ending.signal.reason), { once: true }),
      );
      ended.catch(() => undefined);
      try {
        if (signal.aborted) {
          stop();
        }
        const found = await Promise.race([ended, Promise.resolve().then(() => answer(question, ending.signal))]);
        const { verdict, reason, metrics, evidence } = found;
        return { gate: name, verdict, reason, metrics: drawable(metrics), ...(evidence && { evidence }) };
      } catch (error) {
        // What was given up says only that it was; why is the signal's to say.
        const { verdict, reason, metrics } = inconclusive(
          errorMessage(ending.signal.aborted ? ending.signal.reason : error),
        );
        return { gate: name, verdict, reason, metrics };
      } finally {
        clearTimeout(timer);
        signal.removeEventListener("abort", stop);
        // Whatever still waits for an answer that nobody will look at gives up.
        ending.abort(new Error("another answer was taken"));
      }
    },
  };
}

function drawable(metrics: Assessment["metrics"]): Assessment["metrics"] {
  return Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value)));
}
