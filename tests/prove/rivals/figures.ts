import { median } from "../../bench/measuring";

/** Seconds as tables and plots show them. */
export function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}

/** The median of several values, and their range. */
export function figures(values: readonly number[], text: (value: number) => string): string {
  const [least, most] = [Math.min(...values), Math.max(...values)].map(text);
  return least === most ? text(median(values)) : `${text(median(values))} (${least} – ${most})`;
}
