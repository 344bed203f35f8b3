import { percent } from "../src/internal/format";
import { countByVersion, expectedRange } from "./load/shares";
import type { Answer } from "./load/request";
import { table } from "../src/internal/table";

/** Desired and actual shares side by side, with the range that chance allows (99.9%). */
export function shareTable(asked: Readonly<Record<string, number>>, answers: readonly Answer[]): string {
  const counts = countByVersion(answers);
  const versions = [...new Set([...Object.keys(asked), ...Object.keys(counts)])].filter(
    (version) => version !== "failed",
  );
  const rows = versions.map((version) => {
    const count = counts[version] ?? 0;
    const { least, most } = expectedRange(asked[version] ?? 0, answers.length);
    return [
      version,
      percent((asked[version] ?? 0) / 100),
      measured(count, answers.length),
      String(count),
      `${least}–${most}`,
    ];
  });
  rows.push(["failed", percent(0), measured(counts.failed ?? 0, answers.length), String(counts.failed ?? 0), "0"]);
  return table(["version", "desired", "actual", `of ${answers.length}`, "expected"], rows);
}

function measured(answers: number, all: number): string {
  return all === 0 ? "–" : percent(answers / all);
}
