import { listed, percent } from "../../internal/format";
import { isChanged, type RouteDiff } from "../traffic/trafficDiff";
import type { VersionReport } from "./versionReport";

/**
 * What happens to the traffic, one sentence each; routes with the same shares are reported together.
 *
 * @param secret The names of VirtualServices that change and have secrets in their routes.
 * @param unknown The names of those in whose routes something is not known yet.
 */
export function headline(
  routes: readonly RouteDiff[],
  versions: readonly VersionReport[],
  secret: readonly string[],
  unknown: readonly string[],
): string[] {
  const moves = new Map<string, string[]>();
  for (const route of routes.filter(isChanged)) {
    const what = sentence(route);
    moves.set(what, [...(moves.get(what) ?? []), where(route)]);
  }
  const told = [...moves].map(([what, places]) => `${listed(places, 3)}: ${what}`);
  const names = (change: VersionReport["change"]) =>
    versions.filter((version) => version.change === change).map(({ name }) => name);
  const arrivals = [
    versionsText(names("create"), "comes", "come"),
    versionsText(names("delete"), "goes", "go"),
    versionsText(names("update"), "runs another image", "run another image"),
  ];
  const hidden = [
    ...secret.map((name) => `where the requests of ${name} go is a secret`),
    ...unknown.map((name) => `where the requests of ${name} go is not known yet`),
  ];
  return [...told, ...hidden, ...hostChanges(routes), ...arrivals.flat()];
}

/** Hosts that an existing VirtualService starts or stops serving. */
function hostChanges(routes: readonly RouteDiff[]): string[] {
  const objects = new Map(
    routes.flatMap(({ object, before, after }) =>
      before && after ? [[object, [before.hosts, after.hosts]] as const] : [],
    ),
  );
  return [...objects].flatMap(([object, [old, now]]) => {
    const [come, go] = [now.filter((host) => !old.includes(host)), old.filter((host) => !now.includes(host))];
    return [
      ...(come.length > 0 ? [`${object} serves ${listed(come)} now`] : []),
      ...(go.length > 0 ? [`${object} no longer serves ${listed(go)}`] : []),
    ];
  });
}

function versionsText(names: readonly string[], one: string, many: string): string[] {
  return names.length === 0
    ? []
    : [`${names.length === 1 ? "version" : "versions"} ${listed(names)} ${names.length === 1 ? one : many}`];
}

function sentence({ before, after, shares, moved }: RouteDiff): string {
  if (before === undefined) {
    return `a new route, ${after?.answer ?? listed(shares.map(({ to, after: share }) => `${percent(share / 100)} to ${to}`))}`;
  }
  if (after === undefined) {
    return "the route goes";
  }
  if (after.answer !== before.answer) {
    return `${after.answer ?? "requests are passed on"} instead of ${before.answer ?? "passing requests on"}`;
  }
  const gains = shares
    .filter((share) => share.after > share.before)
    .map(({ to, before: from, after: now }) => `${to} (${percent(from / 100)} → ${percent(now / 100)})`);
  const losses = shares
    .filter((share) => share.after < share.before)
    .map(({ to, before: from, after: now }) => `${to} (${percent(from / 100)} → ${percent(now / 100)})`);
  return `${percent(moved / 100)} of the requests move from ${listed(losses)} to ${listed(gains)}`;
}

function where({ hosts, requests }: RouteDiff): string {
  return `${listed(hosts, 2)}${requests === "every request" ? "" : `, ${requests}`}`;
}
