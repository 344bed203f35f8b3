import { changesBetween } from "../../../src/preview/change/betweenRecordings";
import { recordProgram } from "../../../src/render/program";
import { renderedDiff } from "../../../src/render/diff";
import { render } from "../../../src/render/steps";
import { RenderFormat, renderedText } from "../../../src/render/text";
import { previewReport } from "../../../src/preview/report/previewReport";
import { text } from "../../../src/preview/report/text";
import { DEFAULT_LIMITS } from "../../../src/preview/warnings/warning";
import { configOf, GROWING_PROJECT, type Size, WEIGHTS } from "./size";

/** What rendering a stack took. */
export interface Rendering {
  /** How many Kubernetes objects it has. */
  objects: number;
  /** The processor time of running the program without an engine, in milliseconds. */
  recordMs: number;
  /** From there to YAML, likewise. */
  writeMs: number;
  /** What one weight's change does: report and diff, from two recordings; likewise. */
  compareMs: number;
  /** The most memory that the process had, in MB. */
  peakMb: number;
}

/** A process of its own for each size: what a size before it took would stay in memory. */
async function main(size: Size): Promise<void> {
  await recordProgram(GROWING_PROJECT, "growth", keyed(configOf({ apps: 1, versions: 2, routes: 1 }, WEIGHTS.before))); // loads the program's modules
  const [before, recordMs] = await timed(() =>
    recordProgram(GROWING_PROJECT, "growth", keyed(configOf(size, WEIGHTS.before))),
  );
  const [steps, writeMs] = await timed(() => {
    const all = render(before.resources);
    renderedText(all, RenderFormat.Yaml);
    return all;
  });
  const after = await recordProgram(GROWING_PROJECT, "growth", keyed(configOf(size, WEIGHTS.after)));
  const [, compareMs] = await timed(() => {
    const report = previewReport(changesBetween(before, after), {
      project: "growth",
      stack: "growth",
      limits: DEFAULT_LIMITS,
      unverified: [],
    });
    return [text(report), renderedDiff(steps, render(after.resources))];
  });
  const rendering: Rendering = {
    objects: steps.length,
    recordMs,
    writeMs,
    compareMs,
    peakMb: process.resourceUsage().maxRSS / 1000,
  };
  process.stdout.write(JSON.stringify(rendering));
}

function keyed(config: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [`growth:${key}`, value]));
}

/** By processor time: what else the machine does is no matter then. */
async function timed<T>(work: () => T | Promise<T>): Promise<[T, number]> {
  const start = process.cpuUsage();
  const made = await work();
  const { user, system } = process.cpuUsage(start);
  return [made, (user + system) / 1000];
}

void main(JSON.parse(process.argv[2]) as Size);
