import type { GateInput } from "../../../../src/rollout/gates/gate";

/** What a gate is asked about, with defaults for what does not matter. */
export function question(about: Partial<GateInput> = {}): GateInput {
  return {
    run: "run-1",
    app: "shop",
    namespace: "shop",
    target: "v2",
    phase: "hold",
    step: 1,
    weights: { v1: 80, v2: 20 },
    since: 0,
    now: 60_000,
    ...about,
  };
}
