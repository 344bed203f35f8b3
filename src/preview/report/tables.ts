import { percent } from "../../internal/format";
import { inOrder } from "./order";
import { PreviewOutcome, type PreviewReport, type RouteReport } from "./previewReport";

/** The shares of the routes of one set of hosts, as rows and columns of text. */
export interface ShareTable {
  hosts: string;
  /** The first column is what the route takes, then one for each destination. */
  columns: readonly string[];
  rows: readonly (readonly string[])[];
}

/** One table for each set of hosts; its columns are the destinations of all its routes. */
export function shareTables({ routes }: PreviewReport): ShareTable[] {
  const groups = new Map<string, RouteReport[]>();
  for (const route of routes) {
    const hosts = route.hosts.join(", ");
    groups.set(hosts, [...(groups.get(hosts) ?? []), route]);
  }
  return [...groups].map(([hosts, grouped]) => {
    const names = [...new Set(grouped.flatMap(({ shares }) => shares.map(({ to }) => to)))].sort(inOrder);
    return { hosts, columns: ["requests", ...names], rows: grouped.map((route) => row(route, names)) };
  });
}

function row({ requests, change, answer, shares }: RouteReport, names: readonly string[]): string[] {
  const mark = change === "create" ? " (new)" : change === "delete" ? " (goes)" : "";
  const told = answer === undefined ? "" : `: ${answer}`;
  return [
    `${requests}${told}${mark}`,
    ...names.map((name) =>
      cell(
        shares.find(({ to }) => to === name),
        change,
      ),
    ),
  ];
}

function cell(share: RouteReport["shares"][number] | undefined, change: RouteReport["change"]): string {
  if (share === undefined) {
    return "";
  }
  const { before, after } = share;
  if (change === "create" || change === "delete") {
    return percent((change === "create" ? after : before) / 100);
  }
  return before === after ? percent(after / 100) : `${percent(before / 100)} → ${percent(after / 100)}`;
}

const ORDER = ["create", "update", "replace", "delete", "same"] as const;
const WORDS: Readonly<Record<(typeof ORDER)[number], string>> = {
  create: "to create",
  update: "to update",
  replace: "to replace",
  delete: "to delete",
  same: "unchanged",
};

/** `1 to update, 13 unchanged`. How far a preview came that failed is chance, so of it only changes are told. */
export function countsText({ counts, outcome }: PreviewReport): string {
  const told = ORDER.filter((kind) => counts[kind] > 0 && (kind !== "same" || outcome !== PreviewOutcome.Failed)).map(
    (kind) => `${counts[kind]} ${WORDS[kind]}`,
  );
  return told.join(", ") || "no changes told";
}

/**
 * The changes in the order in which people look for them: what comes, changes, is replaced, goes; the same at every
 * preview, whatever the engine came to first. Pulumi's own (the stack, its providers) are counted, but say nothing to a
 * reviewer.
 */
export function orderedResources({ resources }: PreviewReport): PreviewReport["resources"] {
  const shown = resources.filter(({ type }) => !type.startsWith("pulumi:"));
  return ORDER.flatMap((kind) =>
    shown
      .filter(({ change }) => change === kind)
      .sort((one, other) => inOrder(kindOf(one), kindOf(other)) || inOrder(one.name, other.name)),
  );
}

function kindOf({ type }: PreviewReport["resources"][number]): string {
  return type.split(":").at(-1) as string;
}
