import type { TableLayout } from "./table";

/**
 * Text on one line of Markdown, in which nothing is markup: fit for a heading and for a table's cell, not for the start
 * of a line. Nobody is mentioned by it and it links nowhere, whatever it says.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .trim()
    .replace(/[\\`*_[\]#|~$!]/g, "\\$&")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/@/g, "@\u200b")
    .replace(/:\/\//g, ":\u200b//");
}

/** A table; its cells are plain text and are escaped. */
export function markdownTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  { alignRight = false }: Pick<TableLayout, "alignRight"> = {},
): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(" | ")} |`;
  const rule = header.map((_, index) => (alignRight && index > 0 ? "---:" : "---"));
  return [line(header), `| ${rule.join(" | ")} |`, ...rows.map(line)].join("\n");
}

/** A code span with any text in it, fit for a table's cell. */
export function codeSpan(text: string): string {
  const fence = "`".repeat(longestRun(text) + 1);
  const space = text.startsWith("`") || text.endsWith("`") ? " " : "";
  return `${fence}${space}${text.replace(/\s+/g, " ").replace(/\|/g, "\\|")}${space}${fence}`;
}

/** A code block with any text in it. */
export function codeBlock(text: string): string {
  const fence = "`".repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}\n${text}\n${fence}`;
}

/** The length of the longest run of backticks. */
function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
