import type { PulumiCli } from "../../config/pulumiCli";
import { type StackExport, readStackExport } from "../../config/stackExport";
import type { Weights } from "../weights";

/** What a stack's state says of its last `up`. */
export interface StackState {
  /** Whether it was killed in the middle. */
  isInterrupted: boolean;
  /** The stack's output `weights`; missing if it has none, or none that can be read. */
  weights?: Weights;
}

/** Reads a stack's state from its backend. @throws Error if Pulumi cannot */
export async function readStackState(cli: Pick<PulumiCli, "ask">): Promise<StackState> {
  return stackStateOf(await readStackExport(cli));
}

/** What an exported stack says of its last `up`. */
export function stackStateOf({ resources, isInterrupted }: StackExport): StackState {
  const weights = resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs?.weights;
  return { isInterrupted, ...(areWeights(weights) ? { weights } : {}) };
}

function areWeights(value: unknown): value is Weights {
  return (
    typeof value === "object" && value !== null && Object.values(value).every((share) => typeof share === "number")
  );
}
