import { Findings, shown } from "../validation/problem";
import { isKnown } from "../validation/unknown";

/**
 * Each version's share of the traffic by its name, in whole percents: every declared version is listed, and the sum is
 * 100.
 */
export type Weights = Readonly<Record<string, number>>;

/** Whether two sets of weights are the same; a version that is missing from one of them has the weight 0 there. */
export function sameWeights(one: Weights, other: Weights): boolean {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].every(
    (version) => (one[version] ?? 0) === (other[version] ?? 0),
  );
}

/**
 * The weights in the versions' order. By default, JavaScript puts names made of digits first, in the order of their
 * numbers, as in every object.
 *
 * @param versions The versions' names, oldest first.
 * @default the order that the weights have by themselves
 */
export function inOrder(weights: Weights, versions?: readonly string[]): [name: string, percent: number][] {
  const all = Object.entries(weights);
  return versions === undefined ? all : all.sort(([one], [other]) => versions.indexOf(one) - versions.indexOf(other));
}

/** The arguments that set the weights: one number for the newest of two versions, or a number by version name. */
export interface WeightsArgs {
  /** The newest version's weight in percent; the version before it gets the rest. */
  weight?: unknown;
  /** The weight in percent by version name. Every declared version must be listed, one without traffic with 0. */
  weights?: unknown;
}

/**
 * Turns the arguments into a weight for every version; {@link inOrder} puts them into the versions' order. Istio itself
 * accepts any non-negative numbers and shares by ratio. Whole percents with the sum 100 are our own, stricter rule,
 * because reviewers read them as percents.
 *
 * @param versions The declared versions' names, oldest first.
 * @param findings Where mistakes are recorded; its path is where `weight` and `weights` are set.
 * @returns The weights, or undefined if there was a mistake or a value is not known yet.
 */
export function resolveWeights(
  versions: readonly string[],
  args: WeightsArgs,
  findings: Findings,
): Weights | undefined {
  const { weight, weights } = args;
  if (versions.length === 0) {
    return undefined; // reported with the versions themselves
  }
  if (weight !== undefined && weights !== undefined) {
    findings
      .field("weights")
      .add("is set, and so is weight", "only one of them may be: weight for two versions, weights for any number");
    return undefined;
  }
  if (weights !== undefined) {
    return weightsByName(versions, weights, findings.field("weights"));
  }
  return weightsOfTwo(versions, weight, findings.field("weight"));
}

function weightsOfTwo(versions: readonly string[], weight: unknown, findings: Findings): Weights | undefined {
  const newest = versions[versions.length - 1];
  if (versions.length > 2) {
    const what =
      weight === undefined
        ? "and weights are both missing"
        : `is ${shown(weight)}, one number for ${versions.length} versions`;
    findings.add(what, `set weights instead, a share for each of ${versions.join(", ")} with the sum 100`);
    return undefined;
  }
  if (versions.length === 1) {
    if (weight !== undefined && isKnown(weight) && weight !== 100) {
      findings.add(
        `is ${shown(weight)}, but ${newest} is the only version`,
        "a lone version gets all traffic: leave weight out, or set it to 100",
      );
      return undefined;
    }
    return { [newest]: 100 };
  }
  if (weight === undefined) {
    findings.add("is missing", `the share of ${newest} is needed, a whole number from 0 to 100`);
    return undefined;
  }
  if (!isKnown(weight) || !checkWeight(weight, findings)) {
    return undefined;
  }
  return { [versions[0]]: 100 - weight, [newest]: weight };
}

function weightsByName(versions: readonly string[], weights: unknown, findings: Findings): Weights | undefined {
  if (!isKnown(weights)) {
    return undefined;
  }
  const names = `a share for each of ${versions.join(", ")}, whole percents with the sum 100`;
  if (typeof weights !== "object" || weights === null || Array.isArray(weights)) {
    findings.add(`is ${shown(weights)}`, `${names}, is needed`);
    return undefined;
  }
  const before = findings.all().length;
  const percents = new Map<string, number>();
  for (const [name, weight] of Object.entries(weights)) {
    const field = findings.field(name);
    if (!versions.includes(name)) {
      field.add(
        "names no declared version",
        `declared are ${versions.join(", ")}: declare it under versions, or leave it out`,
      );
    } else if (isKnown(weight) && checkWeight(weight, field)) {
      percents.set(name, weight);
    }
  }
  for (const name of versions.filter((version) => !Object.hasOwn(weights, version))) {
    findings.field(name).add("is missing", "every declared version needs a share: write 0 for one that gets nothing");
  }
  const resolved = versions.flatMap((name) => {
    const percent = percents.get(name);
    return percent === undefined ? [] : [[name, percent] as const];
  });
  if (findings.all().length > before || resolved.length < versions.length) {
    return undefined;
  }
  const sum = resolved.reduce((total, [, percent]) => total + percent, 0);
  if (sum !== 100) {
    const parts = resolved.map(([name, percent]) => `${name} ${percent}`).join(" + ");
    findings.add(`sums to ${sum} (${parts})`, "the sum must be exactly 100");
    return undefined;
  }
  return Object.fromEntries(resolved);
}

function checkWeight(value: unknown, findings: Findings): value is number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 100) {
    return true;
  }
  findings.add(`is ${shown(value)}`, "a whole number from 0 to 100 is needed");
  return false;
}
