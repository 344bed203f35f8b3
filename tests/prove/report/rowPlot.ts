import { escapeHtml } from "../../../src/internal/html";
import { timeTicks } from "../../../src/rollout/report/scale";

/** A value over time, plotted in a row of its own. */
export interface Row {
  name: string;
  /** The text on the right, e.g. how long it took. */
  note: string;
  /** The value of each slice of time; undefined if there is none. */
  values: readonly (number | undefined)[];
  /** Slices that are marked, e.g. those with failures. */
  marked: readonly number[];
}

/** Rows below each other, with a common time axis. */
export interface RowPlot {
  title: string;
  /** The meaning of a mark; undefined if nothing is marked. */
  mark?: string;
  /** The value at the top of a row, and its name. */
  most: number;
  mostText: string;
  sliceSeconds: number;
  rows: readonly Row[];
}

const WIDTH = 960;
const LEFT = 190;
const RIGHT = 800;
const TOP = 44;
const ROW = { height: 46, gap: 22 };

const STYLE = [
  "text{font:12px system-ui,sans-serif;fill:#5d666f}.title{font-size:13px;font-weight:600;fill:#1c2024}.name{fill:#1c2024}",
  "rect{fill:#fff}line{stroke:#dfe3e8}.area{fill:#0072b2;fill-opacity:.18;stroke:#0072b2;stroke-width:1.5;stroke-linejoin:round}.mark{fill:#b33c00}",
].join("");

/** The plot as a standalone SVG. */
export function rowPlot({ title, mark, most, mostText, sliceSeconds, rows }: RowPlot): string {
  const seconds = Math.max(...rows.map(({ values }) => values.length)) * sliceSeconds;
  const bottom = TOP + rows.length * (ROW.height + ROW.gap) - ROW.gap;
  const x = (at: number): number => LEFT + (at / seconds) * (RIGHT - LEFT);
  const drawn = rows.map((row, index) => {
    const top = TOP + index * (ROW.height + ROW.gap);
    const y = (value: number): number => top + ROW.height * (1 - Math.min(value / most, 1));
    return [
      `<line x1="${LEFT}" x2="${RIGHT}" y1="${top + ROW.height}" y2="${top + ROW.height}"/>`,
      `<text class="name" x="${LEFT - 52}" y="${top + ROW.height / 2 + 4}" text-anchor="end">${escapeHtml(row.name)}</text>`,
      `<text x="${LEFT - 6}" y="${top + 9}" text-anchor="end">${escapeHtml(mostText)}</text>`,
      `<path class="area" d="${area(row.values, (slice) => x(slice * sliceSeconds), y)}"/>`,
      ...row.marked.map(
        (slice) => `<circle class="mark" cx="${at(x((slice + 0.5) * sliceSeconds))}" cy="${top - 5}" r="2.5"/>`,
      ),
      `<text class="name" x="${RIGHT + 10}" y="${top + ROW.height / 2 + 4}">${escapeHtml(row.note)}</text>`,
    ].join("\n");
  });
  const legend =
    mark === undefined
      ? ""
      : `<circle class="mark" cx="${RIGHT + 14}" cy="16" r="2.5"/><text x="${RIGHT + 24}" y="20">${escapeHtml(mark)}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + 30}" role="img">`,
    `<title>${escapeHtml(title)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect width="${WIDTH}" height="${bottom + 30}"/>`,
    `<text class="title" x="${LEFT}" y="20">${escapeHtml(title)}</text>${legend}`,
    ...timeTicks(seconds).map(
      (tick) =>
        `<line x1="${at(x(tick))}" x2="${at(x(tick))}" y1="${TOP}" y2="${bottom}"/><text x="${at(x(tick))}" y="${bottom + 18}" text-anchor="middle">${tick} s</text>`,
    ),
    ...drawn,
    "</svg>",
    "",
  ].join("\n");
}

/** The values as steps with a filled area; a slice without a value repeats the previous one. */
function area(
  values: readonly (number | undefined)[],
  x: (slice: number) => number,
  y: (value: number) => number,
): string {
  let last = 0;
  const steps = values.map((value, slice) => `V${at(y((last = value ?? last)))}H${at(x(slice + 1))}`);
  return `M${at(x(0))} ${at(y(0))}${steps.join("")}V${at(y(0))}Z`;
}

function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}
