import type { PulumiCli } from "../../config/pulumiCli";
import type { Weights } from "../weights";

/** What a stack's state says of its last `up`. */
export interface StackState {
  /** Whether it was killed in the middle. */
  isInterrupted: boolean;
  /** The stack's output `weights`; missing if it has none, or none that can be read. */
  weights?: Weights;
}

/** The parts of an exported stack that are looked at. */
interface ExportedStack {
  deployment?: {
    resources?: { type: string; outputs?: Record<string, unknown> }[];
    pending_operations?: unknown[];
  };
}

/** Reads a stack's state from its backend. @throws Error if Pulumi cannot */
export async function readStackState(cli: Pick<PulumiCli, "ask">): Promise<StackState> {
  const { deployment } = JSON.parse(await cli.ask("stack", "export")) as ExportedStack;
  const outputs = deployment?.resources?.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs;
  const weights = outputs?.weights;
  return {
    isInterrupted: (deployment?.pending_operations?.length ?? 0) > 0,
    ...(areWeights(weights) ? { weights } : {}),
  };
}

function areWeights(value: unknown): value is Weights {
  return (
    typeof value === "object" && value !== null && Object.values(value).every((share) => typeof share === "number")
  );
}
