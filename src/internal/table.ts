import { stripVTControlCharacters } from "node:util";

/** How cells are laid out. */
export interface TableLayout {
  /** All columns but the first are numbers, and end at the right. @default false */
  alignRight?: boolean;
  /** Blanks between two columns. @default 2 */
  gap?: number;
}

/** Rows as lines of text, each column as wide as its widest cell, without blanks at the end. Cells may be coloured. */
export function columns(
  rows: readonly (readonly string[])[],
  { alignRight = false, gap = 2 }: TableLayout = {},
): string[] {
  const widths = widthsOf(rows);
  return rows.map((row) =>
    row
      .map((cell, index) => {
        const blanks = " ".repeat(widths[index] - displayWidth(cell));
        return alignRight && index > 0 ? blanks + cell : cell + blanks;
      })
      .join(" ".repeat(gap))
      .trimEnd(),
  );
}

/** A table with a ruled header: the first column to the left, the others to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const gap = 3;
  const [head, ...lines] = columns([header, ...rows], { alignRight: true, gap });
  const rule = widthsOf([header, ...rows])
    .map((width) => "─".repeat(width))
    .join("─".repeat(gap));
  return [head, rule, ...lines].map((line) => `  ${line}`).join("\n");
}

/** The number of characters of a text that a terminal shows: escape sequences such as colours take no place. */
export function displayWidth(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

function widthsOf(rows: readonly (readonly string[])[]): number[] {
  const most = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: most }, (_, index) => Math.max(0, ...rows.map((row) => displayWidth(row[index] ?? ""))));
}
