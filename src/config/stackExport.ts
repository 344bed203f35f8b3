import type { PulumiCli } from "./pulumiCli";

/** A resource in a stack's state, as far as it is looked at. */
export interface StackResource {
  urn: string;
  type: string;
  /** The URN of the resource that it belongs to. */
  parent?: string;
  /** The provider that made it, as `URN::ID`; a component has none. */
  provider?: string;
  /** Its inputs. Secrets are closed, unless they were asked for. */
  inputs?: Readonly<Record<string, any>>;
  outputs?: Readonly<Record<string, unknown>>;
  /** Whether it is only kept until it can be deleted. */
  delete?: boolean;
}

/** What a stack's state holds. */
export interface StackExport {
  resources: readonly StackResource[];
  /** Whether the last `up` was killed in the middle. */
  isInterrupted: boolean;
}

/**
 * Reads a stack's state from its backend.
 *
 * @param options More options of `pulumi stack export`, such as `--show-secrets`.
 * @throws Error if Pulumi cannot, or what it prints is no state
 */
export async function readStackExport(
  cli: Pick<PulumiCli, "ask">,
  ...options: readonly string[]
): Promise<StackExport> {
  const text = await cli.ask("stack", "export", ...options);
  const { deployment } = parsed(text) as {
    deployment?: { resources?: StackResource[]; pending_operations?: unknown[] };
  };
  return {
    resources: deployment?.resources ?? [],
    isInterrupted: (deployment?.pending_operations?.length ?? 0) > 0,
  };
}

/** Without what the parser says: it cites the text, in which there may be secrets. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("pulumi stack export printed no JSON");
  }
}
