// Progressive rollouts by `pulumi up`: what any tool can use.

export { type RunCommand, type LastRun, awaitedApprovals, sendCommand, lastRun } from "./runner/commands";
export type { RolloutOptions, RunOptions } from "./runner/options";
export { type StackContext, openStackContext, type StackReference, type StackSelection } from "./runner/stackContext";
export { planRollout, resumeRollout, rollback, startRollout, type StartOptions } from "./runner/rollouts";
export type { PlannedRollout } from "./runner/plannedRollout";
export { PlanOutdatedError } from "./runner/planBasis";
export type { Rollout, RolloutResult } from "./runner/launch";
export { type Happening, RollbackReason, type RolloutEvent, type UsersSaw } from "./runner/event";
export { Outcome, type RunState, Stage, fold } from "./runner/state";
export { StackLockedError } from "./runner/stackLock";
export { NothingToRollOutError } from "./plan/nothingToRollOut";
export { NoActiveRunError } from "./runner/noActiveRun";
export type { Clock } from "./runner/clock";
export type { ConfigValues } from "../config/configValues";
export type { Weights } from "./weights";
export type { Limits, OtherApp, Plan, PlannedApp, Step } from "./plan/plan";
export { Strategy } from "./plan/plan";
export { type PlanReport, planReport, planText } from "./plan/planText";
export { type RolloutSettings, type TogetherSettings, type WatchedSettings, withOverrides } from "./plan/settings";
export type { AppSelection } from "./plan/appState";
export {
  type Evidence,
  type Gate,
  type GateDefinition,
  type GateInput,
  type GateResult,
  OnFailure,
  Phase,
  Verdict,
} from "./gates/gate";
export type { MetricsSource, Span, VersionTraffic } from "./metrics/source";
export { buildTimeline, type Timeline } from "./report/timeline";
export { reportHtml } from "./report/html";
export { reportMarkdown } from "./report/markdown";
export { makeNotifier, type Notifier, type NotifySurroundings } from "./notify/notifier";
export type { NotifyDefinition } from "./plan/notifySettings";
export { stackNotifier, type StackNotifierOptions } from "./notify/stackNotifier";
export { planShares, setShares, type PlannedShares, type ShareChange, type WantedShares } from "./runner/setShares";
export { type AppStatus, StatusReader, type StatusReaderOptions, type VersionStatus } from "./runner/statusReader";
