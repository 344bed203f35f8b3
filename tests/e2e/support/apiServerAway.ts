import assert from "node:assert/strict";
import { readdir, readFile, readlink } from "node:fs/promises";
import { pathsOf } from "../../../sandbox/cluster/paths";
import { readState } from "../../../sandbox/cluster/state";
import { SANDBOX } from "./cluster";
import { pause } from "./traffic";

/** Makes the tests' API server unreachable for a while: its process is stopped and goes on afterwards. */
export async function withoutApiServer(seconds: number): Promise<void> {
  const pid = await apiServerPid();
  process.kill(pid, "SIGSTOP");
  try {
    await pause(seconds * 1000);
  } finally {
    process.kill(pid, "SIGCONT");
  }
}

/** The process in the node's PID namespace that is the API server. */
async function apiServerPid(): Promise<number> {
  const node = readState(pathsOf(SANDBOX))?.node?.pid;
  assert.ok(node !== undefined, `the sandbox "${SANDBOX}" is not up`);
  const namespace = await readlink(`/proc/${node}/ns/pid_for_children`);
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const [own, command] = await Promise.all([
      readlink(`/proc/${pid}/ns/pid`),
      readFile(`/proc/${pid}/cmdline`, "utf8"),
    ]).catch(() => ["", ""]);
    if (
      own === namespace &&
      command
        .split("\0")
        .slice(0, 2)
        .some((word) => /(^|\/)kube-apiserver$/.test(word))
    ) {
      return Number(pid);
    }
  }
  return assert.fail(`no API server runs in the sandbox "${SANDBOX}"`);
}
