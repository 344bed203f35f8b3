import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  chmodSync,
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { extract, type Header } from "tar-stream";
import { imageReferences, imageTools } from "../../../sandbox/images";
import { writeArchive } from "../../../sandbox/images/archive";
import { Layer } from "../../../sandbox/images/layer";
import { EARLIER_ISTIO, ISTIO } from "../../../sandbox/tools";

interface Entry {
  header: Header;
  content: Buffer;
}

async function untar(source: Readable): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  const reader = extract();
  source.pipe(reader);
  for await (const entry of reader) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    entries.set(entry.header.name, { header: entry.header, content: Buffer.concat(chunks) });
  }
  return entries;
}

const sha256 = (content: Buffer): string => createHash("sha256").update(content).digest("hex");

describe("the image writer", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "image-test-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const written = async (layer: Layer): Promise<Map<string, Entry>> => {
    const file = join(folder, "layer.tar");
    await layer.write(file);
    return untar(createReadStream(file));
  };

  it("keeps content, owners, modes and links, and makes parent folders", async () => {
    const source = join(folder, "program");
    writeFileSync(source, "x".repeat(3_000_000));
    const long = `a/${"long/".repeat(40)}name`;
    const entries = await written(
      new Layer()
        .file("/usr/local/bin/program", source, { mode: 0o755 })
        .content("etc/passwd", "root")
        .directory("tmp", { mode: 0o1777 })
        .directory("/home/me/", { uid: 1337, gid: 42 })
        .symlink("bin/sh", "busybox")
        .content(long, "deep"),
    );
    const of = (name: string): Entry =>
      entries.get(name) ?? assert.fail(`no ${name} in ${[...entries.keys()].join(" ")}`);
    assert.equal(of("usr/local/bin/program").content.length, 3_000_000);
    assert.equal(of("usr/local/bin/program").header.mode, 0o755);
    assert.equal(of("etc/passwd").header.mode, 0o644);
    assert.equal(of("tmp/").header.mode, 0o1777);
    assert.deepEqual([of("home/me/").header.uid, of("home/me/").header.gid], [1337, 42]);
    assert.deepEqual([of("bin/sh").header.type, of("bin/sh").header.linkname], ["symlink", "busybox"]);
    assert.equal(of(long).content.toString(), "deep");
    for (const parent of ["usr/", "usr/local/", "usr/local/bin/", "etc/", "home/", "bin/"])
      assert.equal(of(parent).header.mode, 0o755);
    for (const [name, { header }] of entries) {
      assert.equal(header.mtime?.getTime(), 0, name);
      assert.equal(`${header.uname ?? ""}${header.gname ?? ""}`, "", name);
    }
  });

  it("can be unpacked by the system's own tar", async () => {
    const file = join(folder, "layer.tar");
    await new Layer().content("etc/passwd", "root").symlink("etc/link", "passwd").write(file);
    mkdirSync(join(folder, "out"));
    assert.equal(spawnSync("tar", ["-xf", file, "-C", join(folder, "out")]).status, 0);
    assert.equal(readFileSync(join(folder, "out/etc/link"), "utf8"), "root");
  });

  it("takes a tree as it is, but for what is not wanted", async () => {
    const tree = join(folder, "tree");
    mkdirSync(join(tree, "usr/share/doc/x"), { recursive: true });
    mkdirSync(join(tree, "usr/sbin"));
    writeFileSync(join(tree, "usr/share/doc/x/README"), "");
    writeFileSync(join(tree, "usr/sbin/tool"), "");
    chmodSync(join(tree, "usr/sbin/tool"), 0o4750);
    symlinkSync("tool", join(tree, "usr/sbin/alias"));
    const entries = await written(new Layer().tree(tree, (path) => path !== "usr/share/doc"));
    assert.deepEqual([...entries.keys()], ["usr/", "usr/sbin/", "usr/sbin/alias", "usr/sbin/tool", "usr/share/"]);
    assert.equal(entries.get("usr/sbin/tool")?.header.mode, 0o4750);
  });

  it("follows links to folders, as a running system would", async () => {
    const layer = new Layer()
      .symlink("bin", "usr/bin")
      .symlink("var/run", "/run")
      .content("bin/sh", "x")
      .directory("var/run/secrets");
    assert.deepEqual(
      [...(await written(layer)).keys()],
      ["bin", "run/", "run/secrets/", "usr/", "usr/bin/", "usr/bin/sh", "var/", "var/run"],
    );
    assert.throws(() => new Layer().content("a", "x").content("a/b", "x"), /\/a is not a folder/);
  });

  it("writes the same bytes whatever the order, the time and the owner of the sources", async () => {
    const digests = [];
    for (const [time, reversed] of [
      [0, false],
      [1_000_000, true],
    ] as const) {
      const source = join(folder, `source-${time}`);
      writeFileSync(source, "same");
      utimesSync(source, time, time);
      const add = [
        (l: Layer) => l.file("b/file", source),
        (l: Layer) => l.symlink("a", "b"),
        (l: Layer) => l.content("c", "x"),
      ];
      const layer = (reversed ? add.reverse() : add).reduce((l, f) => f(l), new Layer());
      const archive = join(folder, `${time}.tar`);
      await writeArchive(archive, layer, { "docker.io/library/x:1": { entrypoint: ["/x"], env: { A: "1" } } }, "amd64");
      digests.push(sha256(readFileSync(archive)));
    }
    assert.equal(digests[0], digests[1]);
  });

  it("describes each image truthfully", async () => {
    const archive = join(folder, "image.tar");
    await writeArchive(
      archive,
      new Layer().content("demo", "x"),
      {
        "docker.io/library/demo:1.0": { entrypoint: ["/demo"], env: { VERSION: "1.0" }, user: "65532:65532" },
        "docker.io/library/demo:2.0": { entrypoint: ["/demo"], env: { VERSION: "2.0" }, user: "65532:65532" },
      },
      "amd64",
    );
    const entries = await untar(createReadStream(archive));
    const content = (name: string): Buffer => entries.get(name)?.content ?? assert.fail(name);
    const manifest = JSON.parse(content("manifest.json").toString()) as {
      Config: string;
      RepoTags: string[];
      Layers: string[];
    }[];
    assert.deepEqual(
      manifest.map((image) => image.RepoTags),
      [["docker.io/library/demo:1.0"], ["docker.io/library/demo:2.0"]],
    );
    assert.equal(manifest[0].Layers[0], manifest[1].Layers[0], "the layer is shared");
    const layer = content(manifest[0].Layers[0]);
    assert.deepEqual([...(await untar(Readable.from([layer]))).keys()], ["demo"]);
    const configs = manifest.map(({ Config: name }) => {
      assert.equal(name, `${sha256(content(name))}.json`);
      return JSON.parse(content(name).toString());
    });
    for (const [i, version] of ["1.0", "2.0"].entries()) {
      assert.deepEqual(configs[i].rootfs, { type: "layers", diff_ids: [`sha256:${sha256(layer)}`] });
      assert.deepEqual([configs[i].os, configs[i].architecture], ["linux", "amd64"]);
      assert.equal(configs[i].config.User, "65532:65532");
      assert.deepEqual(configs[i].config.Entrypoint, ["/demo"]);
      assert.ok(configs[i].config.Env.includes(`VERSION=${version}`));
      assert.ok(configs[i].config.Env.some((variable: string) => variable.startsWith("PATH=/")));
    }
    assert.equal(entries.size, 4, "nothing else is in the archive");
  });

  it("reports a source that is not there", async () => {
    const source = join(folder, "gone");
    writeFileSync(source, "x");
    const layer = new Layer().file("x", source);
    rmSync(source);
    await assert.rejects(layer.write(join(folder, "layer.tar")), /ENOENT/);
  });
});

describe("the images", () => {
  it("have the names that pods and Istio's charts ask for", () => {
    assert.deepEqual(imageReferences("demo"), [
      "docker.io/library/canary-demo:1.0",
      "docker.io/library/canary-demo:2.0",
    ]);
    assert.deepEqual(imageReferences("pilot"), [`registry.istio.io/release/pilot:${ISTIO.version}`]);
    assert.deepEqual(imageReferences("proxyv2"), [`registry.istio.io/release/proxyv2:${ISTIO.version}`]);
    assert.deepEqual(imageReferences("pilot-earlier"), [`registry.istio.io/release/pilot:${EARLIER_ISTIO.version}`]);
    assert.deepEqual(imageReferences("proxyv2-earlier"), [
      `registry.istio.io/release/proxyv2:${EARLIER_ISTIO.version}`,
    ]);
  });

  it("ask for no tool that is not in them", () => {
    assert.deepEqual(imageTools(["pause", "coredns", "demo"]), ["pause", "coredns", "demo"]);
    assert.deepEqual(imageTools(["pilot", "proxyv2"]), ["pilot", "pilot-agent", "envoy"]);
    assert.deepEqual(imageTools(["pilot-earlier", "proxyv2-earlier"]), [
      "pilot-earlier",
      "pilot-agent-earlier",
      "envoy-earlier",
    ]);
  });
});
