import { isDeepStrictEqual } from "node:util";
import { isObject } from "../internal/objects";
import { sameWeights, type Weights } from "./weights";

/** A VirtualService's lists of rules. */
const LISTS = ["http", "tcp", "tls"] as const;
type RuleList = (typeof LISTS)[number];

/**
 * Which rules of a VirtualService follow the app's weights: by list, their indices. All others have weights of their own,
 * or one destination.
 */
export interface WeightedRules {
  readonly rules: Readonly<Partial<Record<RuleList, readonly number[]>>>;
  /**
   * Whether there are other rules, or rules with other conditions, once other versions have requests: with sticky users,
   * each version that has requests brings a rule for those who stay with it.
   */
  readonly dependsOnServed: boolean;
}

/** One rule, as far as it is shared among subsets. */
interface SharedRule {
  route: { destination: { subset: string }; weight: number }[];
}

/** More than any weight: what the weights are raised by to see where they go. */
const PROBE = 1000;

/**
 * Finds the rules that follow the weights.
 *
 * @param render The VirtualService's spec for some weights.
 * @param weights The weights in force.
 */
export function weightedRules(render: (weights: Weights) => object, weights: Weights): WeightedRules {
  const [now, raised] = [render(weights), render(raisedFrom(weights))] as Record<string, unknown>[];
  const rules = Object.fromEntries(
    LISTS.flatMap((name) => {
      const [before, after] = [listOf(now[name]), listOf(raised[name])];
      const indices = before.flatMap((rule, index) => (isDeepStrictEqual(rule, after[index]) ? [] : [index]));
      return indices.length === 0 ? [] : [[name, indices]];
    }),
  );
  return { rules, dependsOnServed: dependsOnServed(render, Object.keys(weights)) };
}

/**
 * The spec with other weights.
 *
 * @param spec A VirtualService's spec that has the weights before.
 * @returns The spec, or why it cannot be told from what is known.
 */
export function withWeights(
  spec: unknown,
  { rules, dependsOnServed }: WeightedRules,
  before: Weights,
  after: Weights,
): Record<string, unknown> | string {
  if (!isObject(spec)) {
    return "its spec is not known";
  }
  if (!isDeepStrictEqual(Object.keys(before).sort(), Object.keys(after).sort())) {
    return "the versions are not the same";
  }
  if (dependsOnServed && !isDeepStrictEqual(served(before), served(after))) {
    return "users are sticky, and a version gets its first requests or loses its last";
  }
  const changed: Record<string, unknown> = { ...spec };
  for (const name of LISTS) {
    const indices = rules[name] ?? [];
    const list = listOf(spec[name]);
    if (indices.some((index) => !followsWeights(list[index], before))) {
      return `its ${name} rules do not have the weights of the last \`pulumi up\``;
    }
    if (indices.length > 0) {
      changed[name] = list.map((rule, index) => (indices.includes(index) ? shifted(rule as SharedRule, after) : rule));
    }
  }
  return changed;
}

/** With the same versions at 0, and every other weight one that no rule has by itself. */
function raisedFrom(weights: Weights): Weights {
  return Object.fromEntries(Object.entries(weights).map(([name, share]) => [name, share > 0 ? share + PROBE : 0]));
}

function dependsOnServed(render: (weights: Weights) => object, versions: readonly string[]): boolean {
  const [all, one] = [
    Object.fromEntries(versions.map((name) => [name, 1])),
    Object.fromEntries(versions.map((name, index) => [name, index === 0 ? 1 : 0])),
  ].map((weights) =>
    LISTS.map((name) => listOf((render(weights) as Record<string, unknown>)[name]).map(withoutWeights)),
  );
  return !isDeepStrictEqual(all, one);
}

function withoutWeights(rule: unknown): unknown {
  return isShared(rule) ? { ...rule, route: rule.route.map((each) => ({ ...each, weight: 0 })) } : rule;
}

function followsWeights(rule: unknown, weights: Weights): boolean {
  return (
    isShared(rule) &&
    rule.route.length === Object.keys(weights).length &&
    sameWeights(Object.fromEntries(rule.route.map(({ destination, weight }) => [destination.subset, weight])), weights)
  );
}

function isShared(rule: unknown): rule is SharedRule {
  return (
    isObject(rule) &&
    Array.isArray(rule.route) &&
    rule.route.every((each) => isObject(each) && isObject(each.destination) && typeof each.weight === "number")
  );
}

function shifted(rule: SharedRule, weights: Weights): SharedRule {
  return { ...rule, route: rule.route.map((each) => ({ ...each, weight: weights[each.destination.subset] })) };
}

function served(weights: Weights): string[] {
  return Object.keys(weights)
    .filter((name) => weights[name] > 0)
    .sort();
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
