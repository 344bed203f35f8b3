import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { disableControllers, hierarchiesOf, makeCgroups } from "../../../sandbox/cluster/cgroups";
import { changesOfOthers, Journal, type Change } from "../../../sandbox/cluster/journal";
import { raise, restoreSetting } from "../../../sandbox/cluster/settings";

describe("the journal of changes to the machine", () => {
  let folder: string;
  let setting: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sandbox-journal-"));
    setting = join(folder, "max_user_instances");
    writeFileSync(setting, "128\n");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function journalOf(name: string): Journal {
    mkdirSync(join(folder, name), { recursive: true });
    return Journal.open(join(folder, name, "journal.json"));
  }

  function value(): string {
    return readFileSync(setting, "utf8").trim();
  }

  function putBack(name: string): void {
    const journal = journalOf(name);
    for (const change of journal.changes) {
      if (change.kind === "setting") restoreSetting(change, changesOfOthers(name, folder));
      journal.forget(change);
    }
  }

  it("has an entry on the disk as soon as it is recorded, once", () => {
    const change: Change = { kind: "device", name: "sb-one" };
    const journal = journalOf("one");
    journal.record(change);
    assert.deepEqual(journalOf("one").changes, [change]);
    journal.record({ ...change });
    assert.equal(journalOf("one").changes.length, 1);
    journal.forget(change);
    assert.deepEqual(journalOf("one").changes, []);
  });

  it("notes a change before it is made: a failed change is in it", () => {
    const journal = journalOf("one");
    const tree = { version: 1, mounts: [join(folder, "a file", "in the way")] } as const;
    writeFileSync(join(folder, "a file"), "");
    assert.throws(() => makeCgroups("group", journal, tree));
    assert.deepEqual(journalOf("one").changes, [
      { kind: "cgroup", path: join(folder, "a file", "in the way", "group") },
    ]);
  });

  it("raises a setting that is too low, and puts it back", () => {
    raise(setting, 1024, journalOf("one"), []);
    assert.equal(value(), "1024");
    putBack("one");
    assert.equal(value(), "128");
  });

  it("leaves a setting alone that is high enough", () => {
    writeFileSync(setting, "4096\n");
    raise(setting, 1024, journalOf("one"), []);
    assert.deepEqual(journalOf("one").changes, []);
    assert.equal(value(), "4096");
  });

  for (const order of [
    ["one", "two"],
    ["two", "one"],
  ]) {
    it(`puts a setting back with the last sandbox that needs it (${order.join(" before ")})`, () => {
      raise(setting, 1024, journalOf("one"), changesOfOthers("one", folder));
      raise(setting, 1024, journalOf("two"), changesOfOthers("two", folder));
      putBack(order[0]);
      assert.equal(value(), "1024");
      putBack(order[1]);
      assert.equal(value(), "128");
    });
  }

  it("knows the first value even if the change was noted but not made before a kill", () => {
    const journal = journalOf("one");
    journal.record({ kind: "setting", file: setting, before: "128", value: "1024" });
    raise(setting, 1024, journalOf("one"), []);
    assert.equal(value(), "1024");
    putBack("one");
    assert.equal(value(), "128");
  });

  it("does not undo what somebody else has set since", () => {
    raise(setting, 1024, journalOf("one"), []);
    writeFileSync(setting, "8192\n");
    putBack("one");
    assert.equal(value(), "8192");
  });

  it("switches off only the controllers that no other sandbox needs", () => {
    const file = join(folder, "cgroup.subtree_control");
    writeFileSync(file, "");
    const change = { kind: "controllers", file, names: ["cpuset", "hugetlb"] } as const;
    disableControllers(change, [{ kind: "controllers", file, names: ["hugetlb"] }]);
    assert.equal(readFileSync(file, "utf8"), "-cpuset");
  });

  it("makes cgroups in every hierarchy, and fills the processors of version 1's", () => {
    const mounts = ["cpuset", "memory"].map((name) => join(folder, name));
    for (const mount of mounts) mkdirSync(mount);
    writeFileSync(join(mounts[0], "cpuset.cpus"), "0-1\n");
    writeFileSync(join(mounts[0], "cpuset.mems"), "0\n");
    const entrances = makeCgroups("group", journalOf("one"), { version: 1, mounts });
    assert.deepEqual(
      entrances,
      mounts.map((mount) => join(mount, "group", "node", "cgroup.procs")),
    );
    assert.equal(readFileSync(join(mounts[0], "group", "node", "cpuset.cpus"), "utf8"), "0-1\n");
    assert.ok(existsSync(join(mounts[1], "group", "node")));
    assert.ok(!existsSync(join(mounts[1], "group", "cpuset.cpus")));
  });

  it("switches version 2's controllers on, and notes those it switched on in the root", () => {
    const mount = join(folder, "cgroup");
    const top = join(mount, "group");
    mkdirSync(top, { recursive: true });
    for (const at of [mount, top]) writeFileSync(join(at, "cgroup.controllers"), "cpuset cpu io memory pids rdma\n");
    writeFileSync(join(mount, "cgroup.subtree_control"), "cpu memory pids\n");
    const journal = journalOf("one");
    makeCgroups("group", journal, { version: 2, mounts: [mount] });
    assert.deepEqual(journal.changes, [
      { kind: "controllers", file: join(mount, "cgroup.subtree_control"), names: ["cpuset", "io"] },
      { kind: "cgroup", path: top },
    ]);
    // A plain file keeps the last write only; the kernel's adds up.
    assert.equal(readFileSync(join(top, "cgroup.subtree_control"), "utf8"), "+pids");
  });

  it("tells the versions of cgroups apart", () => {
    const first =
      "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n";
    const both = `${first}41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n`;
    const second = "31 23 0:28 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw\n";
    assert.deepEqual(hierarchiesOf(first), { version: 1, mounts: ["/sys/fs/cgroup/cpu,cpuacct"] });
    assert.deepEqual(hierarchiesOf(both), {
      version: 1,
      mounts: ["/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/unified"],
    });
    assert.deepEqual(hierarchiesOf(second), { version: 2, mounts: ["/sys/fs/cgroup"] });
    assert.throws(() => hierarchiesOf("22 27 0:21 / /proc rw - proc proc rw\n"), /No cgroups are mounted/);
  });
});
