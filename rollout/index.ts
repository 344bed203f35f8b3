// Progressive rollouts by `pulumi up`: what any tool can use.

export { type Decision, type LastRun, awaitedApprovals, decide, lastRun } from "./run/decide";
export { type RolloutOptions, type StackReference } from "./run/options";
export { type Rollout, type RolloutResult, planRollout, resumeRollout, rollback, startRollout } from "./run/rollouts";
export { type Happening, RollbackReason, type RolloutEvent, type UsersSaw } from "./run/event";
export { Outcome, type RunState, Stage, fold } from "./run/state";
export { StackHeldError } from "./run/claim";
export { NothingToDoError } from "./run/nothingToDo";
export type { Clock } from "./run/clock";
export type { ConfigValues } from "../project/configValues";
export type { Weights } from "./weights";
export type { Limits, Plan, Step } from "./plan/plan";
export { Strategy } from "./plan/plan";
export { type PlanReport, planReport, planText } from "./plan/planText";
export { type RolloutSettings, withOverrides } from "./plan/settings";
export type { SituationOptions } from "./plan/situation";
export { type Gate, type GateDefinition, type GateQuestion, type GateResult, Moment, Verdict } from "./gates/gate";
export type { MetricsSource, Span, VersionTraffic } from "./sources/source";
export { reportHtml } from "./report/html";
export { reportMarkdown } from "./report/markdown";
export { makeNotifier, type Notifier, type NotifySurroundings } from "./notify/notifier";
export type { NotifyDefinition } from "./notify/settings";
export { stackNotifier, type StackNotifierOptions } from "./notify/stackNotifier";
export { setShares, shareChange, type ShareChange, type WantedShares } from "./run/setShares";
export { type Standing, Survey, type SurveyOptions, type VersionStanding } from "./run/survey";
