import { decisionsOf, formatMetrics, headline, VERDICT_TONES } from "./decisions";
import { count, duration, elapsed, timestamp } from "../../internal/format";
import { escapeHtml } from "../../internal/html";
import { appsText, placesText, targetsText } from "../plan/planApps";
import { plot } from "./plot";
import { usersText } from "./sentence";
import type { Timeline } from "./timeline";
import { STYLE } from "./style";
import { othersTable, stepsTable, type Table, usersTable } from "./tables";
import { type Seen, seenByUsers } from "./users";

/** A run as one HTML page that needs nothing from elsewhere and runs no script. */
export function reportHtml(timeline: Timeline): string {
  const { text, tone } = headline(timeline);
  const seen = seenByUsers(timeline);
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escapeHtml(`${appsText(timeline.plan)}: ${text}`)}</title>`,
    `<style>${STYLE}</style>`,
    "</head>",
    "<body>",
    `<header class="${tone}"><p class="run">${escapeHtml(timeline.plan.others === undefined ? `${timeline.plan.app} in ${timeline.plan.namespace}` : placesText(timeline.plan))}</p><h1>${escapeHtml(text)}</h1></header>`,
    facts(timeline, seen),
    legend(timeline),
    plot(timeline),
    ...(seen === undefined ? [] : ["<h2>What users saw</h2>", table(usersTable(seen))]),
    "<h2>Steps</h2>",
    table(stepsTable(timeline)),
    ...(timeline.plan.others === undefined
      ? []
      : ["<h2>Apps that took the same steps</h2>", table(othersTable(timeline))]),
    "<h2>Decisions</h2>",
    decisions(timeline),
    answers(timeline),
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

function facts(timeline: Timeline, seen: Seen | undefined): string {
  const { plan, startedAt, lastAt, by, run } = timeline;
  const tiles: [string, string][] = [
    ["users saw", seen === undefined ? "not known" : usersText(seen)],
    ["took", duration((lastAt - startedAt) / 1000)],
    ["target", `${plan.others === undefined ? plan.target : targetsText(plan)} (${plan.strategy})`],
    ["started", `${timestamp(startedAt)} by ${by}`],
    ["run", run],
  ];
  return `<dl class="facts">${tiles.map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`).join("")}</dl>`;
}

function legend({ versions, plan }: Timeline): string {
  const entries = versions.map(
    (version, index) =>
      `<li class="v${index % 8}"><span></span>${escapeHtml(version)}${version === plan.target ? " (target)" : ""}</li>`,
  );
  return `<ul class="legend">${entries.join("")}</ul>`;
}

function table({ head, rows }: Table): string {
  const cells = (tag: string, row: readonly string[]): string =>
    `<tr>${row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("")}</tr>`;
  return `<div class="wide"><table><thead>${cells("th", head)}</thead><tbody>${rows.map((row) => cells("td", row)).join("\n")}</tbody></table></div>`;
}

function decisions(timeline: Timeline): string {
  const rows = decisionsOf(timeline).map(
    ({ at, step, what, why, tone, metrics }) =>
      `<tr><td class="time" title="${escapeHtml(timestamp(at))}">${elapsed(at - timeline.startedAt)}</td><td>${escapeHtml(step)}</td><td class="${tone}">${escapeHtml(what)}</td><td>${escapeHtml(why)}</td><td class="metrics">${escapeHtml(formatMetrics(metrics))}</td></tr>`,
  );
  return `<div class="wide"><table><thead><tr><th>time</th><th>step</th><th>what</th><th>why</th><th>metrics</th></tr></thead><tbody>${rows.join("\n")}</tbody></table></div>`;
}

/** Every answer of every gate, folded away: of a long run there are thousands. */
function answers({ samples, startedAt, plan }: Timeline): string {
  const rows = samples.flatMap(({ at, step, phase: when, results }) =>
    results.map(
      ({ gate, verdict, reason, metrics }) =>
        `<tr><td class="time">${elapsed(at - startedAt)}</td><td>${escapeHtml(step < 0 ? "" : (plan.steps[step] ?? plan.promotion).name)}</td><td>${escapeHtml(when)}</td><td>${escapeHtml(gate)}</td><td class="${VERDICT_TONES[verdict]}">${escapeHtml(verdict)}</td><td>${escapeHtml(reason)}</td><td class="metrics">${escapeHtml(formatMetrics(metrics))}</td></tr>`,
    ),
  );
  if (rows.length === 0) {
    return "";
  }
  const head = ["time", "step", "phase", "gate", "verdict", "why", "metrics"]
    .map((name) => `<th>${name}</th>`)
    .join("");
  return `<details><summary>All ${count(rows.length)} gate results</summary><div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${rows.join("\n")}</tbody></table></div></details>`;
}
