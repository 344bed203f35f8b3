import assert from "node:assert/strict";
import { readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cluster } from "../support/cluster";
import { testEngine } from "../support/engine";
import { SOUND, TroubledApp, WITH_THIRD } from "../support/troubledApp";
import { until } from "../support/workload";

describe("a stack's state", function () {
  this.timeout("10m");
  const NAME = "stated";
  let app: TroubledApp;
  let file: string;
  let locks: string;

  before(async () => {
    app = await TroubledApp.start(await testEngine(), NAME);
    const states = join((await cluster()).stateFolder, ".pulumi");
    file = join(states, "stacks", NAME, `${NAME}.json`);
    locks = join(states, "locks", "organization", NAME, NAME);
  });
  beforeEach(() => app.up(SOUND));

  it("belongs to one up at a time: another one is told whose it is, and the first is not disturbed", async () => {
    await app.underLoad(async () => {
      const first = app.up(WITH_THIRD);
      await until("the first has begun", async () => (await readdir(locks).catch(() => [])).length > 0);
      await assert.rejects(app.stack.up(), /currently locked by 1 lock/);
      await first;
    });
    await app.untilServedBy("2.0");
  });

  /**
   * How a file can be cut short; the engine's JSON reader has other words for each, so only what it says before them is
   * asked for.
   */
  const CUTS: [string, (whole: string) => number][] = [
    ["to nothing", () => 0],
    ["in its middle", (whole) => Math.floor(whole.length / 2)],
    ["inside of a word", (whole) => whole.indexOf("false") + 2],
  ];
  for (const [where, cutOf] of CUTS) {
    it(`that is damaged, cut ${where}, is refused, and nothing is changed; its last copy heals`, async () => {
      await app.up({ ...SOUND, weight: 1 });
      await app.up(SOUND);
      await truncate(file, cutOf(await readFile(file, "utf8")));
      assert.match(await app.underLoad(() => app.failingUp({ ...SOUND, weight: 100 })), /failed to load checkpoint/);
      assert.deepEqual(await app.servedBy(), ["1.0"]);
      await writeFile(file, await readFile(`${file}.bak`, "utf8"));
      await app.underLoad(() => app.assertHealed());
      await app.untilServedBy("2.0");
    });
  }

  it("that is out of date is updated by an up with refresh", async () => {
    const yesterday = await app.stack.exportStack();
    await app.up({ ...SOUND, weight: 100 });
    await app.stack.importStack(yesterday);
    await app.underLoad(async () => {
      assert.deepEqual(await app.previewed(), {});
      await app.stack.up({ refresh: true });
      await app.assertHealed();
    });
    await app.untilServedBy("2.0");
  });

  it("that is out of date and lacks a new version adopts it", async () => {
    const yesterday = await app.stack.exportStack();
    await app.up(WITH_THIRD);
    await app.stack.importStack(yesterday);
    await app.underLoad(() => app.assertTakenOver(/deployments\.apps "stated-v3" already exists/));
    await app.untilServedBy("2.0");
  });
});
