import type { GateDefinition } from "../../../../src/rollout/gates/gate";
import { makeGate } from "../../../../src/rollout/gates/kinds";
import type { MetricsSource, Span, VersionTraffic } from "../../../../src/rollout/metrics/source";
import type { Happening, RolloutEvent } from "../../../../src/rollout/runner/event";
import { nextAction } from "../../../../src/rollout/runner/next";
import { advance, type RunState } from "../../../../src/rollout/runner/state";
import { planOf } from "../runner/plans";

/** What part of a version's requests fails and what part is slow, in a sample that counts from 0. */
export interface Truth {
  failing?(sample: number): number;
  slow?(sample: number): number;
}

/** A run of one gate whose requests are drawn by chance. */
export interface Simulation {
  gate: GateDefinition;
  target: Truth;
  others: Truth;
  /** Requests in a sample. @default 100 and 900 */
  requests?: { target: number; others: number };
  /** How many samples each step has. @default 60 samples of one step */
  steps?: readonly number[];
  /** Before which samples another process continues the run. @default none */
  takeovers?: readonly number[];
  /** How many failed samples in a row end the run. @default 3 */
  failureThreshold?: number;
}

/** How a run went; samples count from 1. */
export interface Outcome {
  /** After how many samples it was sent back; undefined if it was not. */
  sentBack?: number;
  /** After how many samples the gate passed first. */
  passed?: number;
  /** Whether the gate passed in each step's last sample. */
  passedAtEnds: boolean;
}

const INTERVAL_MS = 10_000;
const FAST_MS = 100;
const SLOW_MS = 500;
const SIGNAL = new AbortController().signal;

/** Random numbers from 0 to 1, the same for the same seed (the generator mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The probabilities of 0, 1, … hits of `of`, each with this share. */
export function binomial(of: number, share: number): number[] {
  const odds = Math.log(share) - Math.log1p(-share);
  const probabilities: number[] = [];
  for (let hits = 0, log = of * Math.log1p(-share); hits <= of; hits++) {
    probabilities.push(share === 0 ? Number(hits === 0) : share === 1 ? Number(hits === of) : Math.exp(log));
    log += Math.log((of - hits) / (hits + 1)) + odds;
  }
  return probabilities;
}

const drawn = new Map<string, Float64Array>();

/** How many of so many hit, drawn by chance. */
export function draw(of: number, share: number, random: () => number): number {
  const key = `${of} ${share}`;
  let sums = drawn.get(key);
  if (sums === undefined) {
    let sum = 0;
    sums = Float64Array.from(binomial(of, share), (probability) => (sum += probability));
    drawn.set(key, sums);
  }
  const chance = random();
  let [low, high] = [0, of];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle] > chance) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What versions answered in each sample; a process that takes over knows only what comes after. */
class DrawnTraffic implements MetricsSource {
  readonly description = "requests drawn by chance";
  /** The sums of v1 and v2 after each sample, by its end. */
  private sums = [{ at: -Infinity, of: [0, 0, 0, 0, 0, 0] }];

  add(
    at: number,
    requests: readonly [number, number],
    bad: readonly [number, number],
    slow: readonly [number, number],
  ) {
    const last = this.sums[this.sums.length - 1].of;
    this.sums.push({ at, of: [...requests, ...bad, ...slow].map((count, index) => last[index] + count) });
  }

  forget(): void {
    this.sums = [{ at: -Infinity, of: [0, 0, 0, 0, 0, 0] }];
  }

  async start(): Promise<void> {}

  async traffic({ from, to }: Span): Promise<Record<string, VersionTraffic>> {
    const [first, last] = [this.until(from), this.until(to)];
    const between = last.map((count, index) => count - first[index]);
    const version = (index: number): VersionTraffic => ({
      requests: between[index],
      failures: between[index + 2],
      durations: [
        { upTo: FAST_MS, count: between[index] - between[index + 4] },
        { upTo: SLOW_MS, count: between[index + 4] },
        { upTo: Infinity, count: 0 },
      ],
    });
    return { v1: version(0), v2: version(1) };
  }

  stop(): void {}

  private until(time: number): readonly number[] {
    let index = this.sums.length - 1;
    while (this.sums[index].at > time) {
      index--;
    }
    return this.sums[index].of;
  }
}

/** Draws a run's requests, asks the real gate for each sample, and lets the real rules of a run decide. */
export async function simulate(
  { gate, target, others, requests = { target: 100, others: 900 }, ...rest }: Simulation,
  random: () => number,
): Promise<Outcome> {
  const { steps = [60], takeovers = [], failureThreshold = 3 } = rest;
  const plan = planOf(
    steps.map((_, step) => 10 + step),
    [gate],
    { failureThreshold, stepDeadlineSeconds: 1e9, deadlineSeconds: 1e9 },
  );
  const source = new DrawnTraffic();
  const asked = makeGate(gate, { metrics: source, approval: () => undefined });
  let now = 0;
  let state: RunState | undefined;
  const tell = (happening: Happening) => {
    // By way of a line of the journal, as in a run.
    const line = JSON.stringify({ ...happening, run: "simulated", at: new Date(now).toISOString() });
    state = advance(state, JSON.parse(line) as RolloutEvent);
  };
  tell({ type: "started", plan, by: "test" });
  tell({ type: "prepared", seconds: 0 });
  const outcome: Outcome = { passedAtEnds: true };
  let sample = 0;
  for (const [step, samples] of steps.entries()) {
    const { name, weights } = plan.steps[step];
    tell({ type: "shifting", step, name, weights });
    tell({ type: "shifted", step, seconds: 0 });
    tell({ type: "converged", step, seconds: 0 });
    const since = now;
    const end = sample + samples;
    for (; sample < end; sample++) {
      if (takeovers.includes(sample)) {
        source.forget();
        tell({ type: "takenOver", by: "test" });
      }
      now += INTERVAL_MS;
      const bad = (of: number, share = 0) => draw(of, share, random);
      source.add(
        now,
        [requests.others, requests.target],
        [bad(requests.others, others.failing?.(sample)), bad(requests.target, target.failing?.(sample))],
        [bad(requests.others, others.slow?.(sample)), bad(requests.target, target.slow?.(sample))],
      );
      const result = await asked.ask(
        {
          run: "simulated",
          app: plan.app,
          namespace: plan.namespace,
          target: plan.target,
          phase: "hold",
          step,
          weights,
          since,
          now,
          evidence: state?.evidence[gate.name],
        },
        SIGNAL,
      );
      tell({ type: "sampled", step, phase: "hold", results: [result] });
      if (result.verdict === "passed") {
        outcome.passed ??= sample + 1;
      } else if (sample === end - 1) {
        outcome.passedAtEnds = false;
      }
      const action = nextAction(state as unknown as RunState, [asked], now);
      if (action.do === "tell" && action.happening.type === "rollingBack") {
        return { ...outcome, sentBack: sample + 1, passedAtEnds: false };
      }
    }
    tell({ type: "held", step });
  }
  return outcome;
}
