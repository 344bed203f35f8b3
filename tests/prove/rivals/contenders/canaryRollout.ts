import { PROJECT_ROOT, stackVariables } from "../../../../demo/programStack";
import { awaitedApprovals, sendCommand, lastRun, type RolloutSettings } from "../../../../src/rollout";
import { compiled } from "../../../e2e/support/compiled";
import { RolloutChild } from "../../../e2e/support/rollouts";
import { until } from "../../../e2e/support/workload";
import { LEAST_SUCCESS } from "../app";
import { type Contender, FIRST_SHARE, type Running, STEPS } from "../contender";
import { CanaryStack } from "./canaryStack";

/** CanaryApp by its library, which keeps the engine running during a run, like `canary rollout`. */
export const canaryRollout: Contender = {
  name: "canary-rollout",
  title: "CanaryApp, `canary rollout` (Automation API)",
  setup:
    "steps held for 0 s after the traffic matches the weights; with the bad version for 30 s, evaluated every second from Envoy's counters, rolled back after 3 failed samples",
  review: "the plan with its steps, gates and times (`canary plan`), and the diff of the traffic (`canary preview`)",
  asked: "each step waits for `canary approve`",
  aftermath: 10,
  open: async (ground) => {
    await compiled();
    return new CanaryRollout(await CanaryStack.open(ground, { v1: 100 }));
  },
};

const QUICK: RolloutSettings = { hold: 0, limits: { interval: 1 }, source: { envoy: { intervalSeconds: 1 } } };
const SHARES_BEFORE_ALL: number[] = STEPS.filter((share) => share < 100);

class CanaryRollout implements Running {
  private current = "v1";
  private held: RolloutChild | undefined;

  constructor(private readonly stack: CanaryStack) {}

  /** A run in which each step and the promotion wait for an approval. The promotion is never approved. */
  async begin(version: string): Promise<void> {
    await this.stack.configure({ [this.current]: 100, [version]: 0 });
    this.held = this.run({
      ...QUICK,
      target: version,
      gates: [{ name: "go", kind: "approval", when: ["step", "promotion"] }],
    });
    await this.step(FIRST_SHARE);
  }

  async step(share: number): Promise<void> {
    const run = this.held as RolloutChild;
    const index = SHARES_BEFORE_ALL.indexOf(share);
    const { name } = this.stack.place;
    await until(
      "the step waits for approval",
      async () => {
        const last = await lastRun(this.reference);
        return last !== undefined && awaitedApprovals(last.state).some((approval) => approval.step === index);
      },
      60,
    );
    await sendCommand(this.reference, { what: "approve" });
    await until(
      `${name} has made the step`,
      async () => run.events.some((event) => event.type === "converged" && event.step === index),
      60,
    );
  }

  async back(): Promise<void> {
    this.held?.process.kill("SIGINT");
    await this.held?.ended();
  }

  async tidy(): Promise<void> {
    await this.held?.ended();
    await this.stack.up({ [this.current]: 100 });
  }

  async rollOut(version: string): Promise<void> {
    await this.stack.configure({ [this.current]: 100, [version]: 0 });
    await this.run({ ...QUICK, target: version }).ended();
    this.current = version;
  }

  async replace(version: string): Promise<void> {
    await this.stack.up({ [version]: 100 });
    this.current = version;
  }

  async rollOutBad(version: string): Promise<void> {
    await this.stack.configure({ [this.current]: 100, [version]: 0 });
    await this.run({
      ...QUICK,
      target: version,
      hold: 30,
      gates: [{ name: "errors", kind: "success-rate", min: LEAST_SUCCESS, minRequests: 50 }],
    }).ended();
  }

  async close(): Promise<void> {
    await RolloutChild.killAll();
    await this.stack.close();
  }

  private get reference() {
    const { place } = this.stack;
    return { workDir: PROJECT_ROOT, stack: place.name, env: { ...process.env, ...stackVariables(place) } };
  }

  private run(settings: RolloutSettings): RolloutChild {
    const { stack: name, env } = this.reference;
    return new RolloutChild({ name, env }, "start", { steps: SHARES_BEFORE_ALL, ...settings });
  }
}
