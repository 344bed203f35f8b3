/**
 * A fraction from 0 to 1 in percent: `5%`, `98.2%`. Never rounded to 0 or 100 if it is neither: `0.002%`, `99.96%`.
 *
 * @param digits The most decimals, where so many tell it from 0 and 100.
 */
export function percent(fraction: number, digits = 1): string {
  return `${hundredths(fraction, digits)}%`;
}

/** A difference of two fractions: `1 percentage point`, `1.5 percentage points`. Never rounded to 0 if it is not 0. */
export function percentagePoints(difference: number, digits = 2): string {
  const value = hundredths(difference, digits);
  return `${value} percentage ${value === "1" ? "point" : "points"}`;
}

function hundredths(fraction: number, digits: number): string {
  const value = fraction * 100;
  const gap = Math.min(Math.abs(value), Math.abs(100 - Math.abs(value)));
  return count(value, gap > 0 ? Math.min(12, Math.max(digits, Math.ceil(-Math.log10(gap)))) : digits);
}

/** A number with commas between thousands and at most so many decimals: `1,204`, `1,234.5`. */
export function count(value: number, digits = 0): string {
  let format = FORMATS.get(digits);
  if (format === undefined) {
    FORMATS.set(digits, (format = new Intl.NumberFormat("en", { maximumFractionDigits: digits })));
  }
  const text = format.format(value);
  return text === "-0" ? "0" : text;
}

/** Making one takes a hundred times as long as using it. */
const FORMATS = new Map<number, Intl.NumberFormat>();

/** A number of things: `1,204 requests`, `1 request`. */
export function counted(number: number, noun: string): string {
  return `${count(number, 2)} ${noun}${number === 1 ? "" : "s"}`;
}

/** A duration in seconds: `4.5 s`, `45 s`, `3 min 20 s`, `2 h`. */
export function duration(seconds: number): string {
  if (seconds < 60) {
    return `${count(seconds, seconds < 10 ? 1 : 0)} s`;
  }
  const whole = Math.round(seconds);
  const parts = [
    [Math.floor(whole / 3600), "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ] as const;
  return parts
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(" ");
}

/** The time since a start, in milliseconds, as a clock shows it: `+0:07`, `+12:30`, `+1:02:03`. */
export function elapsed(milliseconds: number): string {
  const seconds = Math.floor(Math.max(0, milliseconds) / 1000);
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, "0"));
  const hours = Math.floor(seconds / 3600);
  return hours > 0 ? `+${hours}:${parts.join(":")}` : `+${Number(parts[0])}:${parts[1]}`;
}

/** A time in milliseconds since the epoch, to the second: `2026-11-21 09:20:56 UTC`. */
export function timestamp(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/**
 * Names in a sentence: `a`, `a and b`, `a, b and 3 more`.
 *
 * @param most How many are named; of the others only their number is given.
 */
export function listed(names: readonly string[], most = 5): string {
  const shown = names.length <= most ? names : [...names.slice(0, most), `${names.length - most} more`];
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}
