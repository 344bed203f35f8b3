import type { AppReference } from "../../config/stackClusters";
import type { ConfigSource } from "../../config/configText";
import type { ConfigValues } from "../../config/configValues";
import { errorMessage } from "../../internal/http/errorMessage";
import type { Step } from "../plan/plan";
import { changedKeys } from "../pulumi/pulumiStack";
import type { RolloutStack } from "../pulumi/rolloutStack";
import type { Routes } from "../routes/directRoutes";
import { sameWeights, type Weights } from "../weights";
import type { Clock } from "./clock";
import type { Happening } from "./event";
import { isPendingElsewhere, pendingOf, type PendingPatches } from "./pendingPatch";

/** What a shift of traffic needs from outside. */
export interface ShiftSurroundings {
  /** The app whose traffic is shifted. */
  app: AppReference;
  clock: Clock;
  stack: Pick<RolloutStack, "write" | "up">;
  /** What changes the routes ahead of the `up`. @default nothing: the `up` alone moves the traffic */
  routes?: Routes;
}

/** One shift of traffic. */
export interface Shift {
  /** What is brought into force. */
  to: Pick<Step, "config" | "weights">;
  /** What may be in force until then. */
  from: readonly Pick<Step, "config" | "weights">[];
  /** How the keys were spelt before the run. */
  source?: ConfigSource;
  /** What routes may have without a recording of it. */
  pending: PendingPatches;
}

/**
 * Brings weights into force: writes them into the config, gives them to the routes at once where that can be done
 * without an `up`, and brings the stack up, which records them.
 */
export class TrafficShift {
  private readonly told = new Set<string>();

  /** @param tell Writes down what happens, before anything is done that it announces. */
  constructor(
    private readonly around: ShiftSurroundings,
    private readonly tell: (happening: Happening) => void,
  ) {}

  /** @throws UpError */
  async make({ to, from, source, pending }: Shift, signal: AbortSignal): Promise<void> {
    const { stack, app } = this.around;
    await stack.write(to.config, source);
    if (pending.length > 0) {
      // The state does not say what the routes have: they are put right, or the `up` has to look at them.
      const isPatched = await this.patch(to, from, pendingOf(pending, app), signal);
      return stack.up(signal, { refresh: !isPatched || isPendingElsewhere(pending, app) });
    }
    const up = stack.up(signal);
    up.catch(() => undefined); // told below
    await this.patch(to, from, undefined, signal);
    return up;
  }

  /** Whether the routes have the weights now. */
  private async patch(
    { weights, config }: Shift["to"],
    from: Shift["from"],
    pending: Weights | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { app, routes, clock } = this.around;
    if (routes === undefined || !from.every((before) => differsInWeightsOnly(before.config, config))) {
      return false;
    }
    const began = clock.now();
    try {
      const recorded = from.map((before) => before.weights);
      const change = await routes.prepare(weights, { recorded, pending }, signal);
      if (pending === undefined || !sameWeights(weights, pending)) {
        this.tell({ type: "patching", app: app.app, namespace: app.namespace, weights });
      }
      await change.apply(signal);
      this.tell({ type: "patched", seconds: (clock.now() - began) / 1000 });
      return true;
    } catch (error) {
      this.tellOnce(`the up alone moves the traffic: ${errorMessage(error)}`, signal);
      return false;
    }
  }

  private tellOnce(text: string, signal: AbortSignal): void {
    if (!signal.aborted && !this.told.has(text)) {
      this.told.add(text);
      this.tell({ type: "logged", level: "info", text });
    }
  }
}

/** Whether a config brings other weights, and nothing else, to the one that is in force. */
function differsInWeightsOnly(before: ConfigValues, after: ConfigValues): boolean {
  return changedKeys(before, after).every((key) => /(^|:)weights?$/.test(key));
}
