export { durationText as duration } from "../plan/duration";
import type { Weights } from "../weights";

/** How long after the start: `+0:07`, `+12:30`, `+1:02:03`. */
export function offset(milliseconds: number): string {
  const seconds = Math.floor(Math.max(0, milliseconds) / 1000);
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, "0"));
  const hours = Math.floor(seconds / 3600);
  return hours > 0 ? `+${hours}:${parts.join(":")}` : `+${Number(parts[0])}:${parts[1]}`;
}

/** A moment to the second, in UTC: `2026-11-21 09:20:56 UTC`. */
export function moment(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/**
 * A share or rate in percent with as many digits as it takes to tell it from 0 and from 100: `99.96 %`, `5 %`, `0.002
 * %`.
 */
export function percent(share: number): string {
  const gap = Math.min(share, 100 - share);
  const digits = gap > 0 ? Math.min(12, Math.max(1, Math.ceil(-Math.log10(gap)))) : 1;
  return `${Number(share.toFixed(digits))} %`;
}

/** A number for people: thousands apart, at most `digits` after the point. */
export function count(value: number, digits = 0): string {
  const [whole, rest] = Math.abs(value).toFixed(digits).split(".");
  const sign = value < 0 ? "-" : "";
  const fraction = (rest ?? "").replace(/0+$/, "");
  return `${sign}${whole.replace(/\B(?=(\d{3})+$)/g, ",")}${fraction === "" ? "" : `.${fraction}`}`;
}

/** Shares in short: `v1 90, v2 10`. */
export function shares(weights: Weights | Readonly<Record<string, number>>, digits = 0): string {
  return Object.entries(weights)
    .map(([version, share]) => `${version} ${count(share, digits)}`)
    .join(", ");
}
