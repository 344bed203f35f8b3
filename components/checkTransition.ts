import type { Plain } from "../src/istio/plain";
import { type Check, type Rule, plain, shape } from "../src/validation/shape";
import { amount, integer } from "../src/validation/values";
import { isKnown } from "../src/validation/unknown";
import { DEFAULTS, type TransitionArgs } from "./canaryAppArgs";

/** A rule: a pod goes on answering until no proxy sends to it. */
const drainsAfterSettling: Rule<Plain<TransitionArgs>> = (transition, findings) => {
  const { settleSeconds = DEFAULTS.settleSeconds, drainSeconds = DEFAULTS.drainSeconds } = transition;
  if (isKnown(settleSeconds) && isKnown(drainSeconds) && drainSeconds <= settleSeconds) {
    const why = "a pod must answer until no proxy sends to it";
    findings
      .field("drainSeconds")
      .add(`is ${drainSeconds}`, `more than settleSeconds (${settleSeconds}) is needed: ${why}`);
  }
};

/** A rule: a pod is not killed while it drains. */
const diesAfterDraining: Rule<Plain<TransitionArgs>> = (transition, findings) => {
  const { drainSeconds = DEFAULTS.drainSeconds, graceSeconds = DEFAULTS.graceSeconds } = transition;
  if (isKnown(drainSeconds) && isKnown(graceSeconds) && graceSeconds <= drainSeconds) {
    const why = "or the pod is killed while it drains";
    findings
      .field("graceSeconds")
      .add(`is ${graceSeconds}`, `more than drainSeconds (${drainSeconds}) is needed, ${why}`);
  }
};

/** The check of the times of a transition. */
export const transitionCheck: Check = shape<Plain<TransitionArgs>>(
  {
    settleSeconds: amount(0, 600, "a number of seconds from 0 to 600"),
    drainSeconds: integer(1, 3600, "a whole number of seconds from 1 to 3600"),
    graceSeconds: integer(1, 7200, "a whole number of seconds from 1 to 7200"),
    readySeconds: plain(integer(1, 7200, "a whole number of seconds from 1 to 7200")),
  },
  drainsAfterSettling,
  diesAfterDraining,
);
