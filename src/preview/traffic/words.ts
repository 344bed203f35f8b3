/** A share as people write it: whole percents as they are, others with one decimal. */
export function percentText(percent: number): string {
  return `${Number.isInteger(percent) ? percent : percent.toFixed(1)} %`;
}

/** The names of a list as a sentence has them: `a`, `a and b`, `a, b and 3 more`. */
export function listText(names: readonly string[], most = 5): string {
  const shown = names.length <= most ? names : [...names.slice(0, most), `${names.length - most} more`];
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

/** `1 route`, `2 routes`. */
export function countText(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
