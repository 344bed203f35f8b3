import { basename } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { StackConfig } from "../../config/stackConfig";
import { type PulumisReading, verifyReading } from "../../config/wholeConfig";
import type { OtherApp } from "../plan/plan";
import { stackStateOf, weightsOf } from "../pulumi/stackState";
import { formatWeights, sameWeights, type Weights } from "../weights";
import type { StackContext } from "./stackContext";
import { errorMessage } from "../../internal/http/errorMessage";

/** What a plan was made of, and can be changed by others until the plan is executed. */
export interface PlanBasis {
  config: StackConfig;
  /** The weights in the stack's state when it was planned, or why they could not be read. @default not asked for */
  state?: KnownState | { unreadable: string };
}

/** The weights in a stack's state. */
interface KnownState {
  /** Its output `weights`. */
  weights?: Weights;
  /** Those of the apps that take the same steps as the plan's own. @default there are none */
  others?: readonly { app: Pick<OtherApp, "name" | "app" | "namespace">; weights?: Weights }[];
}

/** The stack is not any more as it was when a change was planned. Nothing was changed. */
export class PlanOutdatedError extends Error {
  constructor(change: string) {
    super(`${change}. The plan was not executed and nothing was changed: run the command again to make a new plan.`);
    this.name = "PlanOutdatedError";
  }
}

/**
 * Reads the weights in the stack's state. A stack whose state cannot be read can be planned all the same.
 *
 * @param others The apps that take the same steps as the plan's own.
 */
export async function stateNow(
  context: StackContext,
  others: readonly Pick<OtherApp, "name" | "app" | "namespace">[] = [],
): Promise<NonNullable<PlanBasis["state"]>> {
  try {
    const state = stackStateOf(await context.exportState());
    return { weights: state.weights, others: others.map((app) => ({ app, weights: weightsOf(state, app) })) };
  } catch (error) {
    return { unreadable: errorMessage(error) };
  }
}

/**
 * Makes sure that what a plan was made of still holds, and is what Pulumi reads.
 *
 * @param reading What Pulumi reads of the config now.
 * @throws PlanOutdatedError that says what has changed since
 * @throws ConfigElsewhereError if Pulumi has other values than the stack's file
 * @throws Error if the stack's state could be read when it was planned, and cannot be read now
 */
export async function verifyBasis(
  context: StackContext,
  { config, state }: PlanBasis,
  reading: Promise<PulumisReading>,
): Promise<void> {
  reading.catch(() => undefined); // told last
  const known = state === undefined || "unreadable" in state ? undefined : state;
  const [now, stack] = await Promise.all([
    context.readConfig(),
    known === undefined ? undefined : context.exportState().then(stackStateOf),
  ]);
  if (now.text !== config.text) {
    const keys = changedKeys(config, now);
    throw new PlanOutdatedError(
      `${basename(context.project.configFile(context.stack))} has changed since it was planned${keys.length === 0 ? "" : ` (${keys.join(", ")})`}`,
    );
  }
  if (known !== undefined && stack !== undefined) {
    refuseOtherWeights(`stack "${context.stack}"`, known.weights, stack.weights);
    known.others?.forEach(({ app, weights }) => refuseOtherWeights(app.name, weights, weightsOf(stack, app)));
  }
  verifyReading(now, await reading);
}

/** The keys that are spelt otherwise than they were: of a secret nothing else can be seen. */
function changedKeys(before: StackConfig, after: StackConfig): string[] {
  const keys = [...new Set([...Object.keys(before.values), ...Object.keys(after.values)])].sort();
  const [then, now] = [before, after].map((config) => config.sourceOf?.(keys).keys ?? config.values);
  return keys.filter((key) => !isDeepStrictEqual(then[key], now[key]));
}

function refuseOtherWeights(whose: string, planned: Weights | undefined, now: Weights | undefined): void {
  if (!areSame(planned, now)) {
    throw new PlanOutdatedError(
      `The weights of ${whose} were ${listed(planned)} when the rollout was planned, and are ${listed(now)} now`,
    );
  }
}

function areSame(before: Weights | undefined, after: Weights | undefined): boolean {
  return before === undefined || after === undefined ? before === after : sameWeights(before, after);
}

function listed(weights: Weights | undefined): string {
  return weights === undefined ? "not known" : formatWeights(weights);
}
