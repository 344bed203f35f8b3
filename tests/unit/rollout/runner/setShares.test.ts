import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PlanOutdatedError } from "../../../../src/rollout/runner/planBasis";
import { planShares, setShares } from "../../../../src/rollout/runner/setShares";
import { StackFolder } from "./stackFolder";

const CONFIG = `config:
  shop:appName: shop
  shop:versions: [{ name: v1, image: "shop:1" }, { name: v2, image: "shop:2" }]
  shop:weight: 0
`;

describe("shares set by hand", function () {
  this.timeout("2m");
  let folder: StackFolder;

  beforeEach(() => (folder = new StackFolder(CONFIG)));
  afterEach(() => folder.remove());

  const config = () => readFileSync(join(folder.path, "Pulumi.dev.yaml"), "utf8");
  const set = (wanted: Parameters<typeof setShares>[1]) =>
    setShares(folder.reference, wanted, new AbortController().signal).then(
      () => assert.fail("the stand-in's `up` fails"),
      (error: Error) => error,
    );

  it("are those that were planned", async () => {
    const { basis, ...change } = await planShares(folder.reference, 25);
    assert.deepEqual(change, {
      app: "shop",
      versions: ["v1", "v2"],
      before: { v1: 100, v2: 0 },
      after: { v1: 75, v2: 25 },
      config: { "shop:weight": 25 },
    });
    assert.equal(basis.config.text, CONFIG);
    await set({ ...change, basis });
    assert.equal(config(), CONFIG.replace("weight: 0", "weight: 25"));
  });

  it("are refused if the config has changed since they were planned, and the config stays", async () => {
    const planned = await planShares(folder.reference, 25);
    const changed = CONFIG.replace("weight: 0", "weight: 50");
    folder.write("Pulumi.dev.yaml", changed);
    const error = await set(planned);
    assert.ok(error instanceof PlanOutdatedError, error.message);
    assert.match(error.message, /^Pulumi\.dev\.yaml has changed since it was planned \(shop:weight\)\. /);
    assert.equal(config(), changed);
    assert.ok(!existsSync(join(folder.path, "Pulumi.dev.rollout.lock")));
  });

  it("leave the config as it is where they were cancelled before", async () => {
    const ending = new AbortController();
    ending.abort();
    await assert.rejects(setShares(folder.reference, 25, ending.signal), /cancelled before anything was changed/);
    assert.equal(config(), CONFIG);
    assert.ok(!existsSync(join(folder.path, "Pulumi.dev.rollout.lock")));
  });

  it("need no plan, and may be those of versions that are named as a plan's parts are", async () => {
    const named = CONFIG.replace("name: v2", "name: basis");
    folder.write("Pulumi.dev.yaml", named);
    await set({ v1: 90, basis: 10 });
    assert.equal(config(), named.replace("weight: 0", "weight: 10"));
  });
});
