import type { Counters } from "./envoyClusters";
import type { Span } from "./source";

/** What one proxy said. */
export interface ProxyReading {
  /** Which life of which proxy: another one after a restart, when its counters begin at 0 again. */
  life: string;
  counters: Counters;
}

/** How long a history goes back, in ms: longer than any step is held. */
const KEPT_MS = 24 * 3_600_000;

/**
 * What all proxies together have counted since a start, at each moment that they were read. Proxies may come, go and
 * start anew: what one counted before it went stays counted, and what it counted before the start never is.
 */
export class CounterHistory {
  private readonly last = new Map<string, Counters>();
  private readonly sums = new Map<string, number>();
  private samples: { at: number; sums: Counters }[] = [];

  /** @param here The proxies that run at the start: what they have counted by their first reading is of no interest. */
  constructor(private readonly here: ReadonlySet<string>) {}

  /** Takes what was read at a moment, later than the last. */
  add(at: number, readings: readonly ProxyReading[]): void {
    for (const { life, counters } of readings) {
      this.count(life, counters);
      this.last.set(life, counters);
    }
    this.samples.push({ at, sums: new Map(this.sums) });
    if (this.samples[0].at < at - 1.1 * KEPT_MS) {
      this.samples = this.samples.filter((sample) => sample.at >= at - KEPT_MS);
    }
  }

  /** Forgets proxies that are gone for good, so that a long run does not collect them. What they counted stays. */
  keepOnly(lives: ReadonlySet<string>): void {
    for (const life of [...this.last.keys()].filter((each) => !lives.has(each))) {
      this.last.delete(life);
    }
  }

  /** When the proxies were read last; undefined if never. */
  get latest(): number | undefined {
    return this.samples.at(-1)?.at;
  }

  /**
   * The sums at the first reading since each end of the span: nothing from before it is in their difference, and all
   * that was counted up to its end is. Where there is none that late, the last; undefined without readings.
   */
  between({ from, to }: Span): { from: Counters; to: Counters } | undefined {
    const at = (time: number) => this.samples.find((sample) => sample.at >= time) ?? this.samples.at(-1);
    const [first, second] = [at(from), at(to)];
    return first && second && { from: first.sums, to: second.sums };
  }

  /** What the proxies of the last reading have counted in all, also from before the first reading. */
  get totals(): Counters {
    const totals = new Map<string, number>();
    for (const counters of this.last.values()) {
      counters.forEach((value, key) => totals.set(key, (totals.get(key) ?? 0) + value));
    }
    return totals;
  }

  private count(life: string, counters: Counters): void {
    const before = this.last.get(life);
    const known = before !== undefined || !this.here.has(life);
    for (const [key, value] of counters) {
      const start = before?.get(key) ?? 0;
      // A counter that fell began at 0 again.
      const growth = !known ? 0 : value >= start ? value - start : value;
      this.sums.set(key, (this.sums.get(key) ?? 0) + growth);
    }
  }
}
