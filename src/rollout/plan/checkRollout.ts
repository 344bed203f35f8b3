import { versionOf } from "../../istio/destination";
import { match } from "../../istio/match";
import { takesIn } from "../../istio/reachability";
import { Findings, shown } from "../../validation/problem";
import { type Check, type Rule, atMostOneOf, list, needs, setOf, shape } from "../../validation/shape";
import { flag, integer, oneOf } from "../../validation/values";
import { OnFailure } from "../gates/gate";
import { checkGates } from "../gates/kinds";
import { checkWatch, checkWith, movedByWeights, ofDifferentApps } from "./checkOtherApps";
import { checkNotify } from "./notifySettings";
import { checkSource } from "../metrics/settings";
import { durationOf } from "./duration";
import { Strategy } from "./plan";
import { SCHEDULES } from "./schedule";
import type { RolloutSettings } from "./settings";

/**
 * Records everything that is wrong with a rollout's settings by themselves. It never throws, whatever it is given.
 *
 * @param findings Its path is where the settings stand.
 * @param versions The declared versions' names; undefined if they are not known.
 */
export function checkRollout(settings: unknown, findings: Findings, versions?: readonly string[]): void {
  rollout(versions)(settings, findings);
}

function rollout(versions: readonly string[] | undefined): Check {
  return shape<RolloutSettings>(
    {
      target: versionOf(versions),
      strategy: oneOf(Object.values(Strategy)),
      steps: ascendingSteps,
      stepWeight: integer(1, 100, "a whole percentage from 1 to 100"),
      maxWeight: integer(1, 100, "a whole percentage from 1 to 100"),
      exponential,
      hold: durationOf(0),
      mirror,
      match: list(match, "a list of matches", 1),
      iterations: integer(1, 100, "a whole number from 1 to 100"),
      with: checkWith,
      watch: checkWatch,
      gates: checkGates,
      limits,
      trafficFirst: flag,
      source: checkSource,
      notify: checkNotify,
    },
    atMostOneOf(...SCHEDULES),
    needs("maxWeight", "stepWeight"),
    notAbove("stepWeight", "maxWeight"),
    needs("iterations", "match"),
    leavesOthers,
    fitsStrategy,
    movedByWeights,
    ofDifferentApps,
  );
}

const ascendingSteps: Check = (value, findings) => {
  const before = findings.all().length;
  const step = integer(1, 100, "a whole percentage from 1 to 99 (or 100 for the promotion)");
  list(step, "a list of percentages", 1)(value, findings);
  if (findings.all().length > before) {
    return;
  }
  const steps = value as unknown[];
  steps.forEach((each, index) => {
    const last = index === 0 ? undefined : steps[index - 1];
    if (typeof each === "number" && typeof last === "number" && each <= last) {
      findings.field(index).add(`is ${each}, not above the step before it (${last})`, "steps must be ascending");
    }
  });
  if (steps.length === 1 && steps[0] === 100) {
    findings.add("is [100]", "expected a step below 100, in which the gates can evaluate the target");
  }
};

const exponential: Check = shape(
  {
    start: integer(1, 99, "a whole percentage from 1 to 99"),
    factor: (value, findings) => {
      if (typeof value !== "number" || !(value > 1 && value <= 100)) {
        findings.add(`is ${shown(value)}`, "expected a number above 1 and up to 100");
      }
    },
    maxWeight: integer(1, 100, "a whole percentage from 1 to 100"),
  },
  notAbove("start", "maxWeight"),
);

const mirror: Check = shape({
  percent: (value, findings) => {
    if (typeof value !== "number" || !(value > 0 && value <= 100)) {
      findings.add(`is ${shown(value)}`, "expected a percentage above 0 and up to 100");
    }
  },
  hold: durationOf(0),
});

const limits: Check = shape({
  interval: durationOf(0.1),
  failureThreshold: integer(1, 1000, "a whole number from 1 to 1000"),
  onFailure: oneOf(Object.values(OnFailure)),
  stepDeadline: durationOf(1),
  deadline: durationOf(1),
  rollbackDeadline: durationOf(1),
  convergenceTimeout: durationOf(0),
});

/** A rule: one share is not above another. */
function notAbove(name: string, highest: string): Check {
  return (value, findings) => {
    const { [name]: low, [highest]: high } = value as Record<string, unknown>;
    if (typeof low === "number" && typeof high === "number" && low > high) {
      findings.field(name).add(`is ${low}, above ${highest} (${high})`, `expected at most ${high}`);
    }
  };
}

/** A rule: not everybody matches, who would all get the target before it was tried. */
const leavesOthers: Rule<RolloutSettings> = ({ match: matches }, findings) => {
  (Array.isArray(matches) ? matches : []).forEach((each, index) => {
    if (takesIn(each, {})) {
      findings
        .field("match")
        .field(index)
        .add("takes every request", "expected a match for some of them: set a header, a path or the like");
    }
  });
};

/** A rule: nothing is set that the strategy would pass over in silence, and what it needs is. */
const fitsStrategy: Rule<RolloutSettings> = (value, findings) => {
  const { strategy = Strategy.Canary } = value;
  const has = (name: string) => setOf(value, [name]).length === 1;
  if (strategy === Strategy.Canary) {
    return;
  }
  for (const name of [...SCHEDULES].filter(has)) {
    findings
      .field(name)
      .add(`is set for strategy ${strategy}`, "the target's weight does not change before the promotion: remove it");
  }
  if (strategy === Strategy.AB && !has("match")) {
    findings.field("match").add("is missing", `strategy ${Strategy.AB} needs it to select the requests for the target`);
  }
  if (strategy === Strategy.BlueGreen && !has("match") && !has("mirror")) {
    findings.add(
      `has neither mirror nor match for strategy ${Strategy.BlueGreen}`,
      "set one of them: the target is tried on mirrored or on matching requests",
    );
  }
};
