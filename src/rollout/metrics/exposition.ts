/** One line of figures. */
export interface MetricSample {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)[ \t]*(?:\{(.*)\})?[ \t]*([^ \t{}]+)(?:[ \t]+-?\d+)?[ \t]*$/s;
const LABEL = /[ \t]*([a-zA-Z_]\w*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(?:,|$)/gsy;
const ESCAPES: Readonly<Record<string, string>> = { "\\n": "\n", "\\\\": "\\", '\\"': '"' };

/**
 * The figures in a text of Prometheus' exposition format, without what they mean (`# HELP`, `# TYPE`). A line that is
 * none is passed over: half of a text is of more use than nothing of it, and what is missing passes no gate.
 */
export function* samplesIn(text: string): Generator<MetricSample> {
  for (const line of text.split("\n")) {
    const found = line.startsWith("#") ? null : LINE.exec(line);
    const labels = found && labelsIn(found[2] ?? "");
    const value = found ? numberOf(found[3]) : undefined;
    if (found && labels && value !== undefined) {
      yield { name: found[1], labels, value };
    }
  }
}

function labelsIn(text: string): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  let end = 0;
  for (const { 0: whole, 1: name, 2: value } of text.matchAll(LABEL)) {
    labels[name] = value.replace(/\\./gs, (escape) => ESCAPES[escape] ?? escape);
    end += whole.length;
  }
  return text.slice(end).trim() === "" ? labels : undefined;
}

/** A number as this format and Prometheus' answers write it; undefined if it is none. */
export function numberOf(text: string): number | undefined {
  const infinite = /^([+-]?)Inf$/i.exec(text);
  if (infinite) {
    return infinite[1] === "-" ? -Infinity : Infinity;
  }
  const number = Number(text);
  return /^nan$/i.test(text) ? NaN : text.trim() === "" || Number.isNaN(number) ? undefined : number;
}
