import { count } from "../internal/format";
import type { Weights } from "../istio/weights";

export { sameWeights, type Weights } from "../istio/weights";

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
