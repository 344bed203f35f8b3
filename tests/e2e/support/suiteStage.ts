import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { configFile } from "../../../demo/programStack";
import { startLoad } from "../../../demo/load/generator";
import type { Answer } from "../../../demo/load/request";
import { testEngine } from "./engine";
import { resetStage, RolloutChild, type RolloutStage, sharedStage, weightsInCluster } from "./rollouts";

/** Longer than any test takes. */
const LOAD_LIMIT_S = 300;

/** A stage that is there while the tests of a suite run. */
export interface SuiteStage {
  /** Only in tests and hooks. */
  readonly stage: RolloutStage;
  /** What its config file holds now. */
  config(): Promise<string>;
  /** Asserts that cluster and config file are as they were before the first test. */
  assertAsBefore(): Promise<void>;
  /** Whether the config file is not as it was before the first test. */
  isChanged(): Promise<boolean>;
  /** Does something while requests are sent to the app; gives their answers, too. */
  underLoad<T>(perSecond: number, work: () => Promise<T>): Promise<{ result: T; answers: Answer[] }>;
}

/** Declares that the suite that is being declared works on the stage that such suites share. */
export function suiteStage(): SuiteStage {
  let stage: RolloutStage | undefined;
  let configBefore: string;
  const config = () => readFile(configFile(stageThere().name), "utf8");
  const stageThere = () => stage ?? assert.fail("the stage is not there");

  before(async () => {
    stage = await sharedStage(await testEngine());
    configBefore = await config();
  });

  // What one test leaves must not be what the next one fails by.
  afterEach(async function () {
    if (stage !== undefined && this.currentTest?.isFailed()) {
      await RolloutChild.killAll();
      await resetStage(stage);
    }
  });

  return {
    config,
    get stage() {
      return stageThere();
    },
    async assertAsBefore() {
      assert.deepEqual(await weightsInCluster(this.stage.kubectl), { v1: 100 });
      assert.equal(await config(), configBefore);
    },
    isChanged: async () => stage !== undefined && (await config()) !== configBefore,
    async underLoad(perSecond, work) {
      const load = startLoad(perSecond, LOAD_LIMIT_S, { url: this.stage.url });
      try {
        return { result: await work(), answers: await load.stop() };
      } finally {
        await load.stop();
      }
    },
  };
}
