import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shortcomings, type Machine } from "../../../sandbox/cluster/preflight";

const HIERARCHIES = ["cpu", "cpuacct", "cpuset", "devices", "freezer", "memory", "pids"];
const MOUNTINFO = HIERARCHIES.map(
  (name, i) => `${i} 1 0:${i} / /sys/fs/cgroup/${name} rw - cgroup cgroup rw,${name}`,
).join("\n");
/** A folder with `ip`, `nsenter`, `unshare` and `mount`. */
let programs: string;

function machine(changes: Partial<Machine> = {}): Machine {
  return {
    system: "linux",
    processor: "x64",
    userId: 0,
    path: programs,
    packages: true,
    bridged: true,
    folders: [
      { variable: "XDG_STATE_HOME", path: "/home/me/.local/state/canary-sandbox" },
      { variable: "XDG_CACHE_HOME", path: "/home/me/.cache/canary-sandbox" },
    ],
    mountinfo: MOUNTINFO,
    controllers: [],
    socket: "/home/me/.local/state/canary-sandbox/canary/containerd.sock.ttrpc",
    ...changes,
  };
}

describe("what a machine lacks for a sandbox", () => {
  beforeEach(() => {
    programs = mkdtempSync(join(tmpdir(), "sandbox-preflight-"));
    for (const name of ["ip", "nsenter", "unshare", "mount"]) {
      writeFileSync(join(programs, name), "");
      chmodSync(join(programs, name), 0o755);
    }
  });
  afterEach(() => rmSync(programs, { recursive: true }));

  it("is nothing on a machine that has all", () => {
    assert.deepEqual(shortcomings(machine()), []);
  });

  it("is one thing on another system or processor: nothing else would help there", () => {
    const mac = shortcomings(machine({ system: "darwin", userId: 501, path: "", mountinfo: "" }));
    assert.equal(mac.length, 1);
    assert.match(mac[0], /Linux only; this is darwin.*own/s);
    assert.match(shortcomings(machine({ processor: "riscv64" }))[0], /riscv64/);
  });

  it("is named together, with what to do about each", () => {
    const found = shortcomings(machine({ userId: 1000, path: "/nowhere", packages: false, mountinfo: "" }));
    assert.equal(found.length, 3);
    assert.match(found[0], /root only.*sudo -E/);
    assert.match(found[1], /ip, nsenter, unshare, mount.*iproute2, util-linux/);
    assert.match(found[2], /No cgroups are mounted/);
  });

  it("is not a program that Debian's packages have, nor one that is not needed", () => {
    rmSync(join(programs, "ip"));
    assert.deepEqual(shortcomings(machine()), []);
    assert.deepEqual(shortcomings(machine({ packages: false })), [
      "Not on PATH: ip. Install the packages they are in (mostly called iproute2).",
    ]);
    assert.deepEqual(shortcomings(machine({ bridged: false })), [
      "Not on PATH: modprobe. Install the packages they are in (mostly called kmod).",
    ]);
  });

  it("is a controller that the kubelet needs", () => {
    const first = MOUNTINFO.split("\n")
      .filter((line) => !line.includes("/pids "))
      .join("\n");
    assert.match(shortcomings(machine({ mountinfo: first }))[0], /version 1\) lack the controllers pids/);
    const second = "31 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw";
    assert.deepEqual(
      shortcomings(machine({ mountinfo: second, controllers: ["cpu", "cpuset", "io", "memory", "pids"] })),
      [],
    );
    assert.match(
      shortcomings(machine({ mountinfo: second, controllers: ["cpu", "pids"] }))[0],
      /version 2\) lack the controllers cpuset, memory/,
    );
  });

  it("is a folder that the node would not see, and the variable that moves it", () => {
    const folders = [{ variable: "XDG_STATE_HOME", path: "/var/lib/jenkins/.local/state/canary-sandbox" }];
    assert.match(shortcomings(machine({ folders }))[0], /\/var\/lib of its own: set XDG_STATE_HOME/);
    assert.deepEqual(shortcomings(machine({ folders: [{ variable: "XDG_STATE_HOME", path: "/var/library" }] })), []);
  });

  it("is a path too long for a socket", () => {
    assert.match(
      shortcomings(machine({ socket: `/${"x".repeat(107)}` }))[0],
      /longer path than the kernel allows \(107 bytes\)/,
    );
    assert.deepEqual(shortcomings(machine({ socket: `/${"x".repeat(106)}` })), []);
  });
});
