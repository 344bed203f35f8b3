import type { RolloutEvent } from "../runner/event";
import { decisionsOf, figuresText, headline } from "./decisions";
import { markdown } from "./escape";
import { duration, moment, offset } from "./format";
import { usersText } from "./sentence";
import { eventsOfRun, tellStory } from "./story";
import { stepsTable, type Table, usersTable } from "./tables";
import { seenByUsers } from "./users";

/**
 * A run as Markdown: how it ended, what users saw, its steps, and every decision with its figures.
 *
 * @param events A journal's; the last run in it is told.
 * @param run Another run's name.
 * @throws Error if no run begins in them.
 */
export function reportMarkdown(events: readonly RolloutEvent[], run?: string): string {
  const story = tellStory(eventsOfRun(events, run));
  const { plan, startedAt, lastAt, by } = story;
  const seen = seenByUsers(story);
  const decisions = decisionsOf(story);
  return `${[
    `# ${markdown(headline(story).text)}`,
    [
      `- run ${markdown(story.run)} of ${markdown(plan.app)} in namespace ${markdown(plan.namespace)}, started by ${markdown(by)}`,
      `- ${moment(startedAt)} to ${moment(lastAt)}: ${duration((lastAt - startedAt) / 1000)}`,
      `- users saw: ${seen === undefined ? "not known, for there were no figures" : usersText(seen)}`,
    ].join("\n"),
    ...(seen === undefined ? [] : ["## What users saw", table(usersTable(seen))]),
    "## Steps",
    table(stepsTable(story)),
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
