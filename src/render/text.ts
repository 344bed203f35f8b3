import { stringify } from "yaml";
import type { Gaps } from "./gaps";
import type { ChartInstall, Manifest, RenderedStep } from "./steps";

/** How rendered objects are written. */
export const RenderFormat = {
  /** Documents, each object after what it needs; charts as comments, since Helm installs them. */
  Yaml: "yaml",
  /** One object: `items`, as in a List of Kubernetes, `charts`, and what the rendering lacks: see {@link Gaps}. */
  Json: "json",
} as const;
export type RenderFormat = (typeof RenderFormat)[keyof typeof RenderFormat];

const NO_GAPS: Gaps = { unknown: [], unrendered: [] };

/** The steps as text, the same for the same steps. */
export function renderedText(steps: readonly RenderedStep[], format: RenderFormat, gaps = NO_GAPS): string {
  if (format === RenderFormat.Json) {
    const items = steps.flatMap(({ manifest }) => manifest ?? []).map(sorted);
    const charts = steps.flatMap(({ install }) => install ?? []).map(sorted);
    return `${JSON.stringify({ apiVersion: "v1", kind: "List", items, charts, ...gaps }, undefined, 2)}\n`;
  }
  return steps
    .map(({ manifest, install }) =>
      manifest !== undefined ? objectText(manifest) : chartText(install as ChartInstall),
    )
    .join("---\n");
}

/** An object as YAML: apiVersion, kind and metadata first, all other fields by name. */
export function objectText(manifest: Manifest): string {
  return stringify(sorted(manifest), { aliasDuplicateObjects: false, lineWidth: 0 });
}

function chartText({ release, namespace, chart, repository, version, values }: ChartInstall): string {
  const source = `${repository === undefined ? chart : `${repository.replace(/\/+$/, "")}/${chart}`}${version === undefined ? "" : ` ${version}`}`;
  const lines = [
    `Helm installs the chart ${source} as ${release} in ${namespace}, with these values:`,
    ...stringify(sorted(values), { lineWidth: 0 }).trimEnd().split("\n"),
  ];
  return `${lines.map((line) => `# ${line}`.trimEnd()).join("\n")}\n`;
}

const FIRST = ["apiVersion", "kind", "metadata", "name", "namespace"];

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const rank = (key: string) => (FIRST.includes(key) ? FIRST.indexOf(key) : FIRST.length);
  const keys = Object.keys(value).filter((key) => (value as Record<string, unknown>)[key] !== undefined);
  keys.sort((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1));
  return Object.fromEntries(keys.map((key) => [key, sorted((value as Record<string, unknown>)[key])]));
}
