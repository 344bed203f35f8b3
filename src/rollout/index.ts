// Progressive rollouts by `pulumi up`: what any tool can use.

export { type Decision, type LastRun, awaitedApprovals, decide, lastRun } from "./runner/decide";
export { type RolloutOptions, type StackReference } from "./runner/options";
export {
  type Rollout,
  type RolloutResult,
  planRollout,
  resumeRollout,
  rollback,
  startRollout,
} from "./runner/rollouts";
export { type Happening, RollbackReason, type RolloutEvent, type UsersSaw } from "./runner/event";
export { Outcome, type RunState, Stage, fold } from "./runner/state";
export { StackHeldError } from "./runner/claim";
export { NothingToRollOutError } from "./plan/nothingToRollOut";
export { NothingToDoError } from "./runner/nothingToDo";
export type { Clock } from "./runner/clock";
export type { ConfigValues } from "../config/configValues";
export type { Weights } from "./weights";
export type { Limits, Plan, Step } from "./plan/plan";
export { Strategy } from "./plan/plan";
export { type PlanReport, planReport, planText } from "./plan/planText";
export { type RolloutSettings, withOverrides } from "./plan/settings";
export type { SituationOptions } from "./plan/situation";
export { type Gate, type GateDefinition, type GateQuestion, type GateResult, Moment, Verdict } from "./gates/gate";
export type { MetricsSource, Span, VersionTraffic } from "./metrics/source";
export { buildTimeline, type Timeline } from "./report/timeline";
export { reportHtml } from "./report/html";
export { reportMarkdown } from "./report/markdown";
export { makeNotifier, type Notifier, type NotifySurroundings } from "./notify/notifier";
export type { NotifyDefinition } from "./plan/notifySettings";
export { stackNotifier, type StackNotifierOptions } from "./notify/stackNotifier";
export { setShares, shareChange, type ShareChange, type WantedShares } from "./runner/setShares";
export { type Standing, Survey, type SurveyOptions, type VersionStanding } from "./runner/survey";
