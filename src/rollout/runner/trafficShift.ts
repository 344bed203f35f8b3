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

/** An app whose traffic is shifted. */
export interface ShiftedApp extends AppReference {
  /** Its name in the plan's `others`. @default it is the run's own app */
  name?: string;
  /** What changes its routes ahead of the `up`. */
  routes: Routes;
}

/** What a shift of traffic needs from outside. */
export interface ShiftSurroundings {
  clock: Clock;
  stack: Pick<RolloutStack, "write" | "up">;
  /** The apps whose routes are changed ahead of the `up`. @default none: the `up` alone moves the traffic */
  patched?: readonly ShiftedApp[];
}

/** What a shift brings into force, or takes the place of. */
type Shares = Pick<Step, "config" | "weights" | "others">;

/** One shift of traffic. */
export interface Shift {
  /** What is brought into force. */
  to: Shares;
  /** What may be in force until then. */
  from: readonly Shares[];
  /** How the keys were spelt before the run. */
  source?: ConfigSource;
  /** What routes may have without a recording of it. */
  pending: PendingPatches;
}

/** The shift of one app. */
interface AppShift {
  app: ShiftedApp;
  weights: Weights;
  /** What the last `up` may have recorded. */
  recorded: readonly Weights[];
  /** What its routes may have without a recording of it. */
  pending?: Weights;
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
  async make(shift: Shift, signal: AbortSignal): Promise<void> {
    const { stack, patched = [] } = this.around;
    await stack.write(shift.to.config, shift.source);
    if (shift.pending.length > 0) {
      // The state does not say what the routes have: they are put right, or the `up` has to look at them.
      const isPatched = await this.patch(shift, signal);
      return stack.up(signal, { refresh: !isPatched || isPendingElsewhere(shift.pending, patched) });
    }
    const up = stack.up(signal);
    up.catch(() => undefined); // told below
    await this.patch(shift, signal);
    return up;
  }

  /** Whether the routes of all apps have the weights now. */
  private async patch(shift: Shift, signal: AbortSignal): Promise<boolean> {
    const { patched = [], clock } = this.around;
    if (patched.length === 0 || !shift.from.every((before) => differsInWeightsOnly(before.config, shift.to.config))) {
      return false;
    }
    const began = clock.now();
    try {
      // Either all apps go ahead of the `up`, or none does.
      const prepared = await Promise.all(
        patched.flatMap((app) => shiftOf(app, shift)).map((each) => this.prepare(each, signal)),
      );
      prepared.forEach(({ app: { app, namespace }, weights, pending }) => {
        if (pending === undefined || !sameWeights(weights, pending)) {
          this.tell({ type: "patching", app, namespace, weights });
        }
      });
      await Promise.all(prepared.map(({ change }) => change.apply(signal)));
      if (prepared.length > 0) {
        this.tell({ type: "patched", seconds: (clock.now() - began) / 1000 });
      }
      return true;
    } catch (error) {
      this.tellOnce(`the up alone moves the traffic: ${errorMessage(error)}`, signal);
      return false;
    }
  }

  private async prepare(shift: AppShift, signal: AbortSignal) {
    const { app, weights, recorded, pending } = shift;
    return { ...shift, change: await app.routes.prepare(weights, { recorded, pending }, signal) };
  }

  private tellOnce(text: string, signal: AbortSignal): void {
    if (!signal.aborted && !this.told.has(text)) {
      this.told.add(text);
      this.tell({ type: "logged", level: "info", text });
    }
  }
}

/** What is to be changed of one app; nothing if it has the weights already. */
function shiftOf(app: ShiftedApp, { to, from, pending: all }: Shift): AppShift[] {
  const weightsAt = ({ weights, others }: Shares) => (app.name === undefined ? weights : others?.[app.name]);
  const weights = weightsAt(to);
  const recorded = from.map(weightsAt).filter((each): each is Weights => each !== undefined);
  const pending = pendingOf(all, app);
  return weights === undefined || (pending === undefined && recorded.every((each) => sameWeights(each, weights)))
    ? []
    : [{ app, weights, recorded, pending }];
}

/** Whether a config brings other weights, and nothing else, to the one that is in force. */
function differsInWeightsOnly(before: ConfigValues, after: ConfigValues): boolean {
  return changedKeys(before, after).every((key) => /(^|:)weights?$/.test(key));
}
