import type { Input } from "@pulumi/pulumi";
import { type Check, atLeastOneOf, shape } from "../../validation/shape";
import type { Plain } from "../plain";
import { percentage } from "../../validation/values";
import { limit, timeout } from "./numbers";

/**
 * How many retries one proxy may have in progress, so that retries do not overwhelm a destination that is failing
 * anyway.
 */
export interface RetryBudgetArgs {
  /**
   * The maximum, in percent of the requests that are open or waiting, 0 to 100. DestinationRule `retryBudget.percent`.
   * @default 20
   */
  percent?: Input<number>;
  /**
   * The number of retries that is always allowed, from 1. DestinationRule `retryBudget.minRetryConcurrency`.
   * @default 3
   */
  minRetryConcurrency?: Input<number>;
  /**
   * The time span over which requests are counted; `0s` for the current ones. Since Istio 1.31. DestinationRule
   * `retryBudget.budgetInterval`.
   * @default 0s
   */
  budgetInterval?: Input<string>;
}

/** Checks a retry budget. */
export const retryBudget: Check = shape<Plain<RetryBudgetArgs>>(
  { percent: percentage, minRetryConcurrency: limit("retries"), budgetInterval: timeout },
  atLeastOneOf("percent", "minRetryConcurrency", "budgetInterval"),
);
