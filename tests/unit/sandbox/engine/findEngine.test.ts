import assert from "node:assert/strict";
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { PulumiCommand } from "@pulumi/pulumi/automation";
import { providerHome } from "../../../../sandbox/engine/built";
import type { Engine } from "../../../../sandbox/engine/engine";
import { describeEngine, findEngine } from "../../../../sandbox/engine/findEngine";
import { isOlder } from "../../../../sandbox/engine/isOlder";
import { EngineError } from "../../../../sandbox/engine/errors";
import { silentProgress } from "../../../../sandbox/progress";

describe("the engine", () => {
  let folder: string;
  const kept = { ...process.env };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "engine-test-"));
    process.env.PATH = folder;
    process.env.XDG_CACHE_HOME = join(folder, "cache");
    delete process.env.CANARY_ENGINE;
  });
  afterEach(() => {
    for (const name of ["PATH", "XDG_CACHE_HOME", "CANARY_ENGINE"]) {
      if (kept[name] === undefined) delete process.env[name];
      else process.env[name] = kept[name];
    }
    rmSync(folder, { recursive: true, force: true });
  });

  /** A program on PATH that runs the shell script; it logs how it is called. */
  function program(name: string, script: string, path = folder): void {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, name), `#!/bin/sh\necho "${name} $*" >> ${folder}/calls\n${script}\n`);
    chmodSync(join(path, name), 0o755);
  }

  const PULUMI = 'case "$1 $2" in "version "*) echo v3.240.0;; "plugin install") exit 0;; esac';
  const WITHOUT_PROVIDER = 'case "$1" in version) echo v3.240.0;; *) echo no way out >&2; exit 1;; esac';

  describe("on PATH", () => {
    it("is taken with the provider that it has or brings, which is the SDK's", async () => {
      program("pulumi", PULUMI);
      const engine = await findEngine(silentProgress());
      assert.equal(engine.command.version?.version, "3.240.0");
      assert.match(engine.provider, /^4\.\d+\.\d+$/);
      assert.deepEqual([engine.origin, engine.variables], [`on PATH (${folder})`, {}]);
    });

    it("says what is missing, for each way that was tried", async () => {
      await assert.rejects(findEngine(silentProgress(), "path"), (error: Error) => {
        assert.ok(error instanceof EngineError);
        assert.equal(error.message, "There is no Pulumi engine.\n  path: there is no `pulumi` on PATH");
        return true;
      });
      program("pulumi", WITHOUT_PROVIDER);
      await assert.rejects(
        findEngine(silentProgress(), "path"),
        /path: \/\S+\/pulumi has no Kubernetes provider 4\.\d+\.\d+, and cannot bring it \(/,
      );
      program("pulumi", "echo v2.0.0");
      await assert.rejects(findEngine(silentProgress(), "path"), /path: \/\S+\/pulumi is not usable \(/);
    });

    it("says so where the provider beside it does not start", async () => {
      program("pulumi", PULUMI);
      program("pulumi-resource-kubernetes", "exit 1");
      await assert.rejects(
        findEngine(silentProgress(), "path"),
        /pulumi-resource-kubernetes does not say its version \(it ended/,
      );
    });
  });

  it("that the installer has brought is taken, and found by all that is started", async () => {
    const bin = join(folder, "cache/canary-app/pulumi/bin");
    program("pulumi", PULUMI, bin);
    const engine = await findEngine(silentProgress(), "installer");
    assert.equal(engine.origin, `brought by Pulumi's installer (${bin})`);
    assert.deepEqual(engine.variables, { PATH: [bin, folder].join(delimiter) });
  });

  it("comes in the way that the variable forces, or is refused", async () => {
    program("pulumi", PULUMI);
    process.env.CANARY_ENGINE = "path";
    assert.match((await findEngine(silentProgress())).origin, /^on PATH/);
    process.env.CANARY_ENGINE = "download";
    await assert.rejects(
      async () => findEngine(silentProgress()),
      /CANARY_ENGINE is "download"; one of path, installer, build is allowed/,
    );
  });

  it("that is built has a home of its own with the provider in the place that the SDK asks for", () => {
    const tool = {
      name: "pulumi-resource-kubernetes",
      version: "4.25.0",
      dir: join(folder, "4.25.0-abc"),
      path: join(folder, "4.25.0-abc/pulumi-resource-kubernetes"),
    } as const;
    const home = providerHome(tool, "4.32.0");
    assert.equal(home, providerHome(tool, "4.32.0"), "again, though it is there");
    const plugins = join(home, "plugins");
    assert.deepEqual(readdirSync(plugins), ["resource-kubernetes-v4.32.0"]);
    assert.deepEqual(readdirSync(join(plugins, "resource-kubernetes-v4.32.0")), ["pulumi-resource-kubernetes"]);
    assert.ok(lstatSync(join(plugins, "resource-kubernetes-v4.32.0/pulumi-resource-kubernetes")).isSymbolicLink());
    providerHome(tool, "4.34.2");
    assert.equal(readdirSync(plugins).length, 2);
    assert.ok(home.startsWith(join(folder, "cache")), "apart from the user's");
  });

  describe("in words", () => {
    const engine = (provider: string): Engine => ({
      command: { version: "3.274.1" } as unknown as PulumiCommand,
      provider,
      way: "build",
      origin: "built from Go modules",
      variables: {},
    });

    it("is one line where the provider is as new as its SDK", () => {
      assert.equal(
        describeEngine(engine("4.99.0")),
        "Engine: Pulumi 3.274.1 with its Kubernetes provider 4.99.0, built from Go modules.",
      );
    });

    it("says in a second one that the provider is older", () => {
      assert.match(
        describeEngine(engine("4.1.0")),
        /\nThe provider is older than its SDK 4\.\d+\.\d+; docs\/engine\.md says what it does otherwise\.$/,
      );
    });

    it("is compared by numbers", () => {
      for (const [version, than, expected] of [
        ["4.25.0", "4.29.0", true],
        ["4.29.0", "4.29.0", false],
        ["4.100.0", "4.29.0", false],
        ["3.99.9", "4.0.0", true],
        ["4.29.1", "4.29.0", false],
        ["4.29.0-alpha.1+x", "4.29.0", false],
      ] as const) {
        assert.equal(isOlder(version, than), expected, `${version} ${than}`);
      }
    });
  });
});
