import { displayWidth } from "../../internal/table";

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A fraction from 0 to 1 as a bar of at most so many characters. */
export function bar(fraction: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, fraction)) * width * 8);
  return "█".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}

/** A line cut to a width; a colour in it is ended. Signs that would move the cursor are left out. */
export function cropped(line: string, width: number): string {
  const clean = line.replace(/\u001b(?!\[\d+m)|[\u0000-\u001a\u001c-\u001f\u007f-\u009f]/g, " ");
  if (displayWidth(clean) <= width) {
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
