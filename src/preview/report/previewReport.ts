import { type Difference, differences } from "../change/differences";
import { ChangeKind, isTouched, type ObservedChanges, type ResourceChange } from "../change/resourceChange";
import type { LiveView } from "../live/liveView";
import { Hidden, hiddenBy } from "../traffic/currentRoutes";
import { isChanged, type RouteDiff, trafficDiff } from "../traffic/trafficDiff";
import { warningsOf } from "../warnings";
import type { PreviewLimits, Warning } from "../warnings/warning";
import { headline } from "./headline";
import { inOrder } from "./order";
import { type VersionReport, versionReport } from "./versionReport";

/** How a preview ended. */
export const PreviewOutcome = {
  NoChange: "no-change",
  Changes: "changes",
  Failed: "failed",
} as const;
export type PreviewOutcome = (typeof PreviewOutcome)[keyof typeof PreviewOutcome];

/** A preview as reviewers read it. It is also the JSON output; fields are added to it, never changed. */
export interface PreviewReport {
  project: string;
  stack: string;
  outcome: PreviewOutcome;
  /** What happens to the traffic, one sentence each. */
  headline: readonly string[];
  /** Every route with its shares before and after. */
  routes: readonly RouteReport[];
  /** Versions that are added, removed, or get another image. */
  versions: readonly VersionReport[];
  /** Everything that changes, with what differs in it. */
  resources: readonly ResourceReport[];
  /** How many resources of each kind of change. */
  counts: Readonly<Record<ChangeKind, number>>;
  warnings: readonly Warning[];
  /** Why it failed; empty if it did not. */
  errors: readonly string[];
}

/** A route's shares before and after. */
export interface RouteReport extends Pick<RouteDiff, "object" | "hosts" | "requests" | "shares" | "moved"> {
  /** What happens to the route: it is added, removed, sends requests elsewhere, or stays as it is. */
  change: "create" | "delete" | "update" | "same";
  /** What it answers by itself, e.g. a redirect. */
  answer?: string;
}

/** A resource that changes. */
export interface ResourceReport {
  urn: string;
  type: string;
  name: string;
  change: ChangeKind;
  app?: string;
  /** The differences; empty if it is created or deleted. */
  differences: readonly Difference[];
}

/** What is known about a preview beside the changes. */
export interface PreviewContext {
  project: string;
  stack: string;
  limits: PreviewLimits;
  /** Why it is not verified, one reason each. */
  unverified: readonly string[];
  /** What is on the cluster. @default not asked */
  live?: LiveView;
  /** Why it failed, if it did. */
  failure?: string;
}

/** Creates the report of a preview. */
export function previewReport(
  observed: ObservedChanges,
  { project, stack, limits, unverified, live, failure }: PreviewContext,
): PreviewReport {
  // The engine processes resources in a different order each time.
  const changes = {
    ...observed,
    resources: [...observed.resources].sort(
      (one, other) => inOrder(one.type, other.type) || inOrder(one.name, other.name),
    ),
  };
  const routes = trafficDiff(changes.resources);
  const counts = Object.fromEntries(
    Object.values(ChangeKind).map((kind) => [kind, changes.resources.filter((change) => change.kind === kind).length]),
  ) as Record<ChangeKind, number>;
  const touched = changes.resources.filter(isTouched);
  const errors = [
    ...new Set([
      ...(failure === undefined ? [] : [failure]),
      ...changes.diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message),
      ...mandatory(changes),
    ]),
  ];
  const versions = touched.flatMap(versionReport);
  return {
    project,
    stack,
    outcome:
      errors.length > 0
        ? PreviewOutcome.Failed
        : touched.length === 0
          ? PreviewOutcome.NoChange
          : PreviewOutcome.Changes,
    headline: headline(
      routes,
      versions,
      touched.filter((change) => hiddenBy(change) === Hidden.Secret).map(({ name }) => name),
      touched.filter((change) => hiddenBy(change) === Hidden.Unknown).map(({ name }) => name),
    ),
    routes: routes.map(routeReport),
    versions,
    resources: touched.map(resourceReport),
    counts,
    warnings: warningsOf({ changes, routes, limits, unverified, live }),
    errors,
  };
}

function mandatory({ policies }: ObservedChanges): string[] {
  return policies
    .filter((finding) => finding.mandatory)
    .map(({ policy, pack, message }) => `${pack}/${policy}: ${message}`);
}

function routeReport(route: RouteDiff): RouteReport {
  const { object, hosts, requests, shares, moved, before, after } = route;
  const change =
    before === undefined ? "create" : after === undefined ? "delete" : isChanged(route) ? "update" : "same";
  const answer = (after ?? before)?.answer;
  return { object, hosts, requests, shares, moved, change, ...(answer === undefined ? {} : { answer }) };
}

function resourceReport({ urn, type, name, kind, app, before, after }: ResourceChange): ResourceReport {
  const differs = before !== undefined && after !== undefined ? differences(before, after) : [];
  return { urn, type, name, change: kind, ...(app === undefined ? {} : { app }), differences: differs };
}
