import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { silentProgress } from "../../../sandbox/progress";
import { cached, cacheFolder, entryFolder, type CacheEntry } from "../../../sandbox/tools/cache";
import { findProgram } from "../../../sandbox/tools";
import { isAlive, thisProcess } from "../../../sandbox/tools/process";

describe("the cache of what is built", function () {
  this.timeout(60_000);
  const entry: CacheEntry = { kind: "tools", name: "slow", version: "1", inputs: ["a"] };
  const before = process.env.XDG_CACHE_HOME;
  let home: string;
  let journal: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "cache-test-"));
    journal = join(home, "journal");
    writeFileSync(journal, "");
    process.env.XDG_CACHE_HOME = home;
  });
  afterEach(() => {
    rmSync(home, { recursive: true, force: true });
    if (before === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = before;
  });

  const shelf = (): string => join(entryFolder(entry), "..");
  const onShelf = (): string[] => (existsSync(shelf()) ? readdirSync(shelf()).sort() : []);
  const inJournal = (word: string): number[] =>
    readFileSync(journal, "utf8")
      .split("\n")
      .filter((line) => line.startsWith(`${word} `))
      .map((line) => Number(line.split(" ")[1]));

  function maker(seconds: number): {
    process: ChildProcess;
    ended: Promise<{ code: number | null; signal: string | null; out: string; err: string }>;
  } {
    const child = spawn(process.execPath, ["-r", "tsx/cjs", join(__dirname, "makeEntry.ts"), journal, String(seconds)]);
    let out = "";
    let err = "";
    child.stdout.on("data", (data) => (out += data));
    child.stderr.on("data", (data) => (err += data));
    return {
      process: child,
      ended: new Promise((resolve) => child.on("close", (code, signal) => resolve({ code, signal, out, err }))),
    };
  }

  async function until(what: string, holds: () => boolean): Promise<void> {
    for (const deadline = Date.now() + 20_000; !holds();) {
      assert.ok(Date.now() < deadline, `not seen: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  const isGone = (pid: number): boolean => !existsSync(`/proc/${pid}`);

  it("makes an entry once, and keeps it under a name of its version", async () => {
    let made = 0;
    const make = async (folder: string): Promise<void> => {
      made += 1;
      writeFileSync(join(folder, "file"), "content");
    };
    const folder = await cached(entry, silentProgress(), make);
    assert.equal(await cached(entry, silentProgress(), make), folder);
    assert.equal(made, 1);
    assert.match(basename(folder), /^1-[0-9a-f]{12}$/);
    assert.deepEqual(onShelf(), [basename(folder)]);
  });

  it("has another folder for other inputs, wherever they are cut", () => {
    const folders = [["a", "b"], ["ab"], ["a", "c"], ["b", "a"], []].map((inputs) => entryFolder({ ...entry, inputs }));
    assert.equal(new Set(folders).size, folders.length);
  });

  it("leaves nothing when making fails, and can be tried again", async () => {
    await assert.rejects(
      cached(entry, silentProgress(), async (folder) => {
        writeFileSync(join(folder, "half"), "");
        throw new Error("no such luck");
      }),
      /no such luck/,
    );
    assert.deepEqual(onShelf(), []);
    assert.ok(existsSync(await cached(entry, silentProgress(), async () => {})));
  });

  it("leaves nothing when SIGTERM ends it, and takes its children with it", async () => {
    const { process: child, ended } = maker(600);
    await until("the child", () => inJournal("child").length === 1);
    child.kill("SIGTERM");
    assert.equal((await ended).signal, "SIGTERM");
    assert.deepEqual(onShelf(), []);
    await until("the child's end", () => isGone(inJournal("child")[0]));
  });

  it("leaves only a temporary folder when it is killed, which the next one removes", async () => {
    const { process: child, ended } = maker(600);
    await until("the child", () => inJournal("child").length === 1);
    child.kill("SIGKILL");
    await ended;
    assert.ok(!existsSync(entryFolder(entry)));
    assert.ok(onShelf().some((name) => name.includes(".tmp-")));
    if (findProgram("setpriv")) await until("the child's end", () => isGone(inJournal("child")[0]));
    const next = await maker(0).ended;
    assert.equal(next.code, 0, next.err);
    assert.deepEqual(onShelf(), [basename(entryFolder(entry))]);
    assert.deepEqual(readdirSync(entryFolder(entry)).sort(), ["half", "whole"]);
  });

  it("does not touch the temporary folder of a process that is alive", async () => {
    const { pid, startedAt } = thisProcess();
    const other = `${entryFolder({ ...entry, inputs: ["b"] })}.tmp-${pid}-${startedAt}-abcdef`;
    mkdirSync(other, { recursive: true });
    await cached(entry, silentProgress(), async () => {});
    assert.ok(existsSync(other));
  });

  it("lets a second process wait for the first, and says so", async () => {
    const first = maker(1.5);
    await until("the first", () => inJournal("making").length === 1);
    const second = await maker(0).ended;
    const { code, out } = await first.ended;
    assert.equal(code, 0);
    assert.equal(second.code, 0, second.err);
    assert.equal(second.out, out);
    assert.deepEqual(inJournal("making"), [first.process.pid]);
    assert.match(
      second.err,
      new RegExp(`waiting for another process: making slow 1 \\(process ${first.process.pid}\\)`),
    );
  });

  it("knows the living from the dead", () => {
    assert.ok(isAlive(thisProcess()));
    assert.ok(!isAlive({ ...thisProcess(), startedAt: "1" }));
  });

  it("is where XDG says, and in the home folder where it says nothing usable", () => {
    assert.equal(cacheFolder({ XDG_CACHE_HOME: "/x" }), "/x/canary-sandbox");
    assert.match(cacheFolder({}), /\/\.cache\/canary-sandbox$/);
    assert.equal(cacheFolder({ XDG_CACHE_HOME: "relative" }), cacheFolder({}));
  });
});
