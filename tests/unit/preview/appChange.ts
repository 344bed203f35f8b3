import type { CanaryAppArgs } from "../../../components";
import { changesBetween } from "../../../src/preview/change/betweenRecordings";
import type { ObservedChanges } from "../../../src/preview/change/resourceChange";
import type { LiveView } from "../../../src/preview/live/liveView";
import { type PreviewReport, previewReport } from "../../../src/preview/report/previewReport";
import { TWO_VERSIONS, recordApp } from "../recordings";

/** An app in a mesh that is there, with two versions at 75/25. */
export const SHOP: CanaryAppArgs = { ...TWO_VERSIONS, mesh: { install: false }, hosts: ["shop.example.com"] };

/** What changes when an app's arguments change. */
export async function appChange(before: CanaryAppArgs | undefined, after: CanaryAppArgs): Promise<ObservedChanges> {
  const old = before === undefined ? { resources: [] } : await recordApp(before);
  return changesBetween(old, await recordApp(after));
}

/** The report of it, with at most 50 points in one step. */
export async function appReport(before: CanaryAppArgs | undefined, after: CanaryAppArgs): Promise<PreviewReport> {
  return reportOf(await appChange(before, after));
}

export function reportOf(changes: ObservedChanges, unverified: readonly string[] = [], live?: LiveView): PreviewReport {
  return previewReport(changes, { project: "shop", stack: "dev", limits: { maxStep: 50 }, unverified, live });
}
