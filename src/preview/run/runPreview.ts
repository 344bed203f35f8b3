import type { EngineEvent, PreviewOptions, Stack } from "@pulumi/pulumi/automation";
import { observedChanges } from "../change/fromEvents";
import { lookAtCluster, type OpenApi } from "../live/liveView";
import { type PreviewReport, previewReport } from "../report/previewReport";
import type { PreviewLimits } from "../warnings/warning";
import { failedByKubectlAlone, TAKE_FIELDS } from "./kubectlConflicts";

/** How long the cluster may take to show what others did. */
const LOOK_MS = 30_000;

/** How a preview is run. */
export interface RunPreviewOptions {
  project: string;
  limits: PreviewLimits;
  /** Returns why the cluster could not verify the preview; empty if it can. */
  verify: (signal?: AbortSignal) => Promise<readonly string[]>;
  /** Opens the API servers in which changes by others are looked for. @default nothing is looked for */
  openApi?: OpenApi;
  /** Whether the cluster is asked for changes by others since the last `up`. @default true */
  refresh?: boolean;
  /** Paths of policy packs that check the stack. */
  policyPacks?: readonly string[];
  /** Paths of their configs, in the same order. */
  policyPackConfigs?: readonly string[];
  onEvent?: (event: EngineEvent) => void;
  signal?: AbortSignal;
}

/**
 * Runs a stack's preview and reports what happens to the traffic. Changes nothing; a preview that fails gives a report,
 * too.
 */
export async function runPreview(
  stack: Stack,
  {
    project,
    limits,
    verify,
    openApi,
    refresh = true,
    policyPacks,
    policyPackConfigs,
    onEvent,
    signal,
  }: RunPreviewOptions,
): Promise<PreviewReport> {
  const unverified = await verify(signal);
  // Without the cluster, a refresh would fail the preview that is still worth having.
  const asked: PreviewOptions = {
    refresh: refresh && unverified.length === 0,
    policyPacks: policyPacks && [...policyPacks],
    policyPackConfigs: policyPackConfigs && [...policyPackConfigs],
    signal,
  };
  let { events, failure } = await attempt(stack, asked, onEvent);
  if (failedByKubectlAlone(events)) {
    ({ events, failure } = await takingFields(stack, () => attempt(stack, asked, onEvent)));
  }
  const changes = observedChanges(events);
  const live =
    openApi !== undefined && unverified.length === 0
      ? await lookAtCluster(changes, openApi, signal ?? AbortSignal.timeout(LOOK_MS))
      : undefined;
  return previewReport(changes, { project, stack: stack.name, limits, unverified, live, failure });
}

/** What the engine told of a preview, and why it failed, where its own events do not say so. */
interface Attempt {
  events: EngineEvent[];
  failure?: string;
}

async function attempt(stack: Stack, asked: PreviewOptions, onEvent?: (event: EngineEvent) => void): Promise<Attempt> {
  const events: EngineEvent[] = [];
  const keep = (event: EngineEvent) => {
    events.push(event);
    onEvent?.(event);
  };
  const failure = await stack.preview({ ...asked, onEvent: keep }).then(
    () => undefined,
    (error: unknown) => reasonOf(error, events),
  );
  return { events, failure };
}

/** Does something with a provider that takes fields from whoever manages them. */
async function takingFields<T>({ workspace: { envVars } }: Stack, work: () => Promise<T>): Promise<T> {
  const before = envVars[TAKE_FIELDS];
  envVars[TAKE_FIELDS] = "true";
  try {
    return await work();
  } finally {
    if (before === undefined) delete envVars[TAKE_FIELDS];
    else envVars[TAKE_FIELDS] = before;
  }
}

/** The engine's own errors say it better than the command's output; that is told where there are none. */
function reasonOf(error: unknown, events: readonly EngineEvent[]): string | undefined {
  if (
    events.some(
      ({ diagnosticEvent, policyEvent }) =>
        diagnosticEvent?.severity === "error" || policyEvent?.enforcementLevel === "mandatory",
    )
  ) {
    return undefined;
  }
  const text = error instanceof Error ? error.message : String(error);
  return /stderr: ([\s\S]*?)\n err\?/.exec(text)?.[1].trim() || text.trim();
}
