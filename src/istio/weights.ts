import { Findings, shown } from "../validation/problem";
import { isKnown } from "../validation/unknown";

/** The share of traffic of each version, in whole percents: every declared version is named, and the sum is 100. */
export type Shares = Readonly<Record<string, number>>;

/** What was asked for: one number for the newest of two versions, or a share by version name. */
export interface AskedWeights {
  /** The newest version's share in percent; the version before it gets the rest. */
  weight?: unknown;
  /** The share in percent by version name; every declared version must be named, one that gets nothing with 0. */
  weights?: unknown;
}

/**
 * Turns what was asked for into a share for every version.
 *
 * Istio itself would take any numbers that are not negative and share by ratio; whole percents with the sum 100 are
 * our own, stricter rule, because a reviewer reads them as percents.
 *
 * @param versions The declared versions' names, oldest first.
 * @param findings Where mistakes are recorded; its path is where `weight` and `weights` stand.
 * @returns The shares, or undefined if there was a mistake or a value is not known yet.
 */
export function resolveShares(
  versions: readonly string[],
  asked: AskedWeights,
  findings: Findings,
): Shares | undefined {
  const { weight, weights } = asked;
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
    return sharesByName(versions, weights, findings.field("weights"));
  }
  return sharesOfTwo(versions, weight, findings.field("weight"));
}

function sharesOfTwo(versions: readonly string[], weight: unknown, findings: Findings): Shares | undefined {
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
  if (!isKnown(weight) || !checkPercent(weight, findings)) {
    return undefined;
  }
  return { [versions[0]]: 100 - weight, [newest]: weight };
}

function sharesByName(versions: readonly string[], weights: unknown, findings: Findings): Shares | undefined {
  if (!isKnown(weights)) {
    return undefined;
  }
  const names = `a share for each of ${versions.join(", ")}, whole percents with the sum 100`;
  if (typeof weights !== "object" || weights === null || Array.isArray(weights)) {
    findings.add(`is ${shown(weights)}`, `${names}, is needed`);
    return undefined;
  }
  const given = Object.entries(weights);
  let sound = true;
  for (const [name, weight] of given) {
    const field = findings.field(name);
    if (!versions.includes(name)) {
      field.add(
        "names no declared version",
        `declared are ${versions.join(", ")}: declare it under versions, or leave it out`,
      );
      sound = false;
    } else if (isKnown(weight) && !checkPercent(weight, field)) {
      sound = false;
    }
  }
  for (const name of versions.filter((version) => !Object.hasOwn(weights, version))) {
    findings.field(name).add("is missing", "every declared version needs a share: write 0 for one that gets nothing");
    sound = false;
  }
  if (!sound || !given.every(([, weight]) => isKnown(weight))) {
    return undefined;
  }
  const shares = Object.fromEntries(versions.map((name) => [name, (weights as Record<string, number>)[name]]));
  const sum = Object.values(shares).reduce((total, share) => total + share, 0);
  if (sum !== 100) {
    const parts = versions.map((name) => `${name} ${shares[name]}`).join(" + ");
    findings.add(`sums to ${sum} (${parts})`, "the sum must be exactly 100");
    return undefined;
  }
  return shares;
}

function checkPercent(value: unknown, findings: Findings): value is number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 100) {
    return true;
  }
  findings.add(`is ${shown(value)}`, "a whole number from 0 to 100 is needed");
  return false;
}
