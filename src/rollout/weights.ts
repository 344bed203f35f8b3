import { count } from "../internal/format";

/** Every version's share of the traffic in percent, by its name; whole numbers with the sum 100. */
export type Weights = Readonly<Record<string, number>>;

/** Whether two sets of shares are the same; a version that one does not name has nothing there. */
export function sameShares(one: Weights, other: Weights): boolean {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].every(
    (version) => (one[version] ?? 0) === (other[version] ?? 0),
  );
}

/**
 * Every version's share in short: `v1 90, v2 10`.
 *
 * @param digits The most decimals, for shares that were measured.
 */
export function formatWeights(weights: Weights, digits = 0): string {
  return Object.entries(weights)
    .map(([version, share]) => `${version} ${count(share, digits)}`)
    .join(", ");
}
