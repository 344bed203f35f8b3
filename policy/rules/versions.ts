import { isObject, list, NETWORKING, type StackRule } from "./rule";

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
    const byHost = new Map<string, Set<string>>();
    for (const { spec, metadata } of objects.filter((object) => isObject(object, NETWORKING, "DestinationRule"))) {
      const host = String(spec?.host ?? "").includes(".") ? spec.host : `${spec?.host}.${metadata?.namespace ?? "default"}.svc.cluster.local`;
      byHost.set(host, new Set([...(byHost.get(host) ?? []), ...list(spec?.subsets).map(({ name }) => String(name))]));
    }
    return [...byHost].filter(([, names]) => names.size > most).map(([host, names]) => `${host} has ${names.size} versions (${[...names].join(", ")}); at most ${most} are allowed: remove those without traffic`);
  },
};
