import type { Input } from "@pulumi/pulumi";
import { Findings, shown } from "../../validation/problem";
import { type Check, atLeastOneOf, entries, list, required, setOf, shape } from "../../validation/shape";
import type { Plain } from "../plain";
import { isKnown } from "../../validation/unknown";
import { flag, integer, pattern, text } from "../../validation/values";

/** Where the requests of one locality are sent. */
export interface DistributeArgs {
  /**
   * The callers' locality, `region/zone/subzone` or the start of it, with `*` for the rest, e.g. `us-west/zone1/*`.
   * DestinationRule `localityLbSetting.distribute[].from`.
   */
  from: Input<string>;
  /**
   * The share of each locality in percent, 1 to 100, with the sum 100. DestinationRule
   * `localityLbSetting.distribute[].to`.
   */
  to: Input<Record<string, Input<number>>>;
}

/** Which region replaces another one. */
export interface FailoverArgs {
  /** The region whose pods are unhealthy. DestinationRule `localityLbSetting.failover[].from`. */
  from: Input<string>;
  /** The region that takes over its requests. DestinationRule `localityLbSetting.failover[].to`. */
  to: Input<string>;
}

/**
 * How much a pod's locality matters. `distribute` cannot be combined with the others; `failover` may be combined with
 * `failoverPriority`, as long as that names no region, zone or subzone. Failover needs `outlierDetection`, which tells
 * proxies that pods are unhealthy.
 */
export interface LocalityLbSettingArgs {
  /**
   * Whether the locality matters at all. DestinationRule `localityLbSetting.enabled`.
   * @default the mesh's setting, which is true unless it was changed
   */
  enabled?: Input<boolean>;
  /**
   * Fixed shares by locality. DestinationRule `localityLbSetting.distribute`.
   * @default none: the nearest pods come first
   */
  distribute?: Input<Input<DistributeArgs>[]>;
  /** Which region replaces which. DestinationRule `localityLbSetting.failover`. @default any other region */
  failover?: Input<Input<FailoverArgs>[]>;
  /**
   * Labels, the most important first: pods that share more of them with the caller are preferred. DestinationRule
   * `localityLbSetting.failoverPriority`.
   * @default region, zone and subzone
   */
  failoverPriority?: Input<Input<string>[]>;
}

const TOPOLOGY_LABELS = ["topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone"];

const LOCALITY_FORM = /^(\*|[^/*\s]+(\/[^/*\s]+){0,2}|[^/*\s]+(\/[^/*\s]+)?\/\*)$/;

const locality = pattern(
  LOCALITY_FORM,
  "a locality such as us-west, us-west/zone1 or us-west/*, with * only at its end,",
);
const region = pattern(/^[^/*\s]+$/, "a region's name, without / and *,");
const share = integer(1, 100, "a whole number of percents from 1 to 100");

/** Checks a locality setting. */
export const localityLbSetting: Check = shape<Plain<LocalityLbSettingArgs>>(
  {
    enabled: flag,
    distribute: list(
      shape(
        {
          from: required(locality, "a locality"),
          to: required(
            entries("an object of percents by locality", share, locality),
            "an object of percents by locality",
          ),
        },
        wholeShares,
      ),
      "a list of shares by locality",
      1,
    ),
    failover: list(
      shape({ from: required(region, "a region"), to: required(region, "a region") }, otherRegion),
      "a list of regions",
      1,
    ),
    failoverPriority: list(text("a label, key or key=value,"), "a list of labels", 1),
  },
  atLeastOneOf("enabled", "distribute", "failover", "failoverPriority"),
  distributeAlone,
  regionsOnce,
  sourcesApart,
);

function wholeShares({ to }: Plain<DistributeArgs>, findings: Findings): void {
  if (!isKnown(to)) {
    return;
  }
  const shares = Object.values(to);
  const sum = shares.filter((each) => typeof each === "number").reduce((total, each) => total + each, 0);
  if (sum !== 100 && shares.every((each) => isKnown(each))) {
    findings.field("to").add(`sums to ${sum}`, "the sum must be exactly 100");
  }
  const names = Object.keys(to);
  names.forEach((name, index) => {
    const other = names.slice(0, index).find((earlier) => covers(earlier, name) || covers(name, earlier));
    if (other !== undefined) {
      findings
        .field("to")
        .field(name)
        .add(`overlaps with ${shown(other)}`, "localities must not overlap");
    }
  });
}

function otherRegion({ from, to }: Plain<FailoverArgs>, findings: Findings): void {
  if (isKnown(from) && from === to) {
    findings.field("to").add(`is ${shown(to)}, the same as from`, "another region is needed");
  }
}

function distributeAlone(value: unknown, findings: Findings): void {
  const others = setOf(value, ["failover", "failoverPriority"]);
  if (setOf(value, ["distribute"]).length === 1 && others.length > 0) {
    findings.add(
      `has distribute and ${others.join(" and ")}`,
      "distribute cannot be combined with them: its shares leave nothing to fail over",
    );
  }
}

/** Istio accepts no topology labels beside `failover`. */
function regionsOnce({ failover, failoverPriority }: Plain<LocalityLbSettingArgs>, findings: Findings): void {
  if (failover === undefined || !Array.isArray(failoverPriority)) {
    return;
  }
  for (const [index, label] of failoverPriority.entries()) {
    if (TOPOLOGY_LABELS.includes(label)) {
      findings
        .field("failoverPriority")
        .field(index)
        .add(`is ${shown(label)}, beside failover`, "a label that is not for a region, zone or subzone is needed");
    }
  }
}

/** Every caller's locality belongs to one entry; `*` may come last, for the rest. */
function sourcesApart({ distribute }: Plain<LocalityLbSettingArgs>, findings: Findings): void {
  const sources = Array.isArray(distribute) ? distribute.map((each) => (isKnown(each) ? each.from : undefined)) : [];
  sources.forEach((source, index) => {
    if (typeof source !== "string") {
      return;
    }
    const other = sources
      .slice(0, index)
      .findIndex(
        (earlier) =>
          typeof earlier === "string" && (covers(earlier, source) || (source !== "*" && covers(source, earlier))),
      );
    if (other >= 0) {
      findings
        .field("distribute")
        .field(index)
        .field("from")
        .add(
          `is ${shown(source)}, which overlaps with that of distribute[${other}]`,
          "localities must not overlap; only a * may come last",
        );
    }
  });
}

function covers(wide: string, narrow: string): boolean {
  const [outer, inner] = [wide, narrow].map((name) => name.replace(/\/\*$/, ""));
  return outer === "*" || outer === inner || inner.startsWith(`${outer}/`);
}
