import { countByVersion, expectedRange } from "./load/shares";
import type { Answer } from "./load/request";
import { table } from "../src/internal/table";

/** Asked and measured shares side by side, with the range that chance allows (99.9 %). */
export function shareTable(asked: Readonly<Record<string, number>>, answers: readonly Answer[]): string {
  const counts = countByVersion(answers);
  const versions = [...new Set([...Object.keys(asked), ...Object.keys(counts)])].filter(
    (version) => version !== "failed",
  );
  const rows = versions.map((version) => {
    const count = counts[version] ?? 0;
    const { least, most } = expectedRange(asked[version] ?? 0, answers.length);
    return [version, `${asked[version] ?? 0} %`, percent(count, answers.length), String(count), `${least}–${most}`];
  });
  rows.push(["failed", "0 %", percent(counts.failed ?? 0, answers.length), String(counts.failed ?? 0), "0"]);
  return table(["version", "asked", "measured", `of ${answers.length}`, "expected"], rows);
}

function percent(count: number, total: number): string {
  return total === 0 ? "–" : `${((100 * count) / total).toFixed(1)} %`;
}
