import type { PulumiCli } from "../../config/pulumiCli";
import { type StackExport, readStackExport } from "../../config/stackExport";
import { ComponentType } from "../../internal/componentTypes";
import type { Weights } from "../weights";
import type { AppWeights } from "./rolloutStack";

/** What a stack's state says of its last `up`. */
export interface StackState {
  /** Whether it was killed in the middle. */
  isInterrupted: boolean;
  /** The stack's output `weights`; missing if it has none, or none that can be read. */
  weights?: Weights;
  /** The weights of its CanaryApps, as far as they can be read. */
  apps: readonly AppWeights[];
}

/** Reads a stack's state from its backend. @throws Error if Pulumi cannot */
export async function readStackState(cli: Pick<PulumiCli, "ask">): Promise<StackState> {
  return stackStateOf(await readStackExport(cli));
}

/** What an exported stack says of its last `up`. */
export function stackStateOf({ resources, isInterrupted }: StackExport): StackState {
  const weights = resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs?.weights;
  const apps = resources
    .filter(({ type, delete: isGoing }) => type === ComponentType.CanaryApp && isGoing !== true)
    .flatMap(({ urn, outputs: { weights: own, namespace } = {} }) =>
      areWeights(own) && typeof namespace === "string" ? [{ app: nameOf(urn), namespace, weights: own }] : [],
    );
  return { isInterrupted, ...(areWeights(weights) ? { weights } : {}), apps };
}

/** The weights that a state has of an app; undefined if the app is no CanaryApp of the stack. */
export function weightsOf(
  { apps }: Pick<StackState, "apps">,
  { app, namespace }: Pick<AppWeights, "app" | "namespace">,
): Weights | undefined {
  return apps.find((each) => each.app === app && each.namespace === namespace)?.weights;
}

/** A component's name, the last part of its URN. */
function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? "";
}

function areWeights(value: unknown): value is Weights {
  return (
    typeof value === "object" && value !== null && Object.values(value).every((share) => typeof share === "number")
  );
}
