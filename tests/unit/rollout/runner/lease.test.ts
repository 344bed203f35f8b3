import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openStackContext, type StackContext } from "../../../../src/rollout/runner/stackContext";
import { thisProcess } from "../../../../src/rollout/runner/process";
import { acquire, acquireForOneUp, release, type LeaseHolder } from "../../../../src/rollout/runner/lease";
import { StackFolder } from "./stackFolder";
import { VirtualClock } from "./virtualClock";

/** The clock begins with the year 2030. */
const HOLDER: Omit<LeaseHolder, "clock"> = { run: "two", by: "ann at home", takeOver: true, ended: ["zero"] };

describe("taking a stack for a run", () => {
  let folder: StackFolder;
  let context: StackContext;

  beforeEach(async () => {
    folder = new StackFolder();
    context = await openStackContext(folder.reference);
  });
  afterEach(() => folder.remove());

  const taken = () => acquire(context, { ...HOLDER, clock: new VirtualClock() });
  const tags = () => join(folder.path, "bin/tags");
  const tag = (text: string) => folder.write("bin/tags", JSON.stringify({ "canary:run": text }));
  const refuses = (text: string) => folder.write("bin/broken", text);

  it("tells this machine and the backend, and takes both back", async () => {
    assert.equal(await taken(), undefined);
    assert.equal(context.lock.holder()?.run, "two");
    assert.deepEqual(JSON.parse(readFileSync(tags(), "utf8")), {
      "canary:run": "two 2030-01-01T00:00:00.000Z ann at home",
    });
    await release(context);
    assert.deepEqual([context.lock.holder(), existsSync(tags())], [undefined, false]);
  });

  it("lets something begin while the tag stands to be believed, and at no other time", async () => {
    const clock = new VirtualClock();
    const begun: [tag: boolean, at: number][] = [];
    const meanwhile = () => void begun.push([existsSync(tags()), clock.now()]);
    const start = clock.now();
    await acquire(context, { ...HOLDER, clock, meanwhile });
    assert.deepEqual(begun, [[true, start]]);
    assert.ok(clock.now() >= start + 5000);
    await release(context);
    tag("other 2029-12-31T00:00:00.000Z bob at work");
    await assert.rejects(acquire(context, { ...HOLDER, clock, meanwhile }), /is locked by run other/);
    refuses("error: stack tags are not supported by this backend");
    await acquire(context, { ...HOLDER, clock, meanwhile });
    assert.equal(begun.length, 1);
  });

  it("is refused while another machine's run has it, and leaves nothing behind", async () => {
    tag("other 2029-12-31T00:00:00.000Z bob at work");
    await assert.rejects(
      taken(),
      /Stack "dev" is locked by run other of bob at work since 2029-12-31T00:00:00.000Z; if that run no longer exists/,
    );
    assert.equal(context.lock.holder(), undefined);
  });

  it("passes over what the backend still says of this run, of one that has ended, and of a killed process's", async () => {
    for (const run of ["two", "zero"]) {
      tag(`${run} 2029-12-31T00:00:00.000Z bob`);
      await taken();
      await release(context);
    }
    folder.write(
      "Pulumi.dev.rollout.lock",
      JSON.stringify({ run: "killed", by: "bob", since: "", ...thisProcess(), started: "1 x" }),
    );
    tag("killed 2029-12-31T00:00:00.000Z bob");
    await taken();
    assert.equal(context.lock.holder()?.run, "two");
  });

  it("goes on, and says so, where the backend keeps no tags", async () => {
    refuses("error: stack tags are not supported by this backend");
    assert.match((await taken()) ?? "", /other machines cannot see the lock: .*tags are not supported/);
  });

  it("is given up, tag and all, where the run must not begin any more: nothing has begun then", async () => {
    const begun: string[] = [];
    const verify = async () => {
      begun.push(`looked with ${context.lock.holder()?.run} and ${existsSync(tags()) ? "a tag" : "no tag"}`);
      throw new Error("something has changed");
    };
    const holder = { ...HOLDER, clock: new VirtualClock(), verify, meanwhile: () => void begun.push("up") };
    await assert.rejects(acquire(context, holder), /something has changed/);
    refuses("error: stack tags are not supported by this backend");
    await assert.rejects(acquire(context, holder), /something has changed/);
    assert.deepEqual(begun, ["looked with two and a tag", "looked with two and no tag"]);
    assert.deepEqual([context.lock.holder(), existsSync(tags())], [undefined, false]);
  });

  it("leaves the tag of another that has taken the stack while it was looked whether the run may begin", async () => {
    const other = "other 2029-12-31T00:00:00.000Z bob at work";
    const verify = async () => {
      tag(other);
      throw new Error("something has changed");
    };
    await assert.rejects(acquire(context, { ...HOLDER, clock: new VirtualClock(), verify }), /something has changed/);
    assert.deepEqual(JSON.parse(readFileSync(tags(), "utf8")), { "canary:run": other });
  });

  it("does not wait longer for what was looked at meanwhile", async () => {
    const clock = new VirtualClock();
    const start = clock.now();
    await acquire(context, { ...HOLDER, clock, verify: () => clock.sleep(3000) });
    assert.equal(clock.now() - start, 5000);
  });

  it("is refused where the stack cannot be asked", async () => {
    refuses("error: no stack named 'dev' found");
    await assert.rejects(taken(), /no stack named 'dev' found/);
    assert.equal(context.lock.holder(), undefined);
  });
});

describe("taking a stack for one up", () => {
  let folder: StackFolder;
  let context: StackContext;
  let clock: VirtualClock;

  beforeEach(async () => {
    folder = new StackFolder();
    clock = new VirtualClock();
    context = await openStackContext(folder.reference);
  });
  afterEach(() => folder.remove());

  const taken = () => acquireForOneUp(context, { ...HOLDER, clock });
  const tags = () => join(folder.path, "bin/tags");
  const OTHER = JSON.stringify({ "canary:run": "other 2029-12-31T00:00:00.000Z bob at work" });

  it("does not wait until its tag can be believed", async () => {
    const start = clock.now();
    const giveBack = await taken();
    assert.equal(clock.now(), start);
    assert.deepEqual([context.lock.holder()?.run, existsSync(tags())], ["two", true]);
    await giveBack();
    assert.deepEqual([context.lock.holder(), existsSync(tags())], [undefined, false]);
  });

  it("is refused while another machine's run has it, and leaves nothing behind", async () => {
    folder.write("bin/tags", OTHER);
    await assert.rejects(taken(), /is locked by run other of bob at work .*; if that run no longer exists/);
    assert.deepEqual([context.lock.holder(), readFileSync(tags(), "utf8")], [undefined, OTHER]);
  });

  it("says at its end that another has taken it at the same time, whose tag stays", async () => {
    const giveBack = await taken();
    folder.write("bin/tags", OTHER);
    await assert.rejects(giveBack(), /is locked by run other of bob at work .*; it started at the same time/);
    assert.deepEqual([context.lock.holder(), readFileSync(tags(), "utf8")], [undefined, OTHER]);
  });

  it("is given back, whatever the backend has against it", async () => {
    const giveBack = await taken();
    folder.write("bin/broken", "error: no network");
    await giveBack();
    assert.equal(context.lock.holder(), undefined);
  });

  it("is taken over by the next one where its tag could not be removed", async () => {
    const left = { "canary:run": "two 2030-01-01T00:00:00.000Z ann at home" };
    const giveBack = await taken();
    folder.write("bin/broken", "error: no network");
    await giveBack();
    rmSync(join(folder.path, "bin/broken"));
    assert.deepEqual(JSON.parse(readFileSync(tags(), "utf8")), left);
    assert.deepEqual([context.lock.isLocked(), context.lock.holder()], [false, undefined]);
    context.lock.refuseIfLocked(false);
    const next = { run: "three", by: "ann at home", takeOver: true, ended: [], clock };
    const giveBackNext = await acquireForOneUp(context, next);
    assert.equal(context.lock.holder()?.run, "three");
    await giveBackNext();
    assert.deepEqual([context.lock.left(), existsSync(tags())], [undefined, false]);
  });

  it("is taken over by a run as well, but not where another has the stack since", async () => {
    const giveBack = await taken();
    folder.write("bin/broken", "error: no network");
    await giveBack();
    rmSync(join(folder.path, "bin/broken"));
    const run = { run: "three", by: "ann at home", takeOver: true, ended: [], clock };
    await acquire(context, run);
    assert.equal(context.lock.holder()?.run, "three");
    await release(context);
    folder.write("bin/tags", OTHER);
    await assert.rejects(acquire(context, run), /is locked by run other of bob at work/);
  });

  it("needs no backend that keeps tags", async () => {
    folder.write("bin/broken", "error: stack tags are not supported by this backend");
    await (
      await taken()
    )();
    assert.equal(context.lock.holder(), undefined);
  });
});
