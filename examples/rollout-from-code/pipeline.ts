import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  buildTimeline,
  openStackContext,
  reportHtml,
  reportMarkdown,
  type RolloutEvent,
  type RolloutSettings,
  stackNotifier,
  startRollout,
} from "canary-app/rollout";

/** What a run of the pipeline is about. */
export interface PipelineOptions {
  /** The folder of the Pulumi project. */
  workDir: string;
  stack: string;
  /** Where the report goes. */
  reports: string;
  /** Over the plan below. */
  settings?: RolloutSettings;
}

/** The same plan for every service; what the stack's own config says of rollouts stands below it. */
const PLAN: RolloutSettings = {
  steps: [10, 50],
  hold: "2m",
  gates: [
    // The new version against the old one in the same minutes: trouble that both have is not held against the new one.
    { name: "errors", kind: "baseline", margin: 1, latency: {} },
    { name: "speed", kind: "latency", percentile: 95, maxMs: 500 },
  ],
  limits: { interval: "10s", failureThreshold: 3, deadline: "1h" },
};

/** Rolls the newest version out, tells whom the stack's config names, and leaves a report; gives how it ended. */
export async function pipeline({
  workDir,
  stack,
  reports,
  settings,
}: PipelineOptions): Promise<"promoted" | "rolledBack" | "failed"> {
  const plan = { ...PLAN, ...settings };
  const context = await openStackContext({ workDir, stack });
  const notifier = await stackNotifier({ context, settings: plan });
  const listener = (event: RolloutEvent): void => {
    notifier.tell(event);
    console.log(event.at, event.type);
  };
  const rollout = await startRollout({ context, settings: plan, by: "pipeline", listener });
  process.once("SIGTERM", () => rollout.abort("terminated", "SIGTERM"));
  const { outcome, why, events, usersFailed } = await rollout.result;
  await notifier.settle(15_000);

  const timeline = buildTimeline(events);
  await mkdir(reports, { recursive: true });
  await writeFile(join(reports, `${rollout.run}.md`), reportMarkdown(timeline));
  await writeFile(join(reports, `${rollout.run}.html`), reportHtml(timeline));
  console.log(
    `${outcome}${why === undefined ? "" : `: ${why}`}; users saw ${usersFailed?.failures ?? "?"} failed requests of ${usersFailed?.requests ?? "?"}`,
  );
  return outcome;
}
