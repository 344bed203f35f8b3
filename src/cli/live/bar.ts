const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A share from 0 to 100 as a bar of so many signs at most. */
export function bar(share: number, width: number): string {
  const eighths = Math.round((Math.min(100, Math.max(0, share)) / 100) * width * 8);
  return "█".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}

/** Texts side by side: each column as wide as its widest, without blanks at the end. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => visible(row[index] ?? ""))));
  return rows.map((row) =>
    row
      .map((cell, index) => cell + " ".repeat(Math.max(0, (widths[index] ?? 0) - visible(cell))))
      .join("  ")
      .trimEnd(),
  );
}

const COLOUR = /\u001b\[\d+m/g;

/** How many signs of a text are seen. */
export function visible(text: string): number {
  return [...text.replace(COLOUR, "")].length;
}

/** A line cut to a width; a colour in it is ended. Signs that would move the cursor are left out. */
export function cropped(line: string, width: number): string {
  const clean = line.replace(/\u001b(?!\[\d+m)|[\u0000-\u001a\u001c-\u001f\u007f-\u009f]/g, " ");
  if (visible(clean) <= width) {
    return clean;
  }
  let left = width - 1;
  let cut = "";
  for (const [part] of clean.matchAll(/\u001b\[\d+m|[^]/gu)) {
    if (part.startsWith("\u001b")) {
      cut += part;
    } else if (left-- > 0) {
      cut += part;
    } else {
      break;
    }
  }
  return `${cut}…${cut.includes("\u001b") ? "\u001b[0m" : ""}`;
}
