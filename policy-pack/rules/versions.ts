import { isOfKind, list, NETWORKING, type StackRule } from "./rule";

/** How many versions. */
export interface VersionsConfig {
  /** The most subsets that a host may have, 1 or more. @default 5 */
  most: number;
}

/** Versions that nobody needs any more are removed. */
export const versions: StackRule<VersionsConfig> = {
  name: "versions",
  description: "A host has no more than so many versions",
  config: { most: { type: "integer", minimum: 1, default: 5 } },
  check: (objects, { most }) => {
    const byHost = new Map<string, { versions: Set<string>; rules: string[] }>();
    for (const { name, object } of objects.filter((each) => isOfKind(each.object, NETWORKING, "DestinationRule"))) {
      const { spec, metadata } = object;
      const host = String(spec?.host ?? "").includes(".")
        ? spec.host
        : `${spec?.host}.${metadata?.namespace ?? "default"}.svc.cluster.local`;
      const { versions: known, rules } = byHost.get(host) ?? { versions: new Set(), rules: [] };
      byHost.set(host, {
        versions: new Set([...known, ...list(spec?.subsets).map((subset) => String(subset.name))]),
        rules: [...rules, name],
      });
    }
    const crowded = [...byHost.values()].filter((each) => each.versions.size > most);
    return crowded.map(
      (each) =>
        `the host of ${each.rules.join(", ")} has ${each.versions.size} versions; at most ${most} are allowed: remove those without traffic`,
    );
  },
};
