import type { RolloutEvent } from "../runner/event";
import { decisionsOf, figuresText, headline } from "./decisions";
import { duration, elapsed, timestamp } from "../../internal/format";
import { escapeMarkdown, markdownTable } from "../../internal/markdown";
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
    `# ${escapeMarkdown(headline(story).text)}`,
    [
      `- run ${escapeMarkdown(story.run)} of ${escapeMarkdown(plan.app)} in namespace ${escapeMarkdown(plan.namespace)}, started by ${escapeMarkdown(by)}`,
      `- ${timestamp(startedAt)} to ${timestamp(lastAt)}: ${duration((lastAt - startedAt) / 1000)}`,
      `- users saw: ${seen === undefined ? "not known, for there were no figures" : usersText(seen)}`,
    ].join("\n"),
    ...(seen === undefined ? [] : ["## What users saw", table(usersTable(seen))]),
    "## Steps",
    table(stepsTable(story)),
    "## Decisions",
    table({
      head: ["time", "step", "what", "why", "figures"],
      rows: decisions.map(({ at, step, what, why, figures }) => [
        elapsed(at - startedAt),
        step,
        what,
        why,
        figuresText(figures),
      ]),
    }),
  ].join("\n\n")}\n`;
}

function table({ head, rows }: Table): string {
  return markdownTable(head, rows);
}
