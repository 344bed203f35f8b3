import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { StackLock, StackLockedError } from "../../../../src/rollout/runner/stackLock";
import { isAlive, thisProcess } from "../../../../src/rollout/runner/process";

const NOW = Date.UTC(2030, 0, 1);

describe("the lock of a stack", () => {
  let folder: string;
  let file: string;
  let lock: StackLock;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "canary-lock-"));
    file = join(folder, "Pulumi.dev.rollout.lock");
    lock = new StackLock(file, "dev");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function leftBy(holder: object): void {
    writeFileSync(file, JSON.stringify({ run: "old", by: "eve", since: "2029-12-31T00:00:00.000Z", ...holder }));
  }

  it("is acquired by one holder, who is named to the second, and released", () => {
    lock.acquire("one", "ann", NOW, false);
    assert.deepEqual([lock.holder()?.run, lock.holder()?.by, lock.isLocked()], ["one", "ann", true]);
    assert.throws(
      () => new StackLock(file, "dev").acquire("two", "bob", NOW, true),
      (error: Error) => {
        assert.ok(error instanceof StackLockedError);
        assert.match(
          error.message,
          /Stack "dev" is locked by run one of ann \(process \d+ on .+\) since 2030-01-01T00:00:00.000Z/,
        );
        return true;
      },
    );
    lock.release();
    assert.deepEqual(readdirSync(folder), []);
    lock.acquire("two", "bob", NOW, false);
  });

  it("of a process that has ended is taken over when that is wanted, and only then", () => {
    leftBy({ ...thisProcess(), started: "1 an-earlier-boot" });
    assert.equal(lock.isLocked(), false);
    assert.throws(
      () => lock.acquire("two", "bob", NOW, false),
      /its process has ended: continue it with `canary rollout --continue`/,
    );
    lock.acquire("two", "bob", NOW, true);
    assert.equal(lock.holder()?.run, "two");
    assert.deepEqual(readdirSync(folder), ["Pulumi.dev.rollout.lock"]);
  });

  it("of another machine's process is never taken over", () => {
    leftBy({ host: "elsewhere", pid: 1, started: "" });
    assert.throws(
      () => lock.acquire("two", "bob", NOW, true),
      /process 1 on elsewhere.*remove .*rollout\.lock and continue/,
    );
  });

  it("is not given back by someone else", () => {
    leftBy({ host: "elsewhere", pid: process.pid, started: "" });
    lock.release();
    assert.ok(existsSync(file));
  });

  it("of a killed process is taken over by one of many that try at once", async function () {
    this.timeout("60s");
    leftBy({ ...thisProcess(), started: "1 an-earlier-boot" });
    const script = `const { StackLock } = require(${JSON.stringify(resolve("src/rollout/runner/stackLock"))});
      try { new StackLock(${JSON.stringify(file)}, "dev").acquire(process.argv[1], "x", 0, true); console.log("mine"); setTimeout(() => {}, 3000); } catch (error) { console.log(error.name); }`;
    const tries = await Promise.all(
      ["a", "b", "c", "d"].map((name) =>
        promisify(execFile)(process.execPath, ["--require", "tsx/cjs", "-e", script, name]),
      ),
    );
    const said = tries.map(({ stdout }) => stdout.trim()).sort();
    assert.deepEqual(said, ["StackLockedError", "StackLockedError", "StackLockedError", "mine"]);
  });

  it("tells a process from a later one with the same id", async () => {
    assert.equal(isAlive(thisProcess()), true);
    assert.equal(isAlive({ ...thisProcess(), host: "elsewhere" }), undefined);
    assert.equal(isAlive({ ...thisProcess(), started: "1 x" }), false);
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "exit");
    assert.equal(isAlive({ ...thisProcess(), pid: child.pid as number }), false);
  });

  it("that cannot be read is named", () => {
    writeFileSync(file, "{");
    assert.throws(() => lock.holder(), /Cannot read .*rollout\.lock: .*if no run is in progress, remove it/);
    assert.equal(readFileSync(file, "utf8"), "{");
  });
});
