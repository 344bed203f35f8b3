import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AbortedError } from "../../../sandbox/cluster/errors";
import { oneAtATime } from "../../../sandbox/cluster/commandLock";
import { silentProgress, type Progress } from "../../../sandbox/progress";

const linuxOnly = process.platform === "linux" ? describe : describe.skip;

linuxOnly("the lock on a sandbox", () => {
  const name = `test-${process.pid}`;

  function listening(): { lines: string[]; progress: Progress } {
    const lines: string[] = [];
    return { lines, progress: { ...silentProgress(), line: (text) => void lines.push(text) } };
  }

  it("makes the second wait, tells it for whom, and lets it in at once", async () => {
    const order: string[] = [];
    const release = await oneAtATime(name, "up", silentProgress());
    const { lines, progress } = listening();
    const second = oneAtATime(name, "down", progress).then((letGo) => {
      order.push("second");
      return letGo;
    });
    await sleep(60);
    order.push("first lets go");
    const began = Date.now();
    release();
    (await second)();
    assert.ok(Date.now() - began < 1000);
    assert.deepEqual(order, ["first lets go", "second"]);
    assert.deepEqual(lines, [`Waiting for another command on "${name}" to end: up (process ${process.pid}).`]);
  });

  it("lets one in after the other when many want it", async () => {
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 6 }, async () => {
        const release = await oneAtATime(name, "up", silentProgress());
        most = Math.max(most, ++inside);
        await sleep(5);
        inside--;
        release();
      }),
    );
    assert.equal(most, 1);
  });

  it("is free when its holder is killed", async function () {
    this.timeout(60_000);
    const script = `require(${JSON.stringify(join(__dirname, "../../../sandbox/cluster/commandLock.ts"))})
      .oneAtATime(${JSON.stringify(name)}, "up", { line() {} }).then(() => { console.log("held"); setInterval(() => {}, 1000); });`;
    const holder = spawn(process.execPath, ["--require", "tsx/cjs", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(holder.stdout, "data");
    const { lines, progress } = listening();
    const mine = oneAtATime(name, "down", progress);
    await sleep(100);
    holder.kill("SIGKILL");
    (await mine)();
    assert.equal(lines.length, 1);
    assert.ok(lines[0].includes(`process ${holder.pid}`));
  });

  it("can be given up", async () => {
    const release = await oneAtATime(name, "up", silentProgress());
    const abort = new AbortController();
    const waiting = oneAtATime(name, "up", silentProgress(), abort.signal);
    setTimeout(() => abort.abort(), 20);
    await assert.rejects(waiting, AbortedError);
    release();
  });
});
