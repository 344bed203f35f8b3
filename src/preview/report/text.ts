import { counted } from "../../internal/format";
import { columns } from "../../internal/table";
import { valueText } from "../change/valueText";
import { PreviewOutcome, type PreviewReport } from "./previewReport";
import { countsText, orderedResources, type ShareTable, shareTables } from "./tables";

const SIGNS: Readonly<Record<string, string>> = { create: "+", update: "~", replace: "±", delete: "-" };

/** The report for a terminal, in lines without colours. */
export function text(report: PreviewReport): string {
  const { project, stack, outcome, headline, warnings, errors } = report;
  const traffic =
    headline.length > 0
      ? headline.map((line) => `  ${line}`)
      : [`  ${outcome === PreviewOutcome.NoChange ? "nothing changes" : "no traffic moves"}`];
  const sections = [
    [
      `Traffic of ${project}/${stack}`,
      ...(outcome === PreviewOutcome.Failed ? ["  the preview failed", ...errors.map(indented)] : traffic),
    ],
    ...shareTables(report).map(table),
    warnings.length === 0
      ? []
      : [counted(warnings.length, "warning"), ...warnings.map((warning) => `  ! ${warning.text}`)],
    [
      `Resources: ${countsText(report)}`,
      ...orderedResources(report).flatMap(({ type, name, change, differences }) => [
        `  ${SIGNS[change]} ${type.split(":").at(-1)} ${name}`,
        ...differences.map(({ path, before, after }) => `      ${path}: ${valueText(before)} → ${valueText(after)}`),
      ]),
    ],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function table({ hosts, columns: header, rows }: ShareTable): string[] {
  return [hosts, ...columns([header, ...rows], { alignRight: true, gap: 3 }).map((line) => `  ${line}`)];
}

function indented(lines: string): string {
  return lines
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n");
}
