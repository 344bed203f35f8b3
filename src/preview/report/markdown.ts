import { counted } from "../../internal/format";
import { codeBlock, codeSpan, escapeMarkdown, markdownTable } from "../../internal/markdown";
import { valueText } from "../change/valueText";
import { PreviewOutcome, type PreviewReport, type ResourceReport } from "./previewReport";
import { countsText, orderedResources, type ShareTable, shareTables } from "./tables";

/** Hosts of comments cut long ones off or refuse them; GitHub's limit is 65,536 characters. */
const MOST_CHARACTERS = 60_000;

/** What a comment begins with, so that the next one for the same stack takes its place. It is not shown. */
export function commentMark({ project, stack }: Pick<PreviewReport, "project" | "stack">): string {
  return `<!-- canary preview of ${`${project}/${stack}`.replace(/[^\w./-]/g, "_")} -->`;
}

/** The report as a comment on a pull request; the long parts are folded. */
export function markdown(report: PreviewReport): string {
  const parts = [
    commentMark(report),
    `### Traffic of \`${inline(`${report.project}/${report.stack}`)}\``,
    ...top(report),
    ...warnings(report),
    ...tables(report),
    ...details(report),
  ];
  const whole = parts.join("\n\n");
  return whole.length <= MOST_CHARACTERS ? `${whole}\n` : `${cut(whole)}\n`;
}

function cut(whole: string): string {
  const note = "\n\n… cut off here; `canary preview` prints all of it.";
  const kept = whole.slice(0, MOST_CHARACTERS - note.length);
  const open = (kept.match(/<details>/g)?.length ?? 0) - (kept.match(/<\/details>/g)?.length ?? 0);
  return `${kept.slice(0, kept.lastIndexOf("\n"))}${note}${"\n\n</details>".repeat(open)}`;
}

function top({ outcome, headline, errors }: PreviewReport): string[] {
  if (outcome === PreviewOutcome.Failed) {
    return ["**The preview failed.**", ...errors.map(codeBlock)];
  }
  if (headline.length > 0) {
    return [headline.map((line) => `- **${escapeMarkdown(line)}**`).join("\n")];
  }
  return [outcome === PreviewOutcome.NoChange ? "Nothing changes." : "No traffic moves."];
}

function warnings({ warnings: all }: PreviewReport): string[] {
  return all.length === 0
    ? []
    : [`**${counted(all.length, "warning")}**\n\n${all.map(({ text }) => `- ⚠️ ${escapeMarkdown(text)}`).join("\n")}`];
}

function tables(report: PreviewReport): string[] {
  const changed = report.routes.some(({ change }) => change !== "same");
  const text = shareTables(report).map(table).join("\n\n");
  return text === "" ? [] : [changed ? text : folded("Routes, as they are", text)];
}

function table({ hosts, columns, rows }: ShareTable): string {
  return `${escapeMarkdown(hosts)}\n\n${markdownTable(columns, rows, { alignRight: true })}`;
}

function details(report: PreviewReport): string[] {
  const resources = orderedResources(report);
  return [
    resources.length === 0
      ? `Resources: ${countsText(report)}`
      : folded(`Resources: ${countsText(report)}`, resources.map(resource).join("\n")),
  ];
}

const SIGNS: Readonly<Record<string, string>> = { create: "+", update: "~", replace: "±", delete: "−" };

function resource({ type, name, change, differences }: ResourceReport): string {
  const line = `- ${SIGNS[change]} ${codeSpan(type.split(":").at(-1) as string)} ${codeSpan(name)}`;
  return [
    line,
    ...differences.map(({ path, before, after }) => `  - ${codeSpan(path)}: ${value(before)} → ${value(after)}`),
  ].join("\n");
}

function value(given: unknown): string {
  return given === undefined ? "nothing" : codeSpan(valueText(given));
}

function folded(summary: string, text: string): string {
  return `<details><summary>${escapeMarkdown(summary)}</summary>\n\n${text}\n\n</details>`;
}

function inline(text: string): string {
  return text.replace(/`/g, "");
}
