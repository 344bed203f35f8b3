import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Place, placeOf } from "../../../../src/rollout/runner/place";
import { thisProcess } from "../../../../src/rollout/runner/process";
import { leave, seize, type Tenant } from "../../../../src/rollout/runner/tenure";
import { StackFolder } from "./stackFolder";
import { VirtualClock } from "./virtualClock";

/** The clock begins with the year 2030. */
const TENANT: Omit<Tenant, "clock"> = { run: "two", by: "ann at home", takeOver: true, ended: ["zero"] };

describe("taking a stack for a run", () => {
  let folder: StackFolder;
  let place: Place;

  beforeEach(async () => {
    folder = new StackFolder();
    place = await placeOf(folder.reference);
  });
  afterEach(() => folder.remove());

  const taken = () => seize(place, { ...TENANT, clock: new VirtualClock() });
  const tags = () => join(folder.path, "bin/tags");
  const tag = (text: string) => folder.write("bin/tags", JSON.stringify({ "canary:run": text }));
  const refuses = (text: string) => folder.write("bin/broken", text);

  it("tells this machine and the backend, and takes both back", async () => {
    assert.equal(await taken(), undefined);
    assert.equal(place.claim.holder()?.run, "two");
    assert.deepEqual(JSON.parse(readFileSync(tags(), "utf8")), {
      "canary:run": "two 2030-01-01T00:00:00.000Z ann at home",
    });
    await leave(place);
    assert.deepEqual([place.claim.holder(), existsSync(tags())], [undefined, false]);
  });

  it("lets something begin while the tag stands to be believed, and at no other time", async () => {
    const clock = new VirtualClock();
    const begun: [tag: boolean, at: number][] = [];
    const meanwhile = () => void begun.push([existsSync(tags()), clock.now()]);
    const start = clock.now();
    await seize(place, { ...TENANT, clock, meanwhile });
    assert.deepEqual(begun, [[true, start]]);
    assert.ok(clock.now() >= start + 5000);
    await leave(place);
    tag("other 2029-12-31T00:00:00.000Z bob at work");
    await assert.rejects(seize(place, { ...TENANT, clock, meanwhile }), /is held by the run other/);
    refuses("error: stack tags are not supported by this backend");
    await seize(place, { ...TENANT, clock, meanwhile });
    assert.equal(begun.length, 1);
  });

  it("is refused while another machine's run has it, and leaves nothing behind", async () => {
    tag("other 2029-12-31T00:00:00.000Z bob at work");
    await assert.rejects(
      taken(),
      /stack "dev" is held by the run other of bob at work since 2029-12-31T00:00:00.000Z; if that run is no more/,
    );
    assert.equal(place.claim.holder(), undefined);
  });

  it("passes over what the backend still says of this run, of one that has ended, and of a killed process's", async () => {
    for (const run of ["two", "zero"]) {
      tag(`${run} 2029-12-31T00:00:00.000Z bob`);
      await taken();
      await leave(place);
    }
    folder.write(
      "Pulumi.dev.rollout.claim",
      JSON.stringify({ run: "killed", by: "bob", since: "", ...thisProcess(), started: "1 x" }),
    );
    tag("killed 2029-12-31T00:00:00.000Z bob");
    await taken();
    assert.equal(place.claim.holder()?.run, "two");
  });

  it("goes on, and says so, where the backend keeps no tags", async () => {
    refuses("error: stack tags are not supported by this backend");
    assert.match((await taken()) ?? "", /other machines are not told of the run: .*tags are not supported/);
  });

  it("is refused where the stack cannot be asked", async () => {
    refuses("error: no stack named 'dev' found");
    await assert.rejects(taken(), /no stack named 'dev' found/);
    assert.equal(place.claim.holder(), undefined);
  });
});
