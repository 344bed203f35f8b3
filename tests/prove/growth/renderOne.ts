import { changesBetween } from "../../../src/preview/change/betweenRecordings";
import { recordProgram } from "../../../src/render/program";
import { renderedDiff } from "../../../src/render/diff";
import { render } from "../../../src/render/steps";
import { RenderFormat, renderedText } from "../../../src/render/text";
import { previewReport } from "../../../src/preview/report/previewReport";
import { text } from "../../../src/preview/report/text";
import { DEFAULT_LIMITS } from "../../../src/preview/warnings/warning";
import { configOf, GROWING_PROJECT, type Size, WEIGHTS } from "./size";

/** What rendering a stack cost. */
export interface Rendering {
  /** The number of its Kubernetes objects. */
  objects: number;
  /** The CPU time of running the program without an engine, in milliseconds. */
  recordMs: number;
  /** The CPU time of turning that into YAML, in milliseconds. */
  writeMs: number;
  /** The CPU time of the report and diff of one weight's change, from two recordings, in milliseconds. */
  compareMs: number;
  /** The peak memory of the process, in MB. */
  peakMb: number;
}

/** Each size has a process of its own: memory from a previous size would not be released. */
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

/** By CPU time, so that other work on the machine does not matter. */
async function timed<T>(work: () => T | Promise<T>): Promise<[T, number]> {
  const start = process.cpuUsage();
  const made = await work();
  const { user, system } = process.cpuUsage(start);
  return [made, (user + system) / 1000];
}

void main(JSON.parse(process.argv[2]) as Size);
