import type { Step } from "../../../sandbox/progress";
import { pause } from "../../e2e/support/traffic";
import type { Kind, Place } from "./kind";
import type { LaneResult, Load } from "./load/load";

/** How long and under which load a kind is tried. */
export interface Extent {
  /** Requests per second, in all ways together. */
  rate: number;
  /** The minimum number of requests. */
  requests: number;
  /** The minimum number of repetitions; undefined for each kind's own number. */
  repetitions?: number;
}

/** The results of the requests while one kind of change was made. */
export interface KindResult {
  kind: string;
  changes: string;
  /** When it began, in ISO 8601. */
  began: string;
  seconds: number;
  repetitions: number;
  /** The number of `up`s. */
  ups: number;
  lanes: LaneResult[];
  /** The warnings of the `up`s. */
  warnings: string[];
}

/** How long the load goes on after the last change, in milliseconds. */
const AFTERWARDS = 2000;
const DEFAULT_REPETITIONS = 10;
/** How much longer requests may be sent than at the full rate, which a busy machine does not reach. */
const RESERVE = 1.15;

/**
 * Makes one kind of change under load, until there were enough repetitions and requests. Ends early if the signal is
 * aborted.
 */
export async function measure(
  kind: Kind,
  place: Place,
  load: Load,
  { rate, requests, repetitions: asked }: Extent,
  step: Step,
  signal: AbortSignal,
): Promise<KindResult> {
  const least = asked ?? kind.repetitions ?? DEFAULT_REPETITIONS;
  const subject = await kind.open(place);
  try {
    const began = new Date();
    const seconds = () => (Date.now() - began.getTime()) / 1000;
    load.start(rate, subject);
    await pause(1000);
    let repetitions = 0;
    let ups = 0;
    while (!signal.aborted && (repetitions < least || seconds() * rate < requests * RESERVE)) {
      ups += await subject.repeat(++repetitions);
      step.update(
        Math.min(repetitions, Math.floor((seconds() * rate * least) / (requests * RESERVE))),
        least,
        `${repetitions} repetitions`,
      );
    }
    await pause(AFTERWARDS);
    const lanes = await load.stop();
    return {
      kind: kind.name,
      changes: kind.changes,
      began: began.toISOString(),
      seconds: Math.round(seconds()),
      repetitions,
      ups,
      lanes,
      warnings: [...subject.warnings],
    };
  } finally {
    await load.stop();
    await subject.close();
  }
}

/** The failures by status, in all ways together. */
export function failuresOf({ lanes }: KindResult): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const [code, count] of lanes.flatMap(({ failed }) => Object.entries(failed))) {
    sum[code] = (sum[code] ?? 0) + count;
  }
  return sum;
}
