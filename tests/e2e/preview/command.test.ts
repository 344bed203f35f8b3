import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PreviewReport } from "../../../src/preview/report/previewReport";
import { clusterGround } from "../support/cluster";
import { testEngine } from "../support/engine";
import { type SharedMesh, sharedMesh } from "../support/mesh";
import { canary, type CommandEnd, pulumi } from "../support/repositoryStacks";
import { ThrowawayRepository } from "../support/throwawayRepository";

const STACK = "preview-command";
const APP = "previewed-by-command";
const NOWHERE = { KUBECONFIG: join(__dirname, "../support/nowhere.kubeconfig") };
const AT_FIRST = { v1: 75, v2: 25 };

/** What may be nowhere but in the encrypted config and in the cluster. */
const SECRETS = { token: "s3cret-token-of-the-app", image: "docker.io/library/canary-demo:s3cret-tag" };

describe("the commands canary preview and canary render", function () {
  this.timeout("20m");
  let mesh: SharedMesh;
  let repository: ThrowawayRepository;
  const call = (args: readonly string[], more?: NodeJS.ProcessEnv): Promise<CommandEnd> =>
    canary(repository, STACK, args, more);
  const ends = async (code: number, args: readonly string[], more?: NodeJS.ProcessEnv): Promise<string> => {
    const end = await call(args, more);
    assert.equal(end.code, code, `${args.join(" ")}: ${end.stdout}${end.stderr}`);
    return end.stdout + end.stderr;
  };
  const pack = () => join(repository.clone, "node_modules/canary-app/bin/policy-pack");

  /** All that a preview could have changed. */
  async function everything(): Promise<unknown> {
    const kinds = "all,serviceaccounts,virtualservices,destinationrules,gateways,configmaps";
    const { items } = JSON.parse(await mesh.kubectl.run("get", kinds, "-n", APP, "-o", "json")) as {
      items: { kind: string; metadata: { name: string; generation?: number; uid: string } }[];
    };
    const { deployment } = JSON.parse(await pulumi(repository, STACK, "stack", "export"));
    return {
      objects: items
        .map(({ kind, metadata: { name, generation, uid } }) => `${kind} ${name} ${generation} ${uid}`)
        .sort(),
      resources: deployment.resources,
      status: await repository.git("status", "--porcelain"),
    };
  }

  before(async () => {
    mesh = await sharedMesh(await testEngine());
    repository = await ThrowawayRepository.make({ [STACK]: APP }, mesh.address);
    await pulumi(repository, STACK, "stack", "select", "--create", STACK);
    await repository.setWeights(STACK, AT_FIRST);
    await pulumi(repository, STACK, "up", "--yes", "--skip-preview");
  });
  after(() => repository?.remove());
  afterEach(() => repository.git("checkout", "--quiet", "."));

  describe("a preview", () => {
    let untouched: unknown;
    before(async () => {
      untouched = await everything();
    });

    it("ends with 0 where nothing changes", async () => assert.match(await ends(0, ["preview"]), /[Nn]othing changes/));

    it("ends with 10 where something does, and says what in each format", async () => {
      await repository.configure(STACK, { weights: { v1: 50, v2: 50 } });
      assert.match(await ends(10, ["preview"]), /25% of the requests move from v1/);
      assert.match(await ends(10, ["preview", "--format", "markdown"]), /^<!-- canary preview/);
      const report = JSON.parse((await call(["preview", "--json"])).stdout) as PreviewReport;
      assert.deepEqual([report.outcome, report.counts.update, report.warnings], ["changes", 1, []]);
    });

    it("ends with 11 where there are more warnings than are allowed", async () => {
      await repository.configure(STACK, { weights: { v1: 0, v2: 100 } });
      assert.match(await ends(11, ["preview", "--max-warnings", "0"]), /75% of the requests move in one change/);
      await ends(10, ["preview", "--max-warnings", "0", "--max-step", "75"]);
    });

    it("ends with 1 where the program fails", async () => {
      await repository.configure(STACK, { weights: { v1: 0, v2: 101 } });
      assert.match(await ends(1, ["preview"]), /weights\.v2 is 101/);
    });

    it("ends with 2 for a wrong call", async () =>
      assert.match(await ends(2, ["preview", "--max-step", "0"]), /from 1 to 100/));

    it("says that the cluster could not be reached, and what would change all the same", async () => {
      await repository.configure(STACK, { weights: { v1: 50, v2: 50 } });
      const told = await ends(10, ["preview"], NOWHERE);
      assert.match(told, /not verified: .*cannot be reached/);
      assert.match(told, /25% of the requests move from v1/);
      await ends(11, ["preview", "--max-warnings", "0"], NOWHERE);
    });

    describe("with the policy pack", () => {
      it("fails where a guard rail does not hold, as pulumi's own preview does", async () => {
        assert.match(
          await ends(1, ["preview", "--policy-pack", pack()]),
          /canary-app\/workloads: Containers have resources and a readiness probe: Deployment \S+: containers\[0\] has no resources\.requests\.cpu/,
        );
        await assert.rejects(
          pulumi(repository, STACK, "preview", "--policy-pack", pack()),
          ({ stdout }: Error & { stdout: string }) => {
            assert.match(stdout, /canary-app@v\d.*\[mandatory\] +workloads/s);
            return true;
          },
        );
      });

      it("warns where the guard rails are advisory", async () => {
        const config = join(repository.clone, ".git", "guard-rails.json");
        await writeFile(config, JSON.stringify({ all: "advisory" }));
        await repository.configure(STACK, { weights: { v1: 0, v2: 100 } });
        const told = await ends(10, ["preview", "--policy-pack", pack(), "--policy-pack-config", config]);
        assert.match(told, /canary-app\/workloads/);
        assert.match(
          told,
          /canary-app\/max-step: No more than so many percentage points [^\n]+: VirtualService \S+: 75 points of a route's requests move at once/,
        );
      });
    });

    describe("of values that are not known before the update", () => {
      /** Has the program do more, and something else in place of a part of it. */
      async function change(more: string, part: string, other: string): Promise<void> {
        const file = join(repository.clone, "index.js");
        const source = await readFile(file, "utf8");
        assert.ok(source.includes(part), source);
        await writeFile(file, `const k8s = require("@pulumi/kubernetes");\n${source.replace(part, other)}\n${more}`);
      }
      const MAKER = `function maker() {
  return new k8s.core.v1.Service("made", { metadata: { name: "made", namespace: "default" }, spec: { ports: [{ port: 80 }] } });
}`;

      it("warns of mandatory policies that could not be evaluated, and counts that", async () => {
        const weights = 'weights: config.requireObject("weights")';
        await change(MAKER, weights, 'weights: maker().id.apply(() => config.requireObject("weights"))');
        const config = join(repository.clone, ".git", "guard-rails.json");
        await writeFile(config, JSON.stringify({ workloads: "advisory" }));
        const args = ["preview", "--policy-pack", pack(), "--policy-pack-config", config];
        const told = await ends(10, args);
        assert.match(told, /canary-app\/max-step could not be evaluated for VirtualService \S+: .*can't be known/);
        assert.match(told, /where the requests of \S+ go is not known yet/);
        const { warnings, routes } = JSON.parse((await call([...args, "--json"])).stdout) as PreviewReport;
        const codes = warnings.map(({ code }) => code);
        assert.ok(codes.includes("policy-not-evaluated") && codes.includes("unknown-routes"), codes.join(", "));
        assert.deepEqual(routes, []);
        await ends(11, [...args, "--max-warnings", "0"]);
      });

      it("says that they are unknown, the same each time, where the API server's dry run made them up", async () => {
        const env = "env: token === undefined ? {} : { TOKEN: token }";
        await change(MAKER, env, "env: ((made) => ({ AT: made.spec.clusterIP, OF: made.metadata.uid }))(maker())");
        const report = async () => JSON.parse((await call(["preview", "--json"])).stdout) as PreviewReport;
        const [one, other] = [await report(), await report()];
        assert.deepEqual(one, other);
        const deployments = one.resources.filter(({ type }) => type.endsWith(":Deployment"));
        const values = deployments.flatMap(({ differences }) => differences.map(({ after }) => JSON.stringify(after)));
        assert.ok(deployments.length === 2 && values.length > 0, JSON.stringify(one));
        for (const value of values) {
          assert.match(value, /"AT","value":"\[unknown\]".*"OF","value":"\[unknown\]"/);
        }
      });

      it("says so in a rendering, too", async () => {
        const weights = 'weights: config.requireObject("weights")';
        await change(MAKER, weights, 'weights: maker().id.apply(() => config.requireObject("weights"))');
        assert.match(await ends(0, ["render"]), /VirtualService\.networking\.istio\.io \S+: spec\n/);
        assert.match(await ends(1, ["render", "--strict"]), /1 value known only once other resources exist/);
      });
    });

    describe("of any kind", () => {
      it("has changed nothing", async () => assert.deepEqual(await everything(), untouched));
    });
  });

  describe("a rendering", () => {
    before(() => repository.forbid("pulumi"));
    after(() => repository.allow("pulumi"));
    const without = { KUBECONFIG: "", PULUMI_BACKEND_URL: "", PULUMI_CONFIG_PASSPHRASE: "" };

    it("is the same text each time, without engine, cluster or credentials", async () => {
      const [one, other] = [await ends(0, ["render"], without), await ends(0, ["render"], without)];
      assert.match(one, /kind: VirtualService/);
      assert.equal(one, other);
    });

    it("ends with 0 where nothing has changed since a revision, with 10 where something has", async () => {
      assert.equal((await ends(0, ["render", "--diff", "HEAD"], without)).includes("---"), false);
      await repository.configure(STACK, { weights: { v1: 50, v2: 50 } });
      assert.match(
        await ends(10, ["render", "--diff", "HEAD"], without),
        /25% of the requests move from v1.*\+ +weight: 50/s,
      );
      const { outcome, objects } = JSON.parse((await call(["render", "--diff", "HEAD", "--json"], without)).stdout);
      assert.deepEqual([outcome, /\+ +weight: 50/.test(objects)], ["changes", true]);
    });

    it("ends with 1 for a revision that is not there", async () =>
      assert.match(await ends(1, ["render", "--diff", "nowhere"], without), /git rev-parse failed/));
  });

  describe("secrets of the config", () => {
    before(async () => {
      await pulumi(repository, STACK, "config", "set", "--secret", "token", SECRETS.token);
      await pulumi(repository, STACK, "config", "set", "--secret", "image-v2", SECRETS.image);
      await repository.commit("secrets");
    });

    it("are in no output of any command", async () => {
      const calls = [
        ...["text", "markdown", "json"].map((format) => ["preview", "--format", format]),
        ["preview", "--policy-pack", pack()],
        ...["yaml", "json"].map((format) => ["render", "--format", format]),
        ["render", "--diff", "HEAD~1"],
        ["plan", "--steps", "50"],
        ["status"],
        ["status", "--json"],
      ];
      for (const args of calls) {
        const { stdout, stderr } = await call(args);
        assert.ok(stdout !== "", `${args.join(" ")}: ${stderr}`);
        Object.values(SECRETS).forEach((secret) => assert.ok(!(stdout + stderr).includes(secret), args.join(" ")));
      }
      assert.ok(!(await readFile(join(repository.clone, `Pulumi.${STACK}.yaml`), "utf8")).includes(SECRETS.token));
    });
  });

  describe("where the cluster does not know Istio's objects", () => {
    before(async () => {
      await (await clusterGround()).clearAltogether();
      await pulumi(repository, STACK, "stack", "select", "--create", STACK);
      const definitions = (await mesh.kubectl.names("customresourcedefinitions")).filter((name) =>
        name.endsWith(".istio.io"),
      );
      await mesh.kubectl.run("delete", "customresourcedefinition", ...definitions);
    });

    it("says so, and what would change all the same", async () => {
      const told = await ends(10, ["preview"]);
      assert.match(told, /not verified: the cluster at \S+ does not know VirtualService, DestinationRule, Gateway/);
      assert.match(told, /a new route/);
    });
  });
});
