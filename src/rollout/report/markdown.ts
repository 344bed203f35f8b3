import { decisionsOf, formatMetrics, headline } from "./decisions";
import { duration, elapsed, timestamp } from "../../internal/format";
import { escapeMarkdown, markdownTable } from "../../internal/markdown";
import { placesText } from "../plan/planApps";
import { usersText } from "./sentence";
import type { Timeline } from "./timeline";
import { othersTable, stepsTable, type Table, usersTable } from "./tables";
import { seenByUsers } from "./users";

/** A run as Markdown: how it ended, what users saw, its steps, and every decision with its metrics. */
export function reportMarkdown(timeline: Timeline): string {
  const { plan, startedAt, lastAt, by } = timeline;
  const seen = seenByUsers(timeline);
  const decisions = decisionsOf(timeline);
  return `${[
    `# ${escapeMarkdown(headline(timeline).text)}`,
    [
      `- run ${escapeMarkdown(timeline.run)} of ${escapeMarkdown(placesText(plan))}, started by ${escapeMarkdown(by)}`,
      `- ${timestamp(startedAt)} to ${timestamp(lastAt)}: ${duration((lastAt - startedAt) / 1000)}`,
      `- users saw: ${seen === undefined ? "not known, because metrics are not available" : usersText(seen)}`,
    ].join("\n"),
    ...(seen === undefined ? [] : ["## What users saw", table(usersTable(seen))]),
    "## Steps",
    table(stepsTable(timeline)),
    ...(plan.others === undefined ? [] : ["## Apps that took the same steps", table(othersTable(timeline))]),
    "## Decisions",
    table({
      head: ["time", "step", "what", "why", "metrics"],
      rows: decisions.map(({ at, step, what, why, metrics }) => [
        elapsed(at - startedAt),
        step,
        what,
        why,
        formatMetrics(metrics),
      ]),
    }),
  ].join("\n\n")}\n`;
}

function table({ head, rows }: Table): string {
  return markdownTable(head, rows);
}
