/** `1,204 requests`, `1 request`. */
export function counted(count: number, what: string): string {
  return `${figure(count)} ${what}${count === 1 ? "" : "s"}`;
}

/** `98.24 %` of a share from 0 to 1. */
export function percent(share: number): string {
  return `${percentage(share)} %`;
}

/** `1.5 percentage points` of a difference of two shares. */
export function points(difference: number): string {
  return `${percentage(difference)} percentage points`;
}

/** `98.24` of a share from 0 to 1. Never rounded to 0 or 100 if it is neither. */
export function percentage(share: number): string {
  const digits = [2, 3, 4, 6].find((count) => {
    const rounded = Number((share * 100).toFixed(count));
    return (rounded !== 0 && Math.abs(rounded) !== 100) || rounded === share * 100;
  });
  return figure(share * 100, digits ?? 8);
}

/** A number for people: thousands apart, few digits. */
export function figure(number: number, digits = 2): string {
  return number.toLocaleString("en", { maximumFractionDigits: digits });
}
