/** A value in one line: texts bare, others as JSON, never more than 80 characters. */
export function valueText(value: unknown): string {
  const text =
    value === undefined ? "nothing" : typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
