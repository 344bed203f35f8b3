import type { Plan } from "../../../../src/rollout/plan/plan";
import type { Weights } from "../../../../src/rollout/weights";

/** The shares before every plan of {@link planOf}. */
export const BEFORE = { v1: 100, v2: 0 };
/** Those after its promotion. */
export const PROMOTED = { v1: 0, v2: 100 };

/** A gate of the tests' own that is asked at these phases, and called after them. */
export function gateAt(...phases: string[]) {
  return { name: phases.join("-"), kind: "test", phases };
}

/**
 * The same plan with testers: their requests go to v2 in a step before the others, and in all of them. The config says so
 * by its key `routes`.
 */
export function withTesters(plan: Plan, holdSeconds = 30): Plan {
  const matched = (step: Plan["promotion"], routes: string | null) => ({
    ...step,
    config: { ...step.config, routes },
    ...(routes === null ? {} : { trial: "matched" as const }),
  });
  const { weights, config } = plan.before;
  return {
    ...plan,
    match: [{ headers: { "x-beta": { exact: "yes" } } }],
    before: { ...plan.before, config: { ...config, routes: null } },
    steps: [
      matched({ name: "matched requests", weights, config, holdSeconds, goesOnUndecided: true }, "matched"),
      ...plan.steps.map((step) => matched(step, "matched")),
    ],
    promotion: matched(plan.promotion, null),
  };
}

/** A plan of two versions whose target takes these shares. */
export function planOf(
  shares: readonly number[],
  gates: Plan["gates"] = [{ ...gateAt("hold"), name: "good" }],
  limits: Partial<Plan["limits"]> = {},
): Plan {
  const weightsOf = (share: number): Weights => ({ v1: 100 - share, v2: share });
  const step = (share: number, holdSeconds: number) => ({
    name: `${share}%`,
    weights: weightsOf(share),
    config: { weights: weightsOf(share) },
    holdSeconds,
  });
  return {
    app: "shop",
    namespace: "shop",
    target: "v2",
    strategy: "canary",
    before: { weights: BEFORE, config: { weights: BEFORE } },
    steps: shares.map((share) => step(share, 30)),
    promotion: step(100, 0),
    gates,
    limits: { intervalSeconds: 10, failureThreshold: 2, stepDeadlineSeconds: 300, deadlineSeconds: 3600, ...limits },
  };
}

/**
 * The same plan with another app that takes the same steps: `cart`, whose target v3 begins with this share of its
 * requests, and keeps it while a step asks for less.
 */
export function withCart(plan: Plan, share = 0): Plan {
  const weightsOf = (target: number): Weights => ({ v2: 100 - target, v3: target });
  const [before, after] = [weightsOf(share), weightsOf(100)];
  const together = (step: Plan["promotion"], weights: Weights) => ({
    ...step,
    others: { cart: weights },
    config: { ...step.config, "cart:weights": weights },
  });
  return {
    ...plan,
    others: [{ name: "cart", app: "cart", namespace: "cart", prefix: "cart", target: "v3", versions: ["v2", "v3"] }],
    before: { ...plan.before, others: { cart: before }, config: { ...plan.before.config, "cart:weights": before } },
    steps: plan.steps.map((step) => together(step, weightsOf(Math.max(share, step.weights.v2)))),
    promotion: together(plan.promotion, after),
  };
}
