import type { Answer } from "../../../demo/load/request";
import { failures } from "../../../demo/load/shares";

/** From the request for a change until its effects are over, on the clock of the responses. */
export interface Span {
  asked: number;
  over: number;
}

/** What users saw during a change. */
export interface Stretch {
  /** Its duration, in seconds. */
  seconds: number;
  requests: number;
  failed: number;
  /** The outcome of the requests in each {@link SLICE_SECONDS} after the change was requested. */
  course: Slice[];
}

export interface Slice {
  requests: number;
  /** How many requests were answered by the version that is added or removed. */
  tried: number;
  failed: number;
}

export const SLICE_SECONDS = 0.5;

/** The results of requests that were sent in a time span. */
export function within(answers: readonly Answer[], { asked, over }: Span): Answer[] {
  return answers.filter(({ sentAt }) => sentAt >= asked && sentAt < over);
}

/**
 * A change that moves traffic to one version, or away from it: it is over with the last response of the version that
 * has to be `gone`.
 */
export function moved(answers: readonly Answer[], span: Span, tried: string, gone: string): Stretch {
  const sent = within(answers, span);
  const last = sent.filter(({ version }) => version === gone).at(-1);
  return { seconds: last === undefined ? 0 : (last.sentAt - span.asked) / 1000, ...told(sent, span, tried) };
}

/** A version that fails: the duration is the time from the first error that a user saw to the last. */
export function erred(answers: readonly Answer[], span: Span, tried: string): Stretch {
  const sent = within(answers, span);
  const failed = failures(sent);
  return {
    seconds: failed.length === 0 ? 0 : (failed[failed.length - 1].doneAt - failed[0].doneAt) / 1000,
    ...told(sent, span, tried),
  };
}

function told(sent: readonly Answer[], { asked, over }: Span, tried: string): Omit<Stretch, "seconds"> {
  const slices = Array.from({ length: Math.ceil((over - asked) / 1000 / SLICE_SECONDS) }, (): Answer[] => []);
  sent.forEach((answer) => slices[Math.floor((answer.sentAt - asked) / 1000 / SLICE_SECONDS)].push(answer));
  return { requests: sent.length, failed: failures(sent).length, course: slices.map((slice) => sliceOf(slice, tried)) };
}

function sliceOf(answers: readonly Answer[], tried: string): Slice {
  return {
    requests: answers.length,
    tried: answers.filter(({ version }) => version === tried).length,
    failed: failures(answers).length,
  };
}
