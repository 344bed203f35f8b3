import type { GateResult } from "../../../../src/rollout/gates/gate";
import type { Plan, Step } from "../../../../src/rollout/plan/plan";
import type { Happening, RolloutEvent } from "../../../../src/rollout/runner/event";

/** When the runs of the tests begin. */
export const START = Date.parse("2026-03-01T12:00:00.000Z");

/** A name for their runs. */
export const RUN = "20260301T120000Z-a1b2";

function step(share: number): Step {
  const weights = { v1: 100 - share, v2: share };
  return { name: `${share}%`, weights, config: { "shop:weights": weights }, holdSeconds: 30 };
}

/** Two versions; 10%, 50%, then everything. */
export const PLAN: Plan = {
  app: "shop",
  namespace: "shop",
  target: "v2",
  strategy: "canary",
  before: { weights: { v1: 100, v2: 0 }, config: { "shop:weights": { v1: 100, v2: 0 } } },
  steps: [step(10), step(50)],
  promotion: { ...step(100), name: "promotion", holdSeconds: 0 },
  gates: [
    { name: "success", kind: "success-rate", min: 99 },
    { name: "go", kind: "approval", when: "promotion" },
  ],
  limits: { intervalSeconds: 10, failureThreshold: 2, stepDeadlineSeconds: 300, deadlineSeconds: 900 },
};

/** Happenings as the events of one run, each so many seconds after its start. */
export function events(...told: readonly (readonly [number, Happening])[]): RolloutEvent[] {
  return told.map(([seconds, happening]) => ({
    ...happening,
    run: RUN,
    at: new Date(START + seconds * 1000).toISOString(),
  }));
}

/** What a gate on the success rate says. */
export function success(verdict: GateResult["verdict"], percent: number, requests: number): GateResult {
  return {
    gate: "success",
    verdict,
    reason: `${percent}% of ${requests} requests succeeded; need at least 99%`,
    metrics: { percent, requests },
  };
}

/** What a person's gate says before anybody has decided. */
export const WAITING: GateResult = {
  gate: "go",
  verdict: "inconclusive",
  reason: "nobody has decided yet",
  metrics: {},
};

/** A step from its shift until its hold ends, beginning at `from`; three samples 10 s apart. */
function heldStep(index: number, from: number, share: number): [number, Happening][] {
  const weights = { v1: 100 - share, v2: share };
  const sample = (seconds: number): [number, Happening] => [
    from + seconds,
    {
      type: "sampled",
      step: index,
      phase: "hold",
      results: [success("passed", 100, share * 20)],
      traffic: {
        v1: { requests: 2000 - share * 20, failures: 1, p99: 21 },
        v2: { requests: share * 20, failures: 0, p99: 18.5 },
      },
    },
  ];
  return [
    [from, { type: "shifting", step: index, name: `${share}%`, weights }],
    [from + 2, { type: "shifted", step: index, seconds: 2 }],
    [from + 3, { type: "converged", step: index, seconds: 1, actual: { v1: 100 - share + 0.4, v2: share - 0.4 } }],
    sample(13),
    sample(23),
    sample(33),
    [from + 33, { type: "held", step: index }],
  ];
}

/** A run that a person lets through at the end. */
export function promotedRun(): RolloutEvent[] {
  return events(
    [0, { type: "started", plan: PLAN, by: "ada@build-7" }],
    ...heldStep(0, 1, 10),
    ...heldStep(1, 35, 50),
    [69, { type: "sampled", step: 2, phase: "promotion", results: [WAITING] }],
    [79, { type: "sampled", step: 2, phase: "promotion", results: [WAITING] }],
    [84, { type: "decided", gate: "go", step: 2, approved: true, by: "grace@laptop" }],
    [
      84,
      {
        type: "sampled",
        step: 2,
        phase: "promotion",
        results: [{ ...WAITING, verdict: "passed", reason: "approved by grace@laptop" }],
      },
    ],
    [85, { type: "shifting", step: 2, name: "promotion", weights: { v1: 0, v2: 100 } }],
    [87, { type: "shifted", step: 2, seconds: 2 }],
    [88, { type: "converged", step: 2, seconds: 1, actual: { v1: 0, v2: 100 } }],
    [88, { type: "promoted", seconds: 88, users: { requests: 13_000, failures: 6 } }],
  );
}

/** The same run with another app that takes the same steps, and of which nothing is counted in the last one. */
export function togetherRun(): RolloutEvent[] {
  const cartOf = (share: number) => ({ cart: { v2: 100 - share, v3: share } });
  const together = (each: Step) => ({ ...each, others: cartOf(each.weights.v2) });
  const plan: Plan = {
    ...PLAN,
    others: [{ name: "cart", app: "cart", namespace: "carts", prefix: "cart", target: "v3", versions: ["v2", "v3"] }],
    before: { ...PLAN.before, others: cartOf(0) },
    steps: PLAN.steps.map(together),
    promotion: together(PLAN.promotion),
  };
  return promotedRun().map((event) => {
    switch (event.type) {
      case "started":
        return { ...event, plan };
      case "shifting":
        return { ...event, others: cartOf(event.weights.v2) };
      case "converged":
        return event.step === 2
          ? { ...event, unverified: "cart: no requests within 30 s" }
          : { ...event, others: cartOf(event.step === 0 ? 9.5 : 50.5) };
      case "sampled":
        return event.traffic === undefined
          ? event
          : {
              ...event,
              others: { cart: { v2: { requests: 90, failures: 0 }, v3: { requests: 10, failures: 1, p99: 7 } } },
            };
      default:
        return event;
    }
  });
}

/** A run that a gate sends back in its second step. */
export function rolledBackRun(): RolloutEvent[] {
  const bad = (seconds: number, percent: number, failures: number): [number, Happening] => [
    seconds,
    {
      type: "sampled",
      step: 1,
      phase: "hold",
      results: [success("failed", percent, 1000)],
      traffic: { v1: { requests: 1000, failures: 0, p99: 22 }, v2: { requests: 1000, failures, p99: 240 } },
    },
  ];
  return events(
    [0, { type: "started", plan: PLAN, by: "ada@build-7" }],
    ...heldStep(0, 1, 10),
    [35, { type: "shifting", step: 1, name: "50%", weights: { v1: 50, v2: 50 } }],
    [37, { type: "shifted", step: 1, seconds: 2 }],
    [38, { type: "converged", step: 1, seconds: 1, unverified: "12 requests are too few" }],
    bad(48, 95.2, 48),
    bad(58, 94.9, 51),
    [
      58,
      {
        type: "rollingBack",
        reason: "gate",
        why: "success failed 2 times in a row: 94.9% of 1000 requests succeeded; need at least 99%",
      },
    ],
    [60, { type: "rolledBack", reason: "gate", seconds: 1.9, users: { requests: 10_100, failures: 102 } }],
  );
}

/** A run that a failed gate has paused while an approval was awaited; nobody has decided yet. */
export function pausedRun(): RolloutEvent[] {
  const waiting = (seconds: number, verdict: GateResult["verdict"]): [number, Happening][] => [
    [seconds, { type: "sampled", step: 2, phase: "promotion", results: [WAITING] }],
    [
      seconds,
      {
        type: "sampled",
        step: 1,
        phase: "hold",
        results: [success(verdict, verdict === "passed" ? 100 : 94.9, 1000)],
        traffic: { v1: { requests: 500, failures: 0 }, v2: { requests: 500, failures: verdict === "passed" ? 0 : 26 } },
      },
    ],
  ];
  return events(
    [0, { type: "started", plan: { ...PLAN, limits: { ...PLAN.limits, onFailure: "pause" } }, by: "ada@build-7" }],
    ...heldStep(0, 1, 10),
    ...heldStep(1, 35, 50),
    ...waiting(79, "passed"),
    ...waiting(89, "passed"),
    ...waiting(99, "failed"),
    ...waiting(109, "failed"),
    [
      109,
      {
        type: "paused",
        by: "ada@build-7",
        gate: "success",
        why: "94.9% of 1000 requests succeeded; need at least 99%",
      },
    ],
  );
}
