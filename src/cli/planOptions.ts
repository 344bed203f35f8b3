import { readFile } from "node:fs/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import { parse } from "yaml";
import { isObject, omitUndefined } from "../internal/objects";
import type { GateDefinition } from "../rollout/gates/gate";
import { Strategy } from "../rollout/plan/plan";
import { type RolloutSettings, withOverrides } from "../rollout/plan/settings";
import { rolloutOf, type SituationOptions } from "../rollout/plan/situation";
import type { StackContext } from "../rollout/runner/stackContext";
import { UsageError } from "./errors";

/** The flags by which a call changes what the stack's config says of rollouts. */
export interface PlanOptions {
  target?: string;
  strategy?: Strategy;
  steps?: number[];
  stepWeight?: number;
  maxWeight?: number;
  exponential?: { start: number; factor?: number };
  hold?: number | string;
  mirror?: number;
  match?: unknown[];
  iterations?: number;
  gate?: GateDefinition[];
  interval?: number | string;
  failureThreshold?: number;
  stepDeadline?: number | string;
  deadline?: number | string;
  prometheus?: string;
  settings?: string;
}

/** Adds the flags of a plan to a command. */
export function withPlanOptions(command: Command): Command {
  return command
    .addOption(new Option("--target <version>", "the version that is to take over; by default the newest"))
    .addOption(
      new Option("--strategy <strategy>", "how it is tried; by default canary").choices(Object.values(Strategy)),
    )
    .option("--steps <percents>", "the target's share in each step, e.g. 5,20,50", numbers)
    .option("--step-weight <percent>", "by how much the share grows with each step", number)
    .option("--max-weight <percent>", "the last share before the promotion; beside --step-weight", number)
    .option("--exponential <start,factor>", "shares that are multiplied with each step, e.g. 1,2", exponential)
    .option("--hold <duration>", "how long each step is held, e.g. 90s or 5m", duration)
    .option("--mirror <percent>", "first try the target on copies of so many of the requests", number)
    .option(
      "--match <yaml>",
      "requests that go to the target, for ab and blue-green, as in a route's match, e.g. '{headers: {x-user: {exact: test}}}'; may be repeated",
      collected,
    )
    .option("--iterations <count>", "how many times matched requests are held", number)
    .option(
      "--gate <yaml>",
      "one more gate, or another in place of the config's of that name, e.g. '{name: ok, kind: success-rate, min: 99}'; may be repeated",
      collected,
    )
    .option("--interval <duration>", "the time between two samples of the gates", duration)
    .option("--failure-threshold <count>", "so many failed samples of a gate in a row end the run", number)
    .option("--step-deadline <duration>", "the longest that a step may take", duration)
    .option("--deadline <duration>", "the longest that the run may take", duration)
    .option("--prometheus <url>", "ask this Prometheus for metrics, not the Envoys")
    .option("--settings <file>", "a YAML file with rollout settings, over the config's and under the flags");
}

/** The settings of a file and of the flags, which go over those of the stack's config. */
export async function overSettings(
  context: StackContext,
  situation: SituationOptions | undefined,
  options: PlanOptions,
): Promise<RolloutSettings> {
  const fromFile = options.settings === undefined ? {} : await settingsFile(options.settings);
  const config = rolloutOf(await context.config(), situation?.prefix);
  // What is wrong with the config is said by its check, which names the key.
  const base = withOverrides((isObject(config) ? config : {}) as RolloutSettings, fromFile);
  return withOverrides(fromFile, overrides(base, options));
}

function overrides(base: RolloutSettings, options: PlanOptions): RolloutSettings {
  const {
    target,
    strategy,
    steps,
    stepWeight,
    maxWeight,
    exponential: growth,
    hold,
    mirror,
    match,
    iterations,
    gate = [],
    prometheus,
  } = options;
  const { interval, failureThreshold, stepDeadline, deadline } = options;
  const limits = omitUndefined({ interval, failureThreshold, stepDeadline, deadline });
  const names = gate.map(({ name }) => name);
  const kept = Array.isArray(base.gates) ? base.gates.filter((each) => !names.includes(each?.name)) : [];
  return omitUndefined({
    target,
    strategy,
    steps,
    stepWeight,
    maxWeight,
    exponential: growth,
    hold,
    iterations,
    match: match as RolloutSettings["match"],
    mirror: mirror === undefined ? undefined : { ...base.mirror, percent: mirror },
    gates: gate.length === 0 ? undefined : [...kept, ...gate],
    limits: Object.keys(limits).length === 0 ? undefined : { ...base.limits, ...limits },
    source: prometheus === undefined ? undefined : { prometheus: { url: prometheus } },
  });
}

async function settingsFile(path: string): Promise<RolloutSettings> {
  try {
    const settings: unknown = parse(await readFile(path, "utf8"));
    if (!isObject(settings)) {
      throw new Error("it holds no object of settings");
    }
    return settings as RolloutSettings;
  } catch (error) {
    throw new UsageError(`--settings ${path} cannot be used: ${(error as Error).message}`);
  }
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) {
    throw new InvalidArgumentError("a number is needed.");
  }
  return value;
}

function numbers(text: string): number[] {
  return text.split(",").map(number);
}

function exponential(text: string): { start: number; factor?: number } {
  const [start, factor, ...more] = numbers(text);
  if (more.length > 0) {
    throw new InvalidArgumentError("a start and a factor are needed, e.g. 1,2.");
  }
  return factor === undefined ? { start } : { start, factor };
}

/** Seconds as a number, or a text such as `90s`. */
function duration(text: string): number | string {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function collected(text: string, before: unknown[] = []): unknown[] {
  try {
    return [...before, parse(text)];
  } catch (error) {
    throw new InvalidArgumentError(`YAML is needed: ${(error as Error).message.split("\n")[0]}`);
  }
}
