import { count, duration, percent } from "../../internal/format";
import { formatWeights } from "../weights";
import { isVerified } from "./sentence";
import type { Metrics, Timeline, Stage } from "./timeline";
import type { Seen } from "./users";

/** A table as data; the pages make cells of it. */
export interface Table {
  head: readonly string[];
  rows: readonly (readonly string[])[];
}

/** What users got, by version. */
export function usersTable({ versions, requests, failures }: Seen): Table {
  const rows = [...Object.entries(versions), ["all, until the end", { requests, failures }] as const];
  return {
    head: ["version", "requests", "failed", "succeeded"],
    rows: rows.map(([version, seen]) => [
      version,
      count(seen.requests),
      count(seen.failures),
      seen.requests === 0 ? "—" : percent((seen.requests - seen.failures) / seen.requests),
    ]),
  };
}

/** What each step asked, what came of it, and what the target answered meanwhile. */
export function stepsTable(timeline: Timeline): Table {
  return {
    head: ["step", "desired", "actual", "up", "converged", "duration", "target's requests", "failed", "highest p99"],
    rows: timeline.stages.map((stage) => stepRow(stage, timeline)),
  };
}

/** What each step asked of the apps that take the same steps, what came of it, and what their targets answered. */
export function othersTable({ plan, stages, samples }: Timeline): Table {
  const rows = stages.flatMap(({ step, name, from, others = {}, actualOfOthers = {} }) =>
    (plan.others ?? []).map((app) => {
      const shares = actualOfOthers[app.name];
      const metrics = samples
        .filter((sample) => sample.inForce === step && sample.at >= from)
        .flatMap((sample) => sample.others[app.name]?.[app.target] ?? []);
      return [
        name,
        app.name,
        others[app.name] === undefined ? "—" : formatWeights(others[app.name], app.versions),
        shares === undefined ? "—" : formatWeights(shares, app.versions, 1),
        ...answeredCells(metrics),
      ];
    }),
  );
  return {
    head: ["step", "app", "desired", "actual", "target's requests", "failed", "highest p99"],
    rows,
  };
}

/** Requests, failures and the highest p99 of some samples. */
function answeredCells(metrics: readonly Metrics[]): string[] {
  const slowest = Math.max(...metrics.map(({ p99 }) => p99 ?? -1));
  return [
    metrics.length === 0 ? "—" : count(metrics.reduce((sum, { requests }) => sum + requests, 0)),
    metrics.length === 0 ? "—" : count(metrics.reduce((sum, { failures }) => sum + failures, 0)),
    slowest < 0 ? "—" : `${count(slowest, 1)} ms`,
  ];
}

function stepRow(stage: Stage, { plan, samples }: Timeline): string[] {
  const { step, name, weights, from, to, shiftedAt, followedAt, actual, unverified } = stage;
  const metrics = samples
    .filter((sample) => sample.inForce === step && sample.at >= from)
    .flatMap(({ traffic }) => traffic[plan.target] ?? []);
  return [
    name,
    formatWeights(weights, plan.versions),
    actual === undefined ? "—" : formatWeights(actual, plan.versions, 1),
    shiftedAt === undefined ? "—" : duration((shiftedAt - from) / 1000),
    followedAt === undefined ||
    shiftedAt === undefined ||
    !isVerified({ actual, others: stage.actualOfOthers, unverified })
      ? "—"
      : duration((followedAt - shiftedAt) / 1000),
    duration((to - from) / 1000),
    ...answeredCells(metrics),
  ];
}
