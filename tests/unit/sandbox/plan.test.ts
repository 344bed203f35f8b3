import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { parse } from "yaml";
import { subnetOf } from "../../../sandbox/cluster/addresses";
import {
  configurationFiles,
  SHOWN_SETTINGS,
  shownSettingFile,
  writeConfiguration,
} from "../../../sandbox/cluster/configuration";
import { pathsOf } from "../../../sandbox/cluster/paths";
import { makePlan, PRIVATE_FOLDERS, type Plan } from "../../../sandbox/cluster/plan";

const paths = pathsOf("life", "/state");

function plan(): Plan {
  return makePlan({
    name: "life",
    subnet: subnetOf(7),
    paths,
    kube: "/tools/kube",
    containerd: "/tools/containerd",
    environment: { PATH: "/tools:/bin" },
  });
}

function flag(program: string, name: string): string | undefined {
  const command = plan().programs.find((one) => one.name === program)?.command ?? [];
  return command.find((argument) => argument.startsWith(`${name}=`))?.slice(name.length + 1);
}

describe("the plan of a node", () => {
  it("holds every program of a cluster, each with a log of its own and absolute paths", () => {
    const { programs } = plan();
    assert.deepEqual(
      programs.map(({ name }) => name),
      ["containerd", "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy"],
    );
    assert.equal(new Set(programs.map(({ log }) => log)).size, programs.length);
    for (const program of programs) {
      assert.ok(isAbsolute(program.command[0]));
      assert.ok(program.env.includes("PATH=/tools:/bin"));
      // Anything temporary stays in the sandbox's own folder.
      assert.ok(program.env.includes(`TMPDIR=${paths.temporary}`));
    }
  });

  it("is made of fields that the supervisor knows, and of no other", () => {
    const source = readFileSync(join(__dirname, "../../../sandbox/go/kube/supervise/plan.go"), "utf8");
    const known = new Set([...source.matchAll(/`json:"(\w+)/g)].map((match) => match[1]));
    const used = new Set<string>();
    JSON.stringify(plan(), (key, value: unknown) => {
      if (key !== "" && !/^\d+$/.test(key)) used.add(key);
      return value;
    });
    assert.deepEqual(
      [...used].filter((field) => !known.has(field)),
      [],
    );
  });

  it("starts nothing that speaks over the network before there is one", () => {
    const waits = new Map(plan().programs.map(({ name, after }) => [name, JSON.stringify(after)]));
    assert.equal(waits.get("containerd"), "[]");
    assert.match(waits.get("etcd") ?? "", /"\/state\/life\/prepared"/);
    assert.match(waits.get("kube-apiserver") ?? "", /127\.0\.0\.1:2379/);
    for (const name of ["kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy"])
      assert.match(waits.get(name) ?? "", /10\.77\.7\.2:6443\/readyz/);
    assert.match(waits.get("kubelet") ?? "", /containerd\.sock/);
  });

  it("has volume plugins looked for in the sandbox's own folder, which else would be made on the machine", () => {
    assert.equal(flag("kube-controller-manager", "--flex-volume-plugin-dir"), "/state/life/kubelet/volume-plugins");
  });

  it("lets etcd answer to the API server only, by certificate", () => {
    assert.equal(flag("etcd", "--listen-client-urls"), "https://127.0.0.1:2379");
    assert.ok(
      plan()
        .programs.find(({ name }) => name === "etcd")
        ?.command.includes("--client-cert-auth"),
    );
    assert.equal(flag("kube-apiserver", "--etcd-servers"), "https://127.0.0.1:2379");
    assert.equal(flag("kube-apiserver", "--etcd-certfile"), "/state/life/credentials/pki/apiserver-etcd-client.crt");
  });

  it("keeps the machine's mounts out of reach, and hides what would be written by fixed paths", () => {
    const { mounts } = plan();
    assert.deepEqual(mounts.slice(0, 2), [
      { kind: "propagation", target: "/", propagation: "rslave" },
      { kind: "propagation", target: "/", propagation: "rshared" },
    ]);
    const empty = mounts.flatMap((mount) => (mount.kind === "tmpfs" ? [mount.target] : []));
    assert.deepEqual(empty, [...PRIVATE_FOLDERS]);
    // A bind below one of them must come after it.
    for (const [i, mount] of mounts.entries()) {
      if (mount.kind !== "bind") continue;
      const parent = mounts.findIndex((other) => other.kind === "tmpfs" && mount.target.startsWith(`${other.target}/`));
      assert.ok(parent < i, mount.target);
    }
  });

  it("shows the kubelet the kernel settings it wants instead of letting it change them", () => {
    const folder = mkdtempSync(join(tmpdir(), "sandbox-plan-"));
    try {
      const own = pathsOf("life", folder);
      writeConfiguration({ name: "life", paths: own, cniFolder: "/tools/cni", pauseImage: "pause:1" });
      const binds = makePlan({
        name: "life",
        subnet: subnetOf(7),
        paths: own,
        kube: "/k",
        containerd: "/c",
        environment: {},
      }).mounts;
      for (const [setting, value] of Object.entries(SHOWN_SETTINGS)) {
        const bind = binds.find((mount) => mount.kind === "bind" && mount.target === `/proc/sys/${setting}`);
        assert.deepEqual(bind, {
          kind: "bind",
          source: shownSettingFile(own, setting),
          target: `/proc/sys/${setting}`,
          readOnly: true,
        });
        assert.equal(readFileSync(shownSettingFile(own, setting), "utf8"), `${value}\n`);
      }
      const kubelet = parse(readFileSync(configurationFiles(own).kubelet, "utf8")) as Record<string, unknown>;
      assert.equal(kubelet.protectKernelDefaults, true);
      assert.equal(kubelet.cgroupRoot, "/canary-sandbox-life");
      assert.equal(kubelet.imageGCHighThresholdPercent, 100);
      assert.match(readFileSync(configurationFiles(own).containerd, "utf8"), /sandbox_image = "pause:1"/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
