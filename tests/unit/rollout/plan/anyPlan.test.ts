import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { CanaryAppArgs } from "../../../../components/canaryAppArgs";
import { APP_ARGUMENTS, checkCanaryApp } from "../../../../components/checkCanaryApp";
import { appArguments } from "../../../../src/config/appConfig";
import type { ConfigValues } from "../../../../src/config/configValues";
import { makePlan } from "../../../../src/rollout/plan/makePlan";
import { NothingToRollOutError } from "../../../../src/rollout/plan/nothingToRollOut";
import type { Plan } from "../../../../src/rollout/plan/plan";
import type { Weights } from "../../../../src/rollout/weights";
import type { RolloutSettings } from "../../../../src/rollout/plan/settings";
import type { AppState } from "../../../../src/rollout/plan/appState";
import { Findings, ValidationError } from "../../../../src/validation/problem";
import { anything, roughly, sharedVersions } from "../../arbitraries";
import { standing } from "./appStates";

const BETA = [{ headers: { "x-beta": { exact: "1" } } }];

/** How any app may stand: any versions and shares, by name or by one number, some routes. */
function appStates(): fc.Arbitrary<AppState> {
  const routes = fc.constantFrom(
    undefined,
    [{}],
    [{ match: BETA, version: "?" }, {}],
    [{ match: [{ uri: { prefix: "/a" } }], timeout: "1s" }],
    [{ match: [{ uri: { exact: "/a" } }], service: { host: "b", port: 80 } }, { match: [{ uri: { regex: "/.+" } }] }],
    [{ redirect: { uri: "/" } }],
    [{ mirrors: [{ version: "?" }] }],
    [{ extra: { match: [] } }],
  );
  return fc
    .tuple(sharedVersions(1, 5), fc.boolean(), fc.oneof(fc.constant(undefined), routes))
    .map(([{ versions, shares }, one, given]) => {
      const named = JSON.parse(JSON.stringify(given ?? null).replaceAll('"?"', JSON.stringify(versions[0]))) as unknown;
      const byNewest = one && versions.length < 3;
      return standing({
        versions: versions.map((name) => ({ name, image: `shop:${name}` })),
        weight: byNewest ? shares[versions[versions.length - 1]] : undefined,
        weights: byNewest ? undefined : shares,
        routes: named ?? undefined,
      });
    });
}

/** Settings as people write them, now and then with a mistake. */
function settings(): fc.Arbitrary<RolloutSettings> {
  const duration = fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom<number | string>(1, 60, "5m", "90s") },
    { weight: 1, arbitrary: fc.constantFrom<number | string>(0, "x") },
  );
  const percent = fc.oneof(
    { weight: 20, arbitrary: fc.integer({ min: 1, max: 100 }) },
    { weight: 1, arbitrary: fc.constantFrom(0, 101) },
  );
  const schedule = fc.oneof(
    fc.constant({}),
    fc
      .uniqueArray(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 5 })
      .map((steps) => ({ steps: steps.sort((a, b) => a - b) })),
    fc.record({ stepWeight: percent, maxWeight: percent }, { requiredKeys: ["stepWeight"] }),
    fc.record({
      exponential: fc.record(
        { start: percent, factor: fc.constantFrom(1.1, 2, 5), maxWeight: percent },
        { requiredKeys: [] },
      ),
    }),
  );
  const strategy = fc.oneof(
    schedule,
    fc
      .tuple(schedule, fc.constantFrom(BETA, [{ uri: { prefix: "/a" } }], [{ sourceLabels: { app: "qa" } }, ...BETA]))
      .map(([steps, match]) => ({ ...steps, match })),
    fc.constantFrom<RolloutSettings>(
      { match: BETA, iterations: 3 },
      { strategy: "ab", match: BETA },
      { strategy: "ab", match: [{ uri: { prefix: "/a" } }], iterations: 2 },
      { strategy: "blue-green", match: BETA },
      { strategy: "blue-green", mirror: {} },
      { strategy: "blue-green" },
    ),
  );
  const rest = fc.record(
    {
      hold: duration,
      mirror: fc.record({ percent, hold: duration }, { requiredKeys: [] }),
      limits: fc.record(
        { stepDeadline: fc.constantFrom("5m", "10m"), deadline: fc.constantFrom("5m", "4h"), interval: duration },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  );
  return fc.tuple(strategy, rest).map((parts) => Object.assign({}, ...parts) as RolloutSettings);
}

/** The shares that a written config asks for. */
function askedBy(config: ConfigValues, { versions }: AppState): Weights {
  const { "shop:weight": weight, "shop:weights": weights } = config as {
    "shop:weight"?: number;
    "shop:weights"?: Weights;
  };
  return (
    weights ??
    (versions.length === 1
      ? { [versions[0]]: 100 }
      : { [versions[0]]: 100 - (weight as number), [versions[1]]: weight as number })
  );
}

describe("any settings in any appState", () => {
  it("give a sound plan, or a ValidationError with the path of each mistake", () => {
    let plans = 0;
    let refusals = 0;
    fc.assert(
      fc.property(settings(), appStates(), (given, appState) => {
        const plan = planned(given, appState);
        if (plan === undefined) {
          refusals++;
        } else {
          plans++;
          assertSound(plan, appState);
        }
      }),
      { numRuns: 1500 },
    );
    assert.ok(plans > 150 && refusals > 150, `${plans} plans, ${refusals} refusals: that proves little`);
  });

  it("do so, whatever they are", () => {
    const rough = roughly({
      target: fc.constant("v2"),
      steps: fc.array(anything()),
      gates: fc.array(roughly({ name: fc.constant("a"), kind: fc.constantFrom("promql", "webhook", "approval") })),
      match: anything(),
      mirror: anything(),
      limits: anything(),
    });
    fc.assert(
      fc.property(fc.oneof(anything(), rough), (given) => void planned(given as RolloutSettings, standing())),
      { numRuns: 1000 },
    );
  });
});

function planned(given: RolloutSettings, appState: AppState): Plan | undefined {
  try {
    return makePlan(given, appState);
  } catch (error) {
    if (error instanceof NothingToRollOutError) {
      return undefined;
    }
    assert.ok(error instanceof ValidationError, error instanceof Error ? error.stack : String(error));
    assert.ok(
      error.problems.length > 0 &&
        error.problems.every(({ path, what, allowed }) => path.startsWith("shop:") && what !== "" && allowed !== ""),
      error.message,
    );
    return undefined;
  }
}

function assertSound(plan: Plan, appState: AppState): void {
  const { target, before, steps, promotion, limits } = plan;
  assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan, "a journal can hold it");
  assert.deepEqual(before.weights, appState.weights);
  assert.ok(steps.length > 0 && steps[0].weights[target] < 100, "there is a step in which gates can judge");
  let last = before.weights;
  for (const step of [...steps, promotion]) {
    assert.deepEqual(askedBy(step.config, appState), step.weights, "the config asks for the step's shares");
    assert.deepEqual(
      Object.keys(step.config),
      Object.keys(before.config),
      "each step writes the same keys, which a rollback puts back",
    );
    assert.equal(
      Object.values(step.weights).reduce((sum, share) => sum + share, 0),
      100,
    );
    assert.ok(Object.values(step.weights).every((share) => Number.isInteger(share) && share >= 0 && share <= 100));
    assert.ok(
      Object.keys(last).every((version) =>
        version === target ? step.weights[version] >= last[version] : step.weights[version] <= last[version],
      ),
      "only the target's share grows",
    );
    last = step.weights;
    const values = {
      ...appState.values,
      ...Object.fromEntries(
        Object.entries(step.config)
          .filter(([, value]) => value !== null)
          .map(([key, value]) => [key.slice("shop:".length), value]),
      ),
    };
    const args = Object.entries(appArguments(values)).filter(([key]) => APP_ARGUMENTS.includes(key));
    const findings = Findings.at();
    checkCanaryApp("shop", Object.fromEntries(args) as unknown as CanaryAppArgs, findings);
    assert.deepEqual(findings.all(), [], "the program takes it");
  }
  assert.equal(promotion.weights[target], 100);
  assert.deepEqual(
    promotion.config["shop:routes"] ?? null,
    before.config["shop:routes"] ?? null,
    "after the promotion the routes are as before",
  );
  if (plan.strategy === "canary" && plan.match !== undefined) {
    const shared = steps.filter(({ trial }) => trial !== "mirrored");
    const [first, ...later] = shared;
    assert.deepEqual(first.weights, before.weights, "testers come before the first share");
    assert.ok(later.length > 0 && shared.every(({ trial }) => trial === "matched"), "and stay until the promotion");
    later.forEach(({ config }) => assert.deepEqual(config["shop:routes"], first.config["shop:routes"]));
    assert.notDeepEqual(first.config["shop:routes"], before.config["shop:routes"]);
    assert.ok(!steps[steps.length - 1].goesOnUndecided, "the last step has to be judged");
  }
  const longest = Math.max(...steps.map(({ holdSeconds }) => holdSeconds));
  assert.ok(
    limits.stepDeadlineSeconds > longest &&
      limits.deadlineSeconds > steps.reduce((sum, { holdSeconds }) => sum + holdSeconds, 0),
  );
}
