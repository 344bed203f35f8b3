import type { Context, Hook, Suite } from "mocha";
import { endLeftChildren } from "./children";
import { clusterGround, endCluster, isClusterInUse, isClusterThere } from "./cluster";

/** Before each suite the ground is cleared; the cluster that they share is taken down after the last of them. */
export const mochaHooks = {
  beforeAll(this: Context): void {
    const suites = this.test?.parent?.suites ?? [];
    suites.forEach((suite, index) => runFirst(suite, () => prepareGround(suites[index - 1])));
  },
  afterAll: endCluster,
};

/** Has a suite begin with this, before the hooks that it has itself. */
function runFirst(suite: Suite, prepare: () => Promise<void>): void {
  suite.beforeAll("the ground", prepare);
  const hooks = hooksOf(suite, "beforeAll");
  hooks.unshift(...hooks.splice(-1));
}

/** A suite's own hooks of a kind; mocha's types do not know of it. */
function hooksOf(suite: Suite, kind: (typeof HOOKS)[number]): Hook[] {
  return (suite as Suite & { getHooks(kind: string): Hook[] }).getHooks(kind);
}

const HOOKS = ["beforeAll", "beforeEach", "afterEach", "afterAll"] as const;

/**
 * What a suite shares with others is made anew after one that failed: it may be what failed, or be left half changed.
 */
async function prepareGround(previous?: Suite): Promise<void> {
  endLeftChildren();
  if (previous === undefined ? await isClusterThere() : isClusterInUse()) {
    const ground = await clusterGround();
    await (previous !== undefined && hasPassed(previous) ? ground.clear() : ground.clearAltogether());
  }
}

/** Whether all of a suite's tests have passed or been skipped, and all of its hooks have ended well. */
function hasPassed(suite: Suite): boolean {
  const hooks = HOOKS.flatMap((kind) => hooksOf(suite, kind));
  const passed = suite.tests.every((test) => test.isPassed() || test.isPending());
  return passed && !hooks.some((hook) => hook.isFailed()) && suite.suites.every(hasPassed);
}
