import type { ProcessUse } from "../../bench/processUse";
import { markdownTable } from "../report/markdown";
import type { Growth } from "./run";
import { AXES, LARGE, nameOf, type Size } from "./size";

type Results = ReadonlyMap<string, Growth>;

/** The document's tables, from results by size; undefined if there are none. */
export function growthTable(rendering: Results, engine: Results): string | undefined {
  const rendered = Object.entries({ ...AXES, "all of it": LARGE }).map(([what, sizes]) =>
    renderingTable(what, sizes, rendering),
  );
  const tables = [...rendered, engineTable(engine), programTable(engine), oneMoreTable(rendering, engine)].filter(
    (table) => table !== undefined,
  );
  return tables.length === 0 ? undefined : tables.join("\n\n");
}

function renderingTable(what: string, sizes: readonly Size[], results: Results): string | undefined {
  const rows = sizes.flatMap((size) => {
    const found = results.get(nameOf(size))?.rendering;
    return found === undefined
      ? []
      : [
          [
            sizeText(size),
            String(found.objects),
            ...[found.recordMs, found.writeMs, found.compareMs].map(secondsOf),
            `${Math.round(found.peakMb)} MB`,
          ],
        ];
  });
  return rows.length === 0
    ? undefined
    : `Rendering, by ${what}:\n\n${markdownTable(["apps × versions × routes", "objects", "program", "YAML", "report and diff of one weight", "memory at most"], rows)}`;
}

function engineTable(results: Results): string | undefined {
  const rows = [...results.values()]
    .sort(bySize)
    .flatMap(({ size, engine }) =>
      engine === undefined
        ? []
        : [
            [
              sizeText(size),
              ...[engine.first, engine.nothing, engine.writtenOnce, engine.preview, engine.up].map(useText),
              `${engine.stateMb.toFixed(1)} MB`,
            ],
          ],
    );
  return rows.length === 0
    ? undefined
    : `On the engine, seconds of time / of processor, and the most memory of all its processes:\n\n${markdownTable(["apps × versions × routes", "first `up`", "`up` of nothing", "the same, with the state written once", "preview of one weight", "`up` of one weight", "state"], rows)}`;
}

/** The cost of one more app: the difference between two sizes, divided by the difference of the number of apps. */
function oneMoreTable(rendering: Results, engine: Results): string | undefined {
  const rows = AXES.apps.slice(1).flatMap((larger, index) => {
    const smaller = AXES.apps[index];
    const each = (results: Results, value: (growth: Growth) => number, text: (value: number) => string) => {
      const [less, more] = [smaller, larger].map((size) => results.get(nameOf(size)));
      const one =
        less === undefined || more === undefined ? NaN : (value(more) - value(less)) / (larger.apps - smaller.apps);
      return Number.isNaN(one) ? "–" : text(one);
    };
    const rendered = each(
      rendering,
      ({ rendering: { recordMs, writeMs, compareMs } = NEVER_RENDERED }) => recordMs + writeMs + compareMs,
      (ms) => `${ms.toFixed(0)} ms`,
    );
    const uses = (["first", "nothing", "writtenOnce", "preview", "up"] as const).map((what) =>
      each(
        engine,
        (growth) => useOf(growth, what).seconds,
        (value) => `${value.toFixed(2)} s`,
      ),
    );
    const memory = each(
      engine,
      (growth) => useOf(growth, "up").peakMb,
      (mb) => `${mb.toFixed(1)} MB`,
    );
    const state = each(
      engine,
      (growth) => growth.engine?.stateMb ?? NaN,
      (mb) => `${(mb * 1000).toFixed(0)} kB`,
    );
    const cells = [rendered, ...uses, memory, state];
    return cells.every((cell) => cell === "–") ? [] : [[`${smaller.apps} → ${larger.apps}`, ...cells]];
  });
  const header = [
    "apps",
    "rendering",
    "first `up`",
    "`up` of nothing",
    "the same, with the state written once",
    "preview of one weight",
    "`up` of one weight",
    "memory of that `up`",
    "state",
  ];
  return rows.length === 0
    ? undefined
    : `What one more app adds to the stack's time and memory:\n\n${markdownTable(header, rows)}`;
}

const NEVER_RENDERED = { recordMs: NaN, writeMs: NaN, compareMs: NaN };

function useOf(
  { engine }: Growth,
  what: "first" | "nothing" | "writtenOnce" | "preview" | "up",
): Pick<ProcessUse, "seconds" | "peakMb"> {
  return engine?.[what] ?? { seconds: NaN, peakMb: NaN };
}

/** Which programs the CPU time of an `up` of one weight belongs to. */
function programTable(results: Results): string | undefined {
  const found = [...results.values()]
    .sort(bySize)
    .flatMap(({ size, engine }) => (engine === undefined ? [] : [{ size, ...engine.up }]));
  const rows = found.map(({ size, cpuByProgram, peakMbByProgram }) => [
    sizeText(size),
    ...PROGRAMS.map(([of]) => {
      const names = Object.keys(cpuByProgram).filter((name) => of.test(name));
      const sum = (values: Record<string, number>) => names.reduce((total, name) => total + (values[name] ?? 0), 0);
      return `${sum(cpuByProgram).toFixed(1)} s, ${Math.round(sum(peakMbByProgram))} MB`;
    }),
  ]);
  return rows.length === 0
    ? undefined
    : `Whose it is, in an \`up\` of one weight:\n\n${markdownTable(["apps × versions × routes", ...PROGRAMS.map(([, title]) => title)], rows)}`;
}

/** The kernel truncates names to 15 characters. */
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

function useText(use: ProcessUse | undefined): string {
  if (use === undefined) {
    return "–";
  }
  const { seconds, cpuSeconds, peakMb } = use;
  return `${seconds.toFixed(1)} / ${cpuSeconds.toFixed(1)} s, ${Math.round(peakMb)} MB`;
}
