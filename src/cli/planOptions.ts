import { readFile } from "node:fs/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import { parseYaml } from "../config/pulumiYaml";
import { isObject, omitUndefined } from "../internal/objects";
import { type GateDefinition, OnFailure } from "../rollout/gates/gate";
import { Strategy } from "../rollout/plan/plan";
import { type RolloutSettings, withOverrides } from "../rollout/plan/settings";
import { rolloutOf, type AppSelection } from "../rollout/plan/appState";
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
  onFailure?: OnFailure;
  stepDeadline?: number | string;
  deadline?: number | string;
  prometheus?: string;
  settings?: string;
}

/** Adds the flags of a plan to a command. */
export function withPlanOptions(command: Command): Command {
  return command
    .addOption(new Option("--target <version>", "the version to roll out; by default the newest"))
    .addOption(
      new Option("--strategy <strategy>", "how the target is tried; by default canary").choices(
        Object.values(Strategy),
      ),
    )
    .option("--steps <percents>", "the target's weight in each step, e.g. 5,20,50", numbers)
    .option("--step-weight <percent>", "by how much the weight grows with each step", number)
    .option("--max-weight <percent>", "the last weight before the promotion; with --step-weight", number)
    .option("--exponential <start,factor>", "weights that are multiplied in each step, e.g. 1,2", exponential)
    .option("--hold <duration>", "how long each step is held, e.g. 90s or 5m", duration)
    .option("--mirror <percent>", "first send the target copies of this percentage of requests", number)
    .option(
      "--match <yaml>",
      "requests that go to the target, for ab and blue-green, as in a route's match, e.g. '{headers: {x-user: {exact: test}}}' (repeatable)",
      collected,
    )
    .option("--iterations <count>", "how many times matching requests are held", number)
    .option(
      "--gate <yaml>",
      "add a gate, or replace the one of that name in the config, e.g. '{name: ok, kind: success-rate, min: 99}' (repeatable)",
      collected,
    )
    .option("--interval <duration>", "the time between two evaluations of the gates", duration)
    .option("--failure-threshold <count>", "act after <count> consecutive failed samples of a gate", number)
    .addOption(
      new Option(
        "--on-failure <action>",
        "what to do then: roll back, or pause until a person resumes, aborts or promotes; by default rollBack",
      ).choices(Object.values(OnFailure)),
    )
    .option("--step-deadline <duration>", "how long a step may take", duration)
    .option("--deadline <duration>", "how long the run may take", duration)
    .option("--prometheus <url>", "read metrics from this Prometheus instead of the Envoys")
    .option("--settings <file>", "a YAML file with rollout settings; it overrides the config, and flags override it");
}

/** The settings of a file and of the flags, which go over those of the stack's config. */
export async function overSettings(
  context: StackContext,
  appSelection: AppSelection | undefined,
  options: PlanOptions,
): Promise<RolloutSettings> {
  const fromFile = options.settings === undefined ? {} : await settingsFile(options.settings);
  const config = rolloutOf(await context.config(), appSelection?.prefix);
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
  const { interval, failureThreshold, onFailure, stepDeadline, deadline } = options;
  const limits = omitUndefined({ interval, failureThreshold, onFailure, stepDeadline, deadline });
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
    const settings: unknown = parseYaml(await readFile(path, "utf8"));
    if (!isObject(settings)) {
      throw new Error("expected an object of settings");
    }
    return settings as RolloutSettings;
  } catch (error) {
    throw new UsageError(`Cannot use --settings ${path}: ${(error as Error).message}`);
  }
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) {
    throw new InvalidArgumentError("expected a number.");
  }
  return value;
}

function numbers(text: string): number[] {
  return text.split(",").map(number);
}

function exponential(text: string): { start: number; factor?: number } {
  const [start, factor, ...more] = numbers(text);
  if (more.length > 0) {
    throw new InvalidArgumentError("expected a start and a factor, e.g. 1,2.");
  }
  return factor === undefined ? { start } : { start, factor };
}

/** Seconds as a number, or a text such as `90s`. */
function duration(text: string): number | string {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function collected(text: string, before: unknown[] = []): unknown[] {
  try {
    return [...before, parseYaml(text)];
  } catch (error) {
    throw new InvalidArgumentError(`expected YAML: ${(error as Error).message.split("\n")[0]}`);
  }
}
