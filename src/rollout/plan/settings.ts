import type { MatchArgs } from "../../istio/match";
import type { Plain } from "../../istio/plain";
import type { GateDefinition, OnFailure } from "../gates/gate";
import type { AnyGate } from "../gates/kinds";
import type { NotifyDefinition } from "./notifySettings";
import type { SourceSettings } from "../metrics/settings";
import type { AppSelection } from "./appState";
import type { Duration } from "./duration";
import type { Strategy } from "./plan";

/**
 * How a new version is rolled out: the key `rollout` of a stack's config, with the flags of the `canary` command over
 * it, or what code passes. All durations are seconds as a number, or a text such as `90s`, `5m` or `1h30m`.
 */
export interface RolloutSettings {
  /** The version that is to take over: one of the declared ones. @default the newest, the last of `versions` */
  target?: string;
  /** How it is tried: `canary`, `ab` or `blue-green`. @default "canary" */
  strategy?: Strategy;
  /**
   * The target's share in percent in each step: whole numbers from 1 to 99, ascending. A 100 at the end is the
   * promotion, which follows anyway. For `canary`. Set this, `stepWeight` or `exponential`. @default [5, 20, 50]
   */
  steps?: number[];
  /**
   * By how many percent the share grows with each step, a whole number from 1 to 100. For `canary`. Set this, `steps`
   * or `exponential`.
   */
  stepWeight?: number;
  /**
   * The share of the last step before the promotion, a whole number from 1 to 100; beside `stepWeight`.
   * @default 100
   */
  maxWeight?: number;
  /** The share is multiplied with each step. For `canary`. Set this, `steps` or `stepWeight`. */
  exponential?: ExponentialSettings;
  /**
   * How long each step is held while the gates are sampled, from 0 to 14 days, once the traffic has followed.
   * @default 60
   */
  hold?: Duration;
  /** The target is tried on copies of requests first; their answers go nowhere. @default no copies */
  mirror?: MirrorSettings;
  /**
   * The requests that go to the target while it is tried, any one of these must match: as in a route's `match`. For
   * `ab`, which needs it, and `blue-green`. For `canary`, testers: their requests go to the target from before the
   * first share until the promotion, whatever the weights, and all others are split by the weights.
   * @default for `canary` and `blue-green`, none
   */
  match?: Plain<MatchArgs>[];
  /**
   * How many times matched requests are held for `hold`, a whole number from 1 to 100; beside `match`. For `canary`,
   * before the target's share grows.
   * @default 5 for `ab`, 1 for `blue-green` and `canary`
   */
  iterations?: number;
  /**
   * Other apps of the same stack that take the same steps in the same run: each step moves all of them in one `up`, and
   * what sends one back sends all back. For `canary` without `mirror` and `match`.
   * @default none
   */
  with?: TogetherSettings[];
  /**
   * Other apps of the same stack whose shares stay, and by whose requests gates with their `app` judge: what the new
   * version calls, or who calls it.
   * @default none
   */
  watch?: WatchedSettings[];
  /** What can say no: all have to pass, in every step. @default none */
  gates?: (AnyGate | GateDefinition)[];
  /** When a run gives up. */
  limits?: LimitSettings;
  /**
   * Whether a change of nothing but weights is applied to the VirtualService at once, ahead of the `up` that records it:
   * under the field manager of Pulumi's provider, by server-side apply without force. Where that cannot be done, the `up`
   * alone moves the traffic. For `canary set` and `canary rollback`, too. Beside `with` nothing goes ahead of the `up`.
   * @default true
   */
  trafficFirst?: boolean;
  /** Where metrics come from. @default the Envoys' own counters, read through the Kubernetes API */
  source?: SourceSettings;
  /** Who is told of what happens. @default nobody */
  notify?: NotifyDefinition[];
}

/** An app of the same stack: where its config is. */
export interface WatchedSettings extends AppSelection {
  /** What comes before the `:` of its keys in the stack's config; another one than the other apps have. */
  prefix: string;
}

/** An app that takes the same steps in the same run. */
export interface TogetherSettings extends WatchedSettings {
  /** The version of it that is to take over: one of the declared ones. @default the newest, the last of its `versions` */
  target?: string;
}

/** A share that is multiplied with each step. */
export interface ExponentialSettings {
  /** The share of the first step in percent, a whole number from 1 to 99. @default 1 */
  start?: number;
  /**
   * What it is multiplied with, a number above 1 and up to 100; the share is rounded, and grows by 1 at least.
   * @default 2
   */
  factor?: number;
  /** The share of the last step before the promotion, a whole number from 1 to 100. @default 100 */
  maxWeight?: number;
}

/** Copies of requests for the target. They are made of the requests that are shared by the app's weights. */
export interface MirrorSettings {
  /**
   * How many requests are copied, in percent: above 0, at most 100. VirtualService `http[].mirrors[].percentage.value`.
   * @default 100
   */
  percent?: number;
  /** How long, from 0 to 14 days. @default the settings' `hold` */
  hold?: Duration;
}

/** When a run gives up, and goes back to where it began. */
export interface LimitSettings {
  /** The time between two samples of the gates, from 0.1 s to 14 days. @default 10 */
  interval?: Duration;
  /** So many failed samples of one gate in a row end the run, or pause it; a whole number from 1 to 1000. @default 3 */
  failureThreshold?: number;
  /**
   * What happens then: `rollBack`, or `pause`, which keeps the weights and waits for a person to resume, abort or promote.
   * A gate's own `onFailure` goes over it.
   * @default "rollBack"
   */
  onFailure?: OnFailure;
  /**
   * The longest that a step may take, with its `up` and all waiting, approvals too, but without pauses; longer than it
   * is held. The preparation before the first step may take as long.
   * @default 10 minutes more than the longest hold
   */
  stepDeadline?: Duration;
  /**
   * The longest that the run may take; longer than all holds together.
   * @default what the preparation, all steps and the promotion may take
   */
  deadline?: Duration;
  /** The longest that the rollback may be tried, from 1 s to 14 days. @default 10 minutes */
  rollbackDeadline?: Duration;
  /**
   * The longest that is waited for the traffic to be seen to follow, from 0 to 14 days; then the step is held all the
   * same.
   * @default 30
   */
  convergenceTimeout?: Duration;
}

/**
 * Settings with others over them, e.g. the command's flags: a schedule takes the place of the whole schedule below it.
 */
export function withOverrides(settings: RolloutSettings, overrides: RolloutSettings): RolloutSettings {
  const given = Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined));
  const schedule = ["steps", "stepWeight", "maxWeight", "exponential"];
  const rescheduled = ["steps", "stepWeight", "exponential"].some((name) => Object.hasOwn(given, name));
  const kept = Object.entries(settings).filter(([name]) => !rescheduled || !schedule.includes(name));
  return { ...Object.fromEntries(kept), ...given };
}
