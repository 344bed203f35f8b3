import { decisionsOf, figuresText, headline } from "./decisions";
import { markdown } from "./escape";
import { duration, moment, offset } from "./format";
import { usersText } from "./sentence";
import type { Timeline } from "./timeline";
import { stepsTable, type Table, usersTable } from "./tables";
import { seenByUsers } from "./users";

/** A run as Markdown: how it ended, what users saw, its steps, and every decision with its figures. */
export function reportMarkdown(timeline: Timeline): string {
  const { plan, startedAt, lastAt, by } = timeline;
  const seen = seenByUsers(timeline);
  const decisions = decisionsOf(timeline);
  return `${[
    `# ${markdown(headline(timeline).text)}`,
    [
      `- run ${markdown(timeline.run)} of ${markdown(plan.app)} in namespace ${markdown(plan.namespace)}, started by ${markdown(by)}`,
      `- ${moment(startedAt)} to ${moment(lastAt)}: ${duration((lastAt - startedAt) / 1000)}`,
      `- users saw: ${seen === undefined ? "not known, for there were no figures" : usersText(seen)}`,
    ].join("\n"),
    ...(seen === undefined ? [] : ["## What users saw", table(usersTable(seen))]),
    "## Steps",
    table(stepsTable(timeline)),
    "## Decisions",
    table({
      head: ["time", "step", "what", "why", "figures"],
      rows: decisions.map(({ at, step, what, why, figures }) => [
        offset(at - startedAt),
        step,
        what,
        why,
        figuresText(figures),
      ]),
    }),
  ].join("\n\n")}\n`;
}

function table({ head, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(markdown).join(" | ")} |`;
  return [line(head), `|${" --- |".repeat(head.length)}`, ...rows.map(line)].join("\n");
}
