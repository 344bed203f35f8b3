import { count } from "../internal/format";
import { inOrder, type Weights } from "../istio/weights";

export { inOrder, sameWeights, type Weights } from "../istio/weights";

/**
 * Every version's share in short: `v1 90, v2 10`.
 *
 * @param versions The versions' names, oldest first. @default the weights' own order
 * @param digits The most decimals, for shares that were measured.
 */
export function formatWeights(weights: Weights, versions?: readonly string[], digits = 0): string {
  return inOrder(weights, versions)
    .map(([version, share]) => `${version} ${count(share, digits)}`)
    .join(", ");
}
