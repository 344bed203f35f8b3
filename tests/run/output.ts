/** Receives text that is to be shown. */
export type Write = (text: string) => void;

/** Shows it as it is. */
export const plainly: Write = (text) => void process.stdout.write(text);

/** Prefixes lines with their source, because several things print at once. */
export function marked(name: string): Write {
  let begun = "";
  return (text) => {
    const lines = `${begun}${text}`.split("\n");
    begun = lines.pop() ?? "";
    plainly(lines.map((line) => `${name} | ${line}\n`).join(""));
  };
}
