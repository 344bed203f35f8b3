import { count, duration, elapsed, percent } from "../../internal/format";
import { escapeHtml } from "../../internal/html";
import { ownName } from "../plan/planApps";
import { axis, type Axis, spread, successAxis, timeTicks } from "./scale";
import { type Point, seriesOf, type VersionSeries } from "./series";
import type { Timeline, Stage } from "./timeline";

const WIDTH = 960;
const LEFT = 52;
const RIGHT = 846;
const BAND = { top: 22, height: 22 };
const PANEL = { height: 138, gap: 44 };
/** More points than this are drawn as a line alone. */
const MOST_MARKS = 80;

interface Panel {
  title: string;
  axis: Axis;
  unit: (value: number) => string;
  lines: { version: number; points: readonly Point[]; desired: boolean }[];
  top: number;
}

/** A run over time as SVG without scripts, whose colours are classes: `v0`, `v1`, … of the versions. */
export function plot(timeline: Timeline): string {
  const series = seriesOf(timeline);
  const panels = panelsOf(series);
  const bottom = panels[panels.length - 1].top + PANEL.height;
  const span = Math.max(1, timeline.lastAt - timeline.startedAt);
  const x = (at: number): number => LEFT + ((at - timeline.startedAt) / span) * (RIGHT - LEFT);
  return [
    `<svg class="plot" viewBox="0 0 ${WIDTH} ${bottom + 34}" role="img" aria-labelledby="plot-title plot-text">`,
    `<title id="plot-title">${escapeHtml(`${ownName(timeline.plan)}: desired and actual share, success rate and p99 by version`)}</title>`,
    `<desc id="plot-text">${escapeHtml(description(series))}</desc>`,
    bands(timeline.stages, x, bottom),
    ...panels.map((panel) => drawPanel(panel, series, x)),
    timeAxis(span, panels, bottom),
    turns(timeline, x, bottom),
    "</svg>",
  ].join("\n");
}

function panelsOf(series: readonly VersionSeries[]): Panel[] {
  const values = (name: "success" | "p99"): number[] =>
    series.flatMap((each) => each[name].flatMap(({ value }) => value ?? []));
  const lines = (name: "actual" | "success" | "p99") =>
    series.map((each, version) => ({ version, points: each[name], desired: false }));
  const desired = series.map((each, version) => ({ version, points: each.desired, desired: true }));
  const panels: Omit<Panel, "top">[] = [
    {
      title: "Share of the requests: desired (dashed) and actual",
      axis: axis(0, 100),
      unit: (value) => percent(value / 100),
      lines: [...desired, ...lines("actual")],
    },
    {
      title: "Requests that succeeded",
      axis: successAxis(Math.min(100, ...values("success"))),
      unit: (value) => percent(value / 100),
      lines: lines("success"),
    },
    {
      title: "Latency, 99th percentile",
      axis: axis(0, Math.max(1, ...values("p99"))),
      unit: (value) => `${count(value, value < 10 ? 1 : 0)} ms`,
      lines: lines("p99"),
    },
  ];
  return panels.map((panel, index) => ({
    ...panel,
    top: BAND.top + BAND.height + 30 + index * (PANEL.height + PANEL.gap),
  }));
}

/** For those who cannot see it. */
function description(series: readonly VersionSeries[]): string {
  return series
    .map(({ version, desired, success, p99 }) => {
      const rates = success.flatMap(({ value }) => value ?? []);
      const slowest = p99.flatMap(({ value }) => value ?? []);
      return [
        `${version} desired ${percent((desired[0].value ?? 0) / 100)} at first and ${percent((desired[desired.length - 1].value ?? 0) / 100)} in the end`,
        rates.length === 0
          ? "no requests were seen"
          : `at least ${percent(Math.min(...rates) / 100)} of its requests succeeded`,
        ...(slowest.length === 0 ? [] : [`its p99 was at most ${count(Math.max(...slowest))} ms`]),
      ].join(", ");
    })
    .join("; ");
}

type Scale = (value: number) => number;

function bands(stages: readonly Stage[], x: Scale, bottom: number): string {
  return stages
    .map(({ step, name, from, to, shiftedAt, actual, unverified, followedAt }, index) => {
      const [left, right] = [x(from), x(to)];
      const kind = step === -1 ? "back" : index % 2 === 0 ? "even" : "odd";
      const fits = Math.floor((right - left - 6) / 6.4);
      const label = name.length <= fits ? name : fits >= 4 ? `${name.slice(0, fits - 1)}…` : "";
      const told = [
        name,
        shiftedAt === undefined ? "" : `up: ${duration((shiftedAt - from) / 1000)}`,
        followedAt === undefined || actual === undefined || unverified !== undefined
          ? (unverified ?? "")
          : `converged ${duration((followedAt - (shiftedAt ?? from)) / 1000)} later`,
      ].filter((part) => part !== "");
      return [
        `<g><title>${escapeHtml(told.join(", "))}</title>`,
        `<rect class="band ${kind}" x="${at(left)}" y="${BAND.top}" width="${at(Math.max(0.5, right - left))}" height="${bottom - BAND.top}"/>`,
        label === ""
          ? ""
          : `<text class="step" x="${at((left + right) / 2)}" y="${BAND.top + 15}" text-anchor="middle">${escapeHtml(label)}</text>`,
        "</g>",
      ].join("");
    })
    .join("\n");
}

function drawPanel(panel: Panel, series: readonly VersionSeries[], x: Scale): string {
  const {
    top,
    axis: { least, most, ticks },
    unit,
  } = panel;
  const y = (value: number): number =>
    top + PANEL.height - ((Math.min(Math.max(value, least), most) - least) / (most - least)) * PANEL.height;
  const grid = ticks.map(
    (tick) =>
      `<line class="grid" x1="${LEFT}" x2="${RIGHT}" y1="${at(y(tick))}" y2="${at(y(tick))}"/><text class="tick" x="${LEFT - 8}" y="${at(y(tick) + 4)}" text-anchor="end">${escapeHtml(unit(tick))}</text>`,
  );
  const lines = panel.lines.map(({ version, points, desired }) =>
    desired ? stairs(points, version, x, y) : curve(points, version, series[version].version, unit, x, y),
  );
  const ends = panel.lines.flatMap(({ version, points }) => {
    const last = points.filter(({ value }) => value !== undefined).at(-1);
    return last?.value === undefined ? [] : [{ version, value: last.value, y: y(last.value) }];
  });
  // Where a share is desired and actual, the desired one is shown: it holds to the end.
  const told = ends.filter(({ version }, index) => !ends.slice(0, index).some((each) => each.version === version));
  const places = spread(
    told.map((each) => each.y + 4),
    14,
    top + PANEL.height + 4,
  );
  const labels = told.map(
    ({ version, value }, index) =>
      `<text class="end v${version % 8}" x="${RIGHT + 10}" y="${at(places[index])}">${escapeHtml(`${short(series[version].version)} ${unit(value)}`)}</text>`,
  );
  const nothing =
    told.length === 0
      ? [
          `<text class="none" x="${(LEFT + RIGHT) / 2}" y="${top + PANEL.height / 2}" text-anchor="middle">no measurements</text>`,
        ]
      : [];
  return [
    `<text class="title" x="${LEFT}" y="${top - 10}">${escapeHtml(panel.title)}</text>`,
    ...grid,
    ...lines,
    ...labels,
    ...nothing,
  ].join("\n");
}

/** A value that holds until the next. */
function stairs(points: readonly Point[], version: number, x: Scale, y: Scale): string {
  const path = points.map(({ at: time, value = 0 }, index) =>
    index === 0 ? `M${at(x(time))} ${at(y(value))}` : `H${at(x(time))}V${at(y(value))}`,
  );
  return `<path class="desired v${version % 8}" d="${path.join("")}"/>`;
}

function curve(
  points: readonly Point[],
  version: number,
  name: string,
  unit: (value: number) => string,
  x: Scale,
  y: Scale,
): string {
  const known = points.map(({ at: time, value }) =>
    value === undefined ? undefined : { time, value, x: x(time), y: y(value) },
  );
  const path = known
    .map((point, index) =>
      point === undefined ? "" : `${known[index - 1] === undefined ? "M" : "L"}${at(point.x)} ${at(point.y)}`,
    )
    .join("");
  if (path === "") {
    return "";
  }
  const marks =
    points.length > MOST_MARKS
      ? []
      : known.flatMap((point) =>
          point === undefined
            ? []
            : [
                `<g><title>${escapeHtml(`${name}: ${unit(point.value)}`)}</title>${mark(version, point.x, point.y)}</g>`,
              ],
        );
  return [`<path class="line v${version % 8}" d="${path}"/>`, ...marks].join("");
}

/** A shape of its own for each version, so that colour is not needed to tell them apart. */
function mark(version: number, x: number, y: number): string {
  const kind = `class="mark v${version % 8}"`;
  switch (version % 4) {
    case 0:
      return `<circle ${kind} cx="${at(x)}" cy="${at(y)}" r="3"/>`;
    case 1:
      return `<path ${kind} d="M${at(x - 3)} ${at(y - 3)}h6v6h-6z"/>`;
    case 2:
      return `<path ${kind} d="M${at(x)} ${at(y - 4)}l4 7h-8z"/>`;
    default:
      return `<path ${kind} d="M${at(x)} ${at(y - 4)}l4 4l-4 4l-4 -4z"/>`;
  }
}

function timeAxis(span: number, panels: readonly Panel[], bottom: number): string {
  const ticks = timeTicks(span / 1000).map((seconds) => {
    const place = LEFT + ((seconds * 1000) / span) * (RIGHT - LEFT);
    const lines = panels.map(
      ({ top }) => `<line class="grid" x1="${at(place)}" x2="${at(place)}" y1="${top}" y2="${top + PANEL.height}"/>`,
    );
    return `${lines.join("")}<text class="tick" x="${at(place)}" y="${bottom + 18}" text-anchor="middle">${elapsed(seconds * 1000)}</text>`;
  });
  return ticks.join("\n");
}

/** Where the run turned: promoted, back, failed. */
function turns({ events }: Timeline, x: Scale, bottom: number): string {
  const told: Partial<Record<string, [string, string]>> = {
    rollingBack: ["bad", "rolling back"],
    promoted: ["good", "promoted"],
    failed: ["bad", "failed"],
    takenOver: ["note", "taken over"],
    paused: ["note", "paused"],
    resumed: ["note", "resumed"],
  };
  return events
    .flatMap(({ type, at: time }) => {
      const turn = told[type];
      const place = x(Date.parse(time));
      return turn === undefined
        ? []
        : [
            `<line class="turn ${turn[0]}" x1="${at(place)}" x2="${at(place)}" y1="${BAND.top - 4}" y2="${bottom}"/>`,
            `<text class="turn ${turn[0]}" x="${at(place)}" y="${BAND.top - 8}" text-anchor="${place > RIGHT - 40 ? "end" : "middle"}">${turn[1]}</text>`,
          ];
    })
    .join("\n");
}

function short(name: string): string {
  return name.length > 8 ? `${name.slice(0, 7)}…` : name;
}

function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}
