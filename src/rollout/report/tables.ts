import { count, duration, percent } from "../../internal/format";
import { formatWeights } from "../weights";
import type { Timeline, Stage } from "./timeline";
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

function stepRow(stage: Stage, { plan, samples }: Timeline): string[] {
  const { step, name, weights, from, to, shiftedAt, followedAt, actual } = stage;
  const metrics = samples
    .filter((sample) => sample.inForce === step && sample.at >= from)
    .flatMap(({ traffic }) => traffic[plan.target] ?? []);
  const slowest = Math.max(...metrics.map(({ p99 }) => p99 ?? -1));
  return [
    name,
    formatWeights(weights, plan.versions),
    actual === undefined ? "—" : formatWeights(actual, plan.versions, 1),
    shiftedAt === undefined ? "—" : duration((shiftedAt - from) / 1000),
    followedAt === undefined || shiftedAt === undefined || actual === undefined
      ? "—"
      : duration((followedAt - shiftedAt) / 1000),
    duration((to - from) / 1000),
    metrics.length === 0 ? "—" : count(metrics.reduce((sum, { requests }) => sum + requests, 0)),
    metrics.length === 0 ? "—" : count(metrics.reduce((sum, { failures }) => sum + failures, 0)),
    slowest < 0 ? "—" : `${count(slowest, 1)} ms`,
  ];
}
