import type { ProcessUse } from "../../bench/processUse";
import { markdownTable } from "../report/markdown";
import { keptResults } from "../results";
import type { Growth } from "./run";
import { AXES, LARGE, nameOf, type Size } from "./size";

/** The document's tables, from the results that are kept; undefined where there are none. */
export async function growthTable(): Promise<string | undefined> {
  const [rendering, engine] = [keptResults<Growth>("growth/rendering"), keptResults<Growth>("growth/engine")];
  const rendered = Object.entries({ ...AXES, "all of it": LARGE }).map(([what, sizes]) => renderingTable(what, sizes, rendering));
  const tables = [...rendered, engineTable(engine), programTable(engine)].filter((table) => table !== undefined);
  return tables.length === 0 ? undefined : tables.join("\n\n");
}

type Results = ReadonlyMap<string, Growth>;

function renderingTable(what: string, sizes: readonly Size[], results: Results): string | undefined {
  const rows = sizes.flatMap((size) => {
    const found = results.get(nameOf(size))?.rendering;
    return found === undefined ? [] : [[sizeText(size), String(found.objects), ...[found.recordMs, found.writeMs, found.compareMs].map(secondsOf), `${Math.round(found.peakMb)} MB`]];
  });
  return rows.length === 0 ? undefined : `Rendering, by ${what}:\n\n${markdownTable(["apps × versions × routes", "objects", "program", "YAML", "report and diff of one weight", "memory at most"], rows)}`;
}

function engineTable(results: Results): string | undefined {
  const rows = [...results.values()].sort(bySize).flatMap(({ size, engine }) => (engine === undefined ? [] : [[sizeText(size), ...[engine.first, engine.nothing, engine.preview, engine.up].map(useText), `${engine.stateMb.toFixed(1)} MB`]]));
  return rows.length === 0 ? undefined : `On the engine, seconds of time / of processor, and the most memory of all its processes:\n\n${markdownTable(["apps × versions × routes", "first `up`", "`up` of nothing", "preview of one weight", "`up` of one weight", "state"], rows)}`;
}

/** Whose the processor time of an `up` of one weight is. */
function programTable(results: Results): string | undefined {
  const found = [...results.values()].sort(bySize).flatMap(({ size, engine }) => (engine === undefined ? [] : [{ size, ...engine.up }]));
  const rows = found.map(({ size, cpuByProgram, peakMbByProgram }) => [
    sizeText(size),
    ...PROGRAMS.map(([of]) => {
      const names = Object.keys(cpuByProgram).filter((name) => of.test(name));
      const sum = (values: Record<string, number>) => names.reduce((total, name) => total + (values[name] ?? 0), 0);
      return `${sum(cpuByProgram).toFixed(1)} s, ${Math.round(sum(peakMbByProgram))} MB`;
    }),
  ]);
  return rows.length === 0 ? undefined : `Whose it is, in an \`up\` of one weight:\n\n${markdownTable(["apps × versions × routes", ...PROGRAMS.map(([, title]) => title)], rows)}`;
}

/** The kernel cuts names after 15 characters. */
const PROGRAMS: readonly [RegExp, string][] = [
  [/^pulumi$|^pulumi-language|^pulumi-analyzer/, "Pulumi's engine"],
  [/^pulumi-resource/, "its Kubernetes provider"],
  [/^node/, "the program: Pulumi's SDK and CanaryApp"],
];

function bySize({ size: one }: Growth, { size: other }: Growth): number {
  return one.apps - other.apps || one.versions - other.versions || one.routes - other.routes;
}

function sizeText({ apps, versions, routes }: Size): string {
  return `${apps} × ${versions} × ${routes}`;
}

function secondsOf(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

function useText({ seconds, cpuSeconds, peakMb }: ProcessUse): string {
  return `${seconds.toFixed(1)} / ${cpuSeconds.toFixed(1)} s, ${Math.round(peakMb)} MB`;
}
