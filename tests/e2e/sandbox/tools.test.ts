import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { ensureImages } from "../../../sandbox/images";
import { plainProgress, silentProgress } from "../../../sandbox/progress";
import { ensureIp, ensureTool, ensureTools, findProgram, nodeEnvironment, toolFolder } from "../../../sandbox/tools";
import { hasDebianPackages } from "../../../sandbox/tools/debian";
import { processesOf } from "./machine";

const canBuild = process.platform === "linux" && findProgram("go") !== undefined;
const hasPackages = process.platform === "linux" && hasDebianPackages();

describe("tools that are really made, in a cache of their own", function () {
  this.timeout(300_000);
  const kept = { ...process.env };
  let home: string;

  before(function () {
    if (canBuild) return;
    console.log("    SKIPPED: building tools needs Linux and Go on PATH");
    this.skip();
  });
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "tools-e2e-"));
    // The compiler's own cache is by default in the same place; it may keep what it has.
    process.env.GOCACHE = spawnSync("go", ["env", "GOCACHE"]).stdout.toString().trim();
    process.env.XDG_CACHE_HOME = home;
  });
  afterEach(() => {
    for (const name of ["XDG_CACHE_HOME", "GOCACHE", "GOFLAGS", "GOWORK", "GOOS", "GOARCH"]) {
      if (kept[name] === undefined) delete process.env[name];
      else process.env[name] = kept[name];
    }
    rmSync(home, { recursive: true, force: true });
  });

  it("are built once, with progress, and run", async () => {
    let said = "";
    const progress = plainProgress({ write: (text: string) => (said += text) });
    const [pause, demo] = await ensureTools(["pause", "demo"], progress);
    assert.match(said, /^building demo: done \(\d+ packages?, /m);
    assert.equal(spawnSync(demo.path, { env: { PORT: "none" } }).status, 2);
    assert.deepEqual(readdirSync(pause.dir), ["pause"], "nothing but the program is kept");
    said = "";
    assert.equal((await ensureTool("demo", progress)).path, demo.path);
    assert.equal(said, "", "the second time there is nothing to say");
  });

  it("do not mind what the person has set for Go", async () => {
    writeFileSync(join(home, "go.work"), "go 1.99\n");
    Object.assign(process.env, {
      GOFLAGS: "-mod=vendor -race",
      GOWORK: join(home, "go.work"),
      GOOS: "windows",
      GOARCH: "386",
    });
    const demo = await ensureTool("demo", silentProgress());
    assert.equal(spawnSync(demo.path, { env: { PORT: "none" } }).status, 2);
  });

  it("are made once if they are asked for twice at the same time", async () => {
    let said = "";
    const progress = plainProgress({ write: (text: string) => (said += text) });
    const [first, second] = await Promise.all([ensureTool("pause", progress), ensureTool("pause", progress)]);
    assert.deepEqual(first, second);
    assert.equal(said.match(/building pause: done/g)?.length, 1);
  });

  it("leave nothing when a signal ends the compiler, and no compiler", async () => {
    // With a build cache of its own there is enough to compile to be interrupted in it.
    const script = `require("${join(__dirname, "../../../sandbox/tools")}").ensureTool("demo", require("${join(__dirname, "../../../sandbox/progress")}").plainProgress(process.stderr))`;
    const child = spawn(process.execPath, ["-r", "tsx/cjs", "-e", script], {
      env: { ...process.env, GOCACHE: join(home, "go-build") },
    });
    let said = "";
    child.stderr.on("data", (data) => (said += data));
    const ended = new Promise<string | null>((resolve) => child.on("close", (_, signal) => resolve(signal)));
    const compiling = (): boolean => processesOf([], new RegExp(`${home}.*go-build`), []).length > 0;
    for (const deadline = Date.now() + 60_000; !(said.includes("building demo …") && compiling());) {
      assert.ok(Date.now() < deadline, said);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    child.kill("SIGTERM");
    assert.equal(await ended, "SIGTERM");
    assert.deepEqual(readdirSync(join(toolFolder("demo"), "..")), []);
    for (const deadline = Date.now() + 5_000; compiling();) {
      assert.ok(Date.now() < deadline, "a compiler is still running");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });

  it("become the same image in another cache, built anew", async () => {
    const digests = [];
    for (const cache of ["one", "two"]) {
      process.env.XDG_CACHE_HOME = join(home, cache);
      const [image] = await ensureImages(["demo"], silentProgress());
      assert.ok(image.archive.startsWith(join(home, cache)));
      digests.push(createHash("sha256").update(readFileSync(image.archive)).digest("hex"));
    }
    assert.equal(digests[0], digests[1]);
  });

  it("come out of Debian packages without installing them", async function () {
    if (!hasPackages) {
      console.log("    SKIPPED: this system has no Debian packages");
      this.skip();
    }
    const installed = (): string => spawnSync("dpkg-query", ["-W"]).stdout.toString();
    const before = installed();
    const { dir, path } = await ensureTool("node-programs", silentProgress());
    assert.equal(installed(), before);
    const env = nodeEnvironment(dir, { PATH: "/usr/bin:/bin" });
    for (const command of [
      ["containerd", "--version"],
      ["runc", "--version"],
      ["ctr", "--version"],
      ["iptables", "--version"],
      ["ip6tables-restore", "--version"],
      ["busybox", "true"],
    ]) {
      const { status, stderr } = spawnSync(command[0], command.slice(1), { env });
      assert.equal(status, 0, `${command.join(" ")}: ${stderr}`);
      assert.ok(findProgram(command[0], env.PATH)?.startsWith(path), `${command[0]} is the one that came with it`);
    }
    for (const plugin of ["bridge", "host-local", "loopback", "portmap"])
      assert.ok(existsSync(join(dir, "cni", plugin)), plugin);
  });

  describe("where the system has neither `ip` nor Python", () => {
    before(function () {
      if (hasPackages) return;
      console.log("    SKIPPED: this system has no Debian packages");
      this.skip();
    });
    beforeEach(() => {
      // All that the system has, but for these.
      const bin = join(home, "bin");
      mkdirSync(bin);
      for (const folder of (kept.PATH ?? "").split(delimiter).filter((path) => existsSync(path))) {
        for (const name of readdirSync(folder).filter(
          (file) => !/^(ip|python\d*(\.\d+)?|pip\d*)$/.test(file) && !existsSync(join(bin, file)),
        )) {
          rmSync(join(bin, name), { force: true });
          symlinkSync(join(folder, name), join(bin, name));
        }
      }
      process.env.PATH = bin;
    });
    afterEach(() => void (process.env.PATH = kept.PATH));

    it("they come out of Debian packages: `ip` works", async () => {
      assert.equal(findProgram("ip"), undefined);
      const { stdout, stderr, status } = spawnSync("ip", ["-oneline", "link", "show", "lo"], {
        env: await ensureIp(silentProgress()),
        encoding: "utf8",
      });
      assert.equal(status, 0, stderr);
      assert.match(stdout, /LOOPBACK/);
    });

    it("and Envoy is fetched, of which nothing but the program is kept", async () => {
      assert.equal(findProgram("python3"), undefined);
      const { dir, path, version } = await ensureTool("envoy", silentProgress());
      assert.deepEqual(readdirSync(dir), ["envoy"]);
      assert.match(
        spawnSync(path, ["--version"], { encoding: "utf8" }).stdout,
        new RegExp(`/${version.replaceAll(".", "\\.")}/`),
      );
    });
  });
});
