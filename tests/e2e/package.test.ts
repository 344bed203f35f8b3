import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { PROJECT_ROOT } from "../../demo/programStack";
import { installPackage } from "./support/installedPackage";

const run = promisify(execFile);

describe("the package, packed and installed", function () {
  this.timeout("10m");
  let project: string;

  before(async () => {
    project = await mkdtemp(join(tmpdir(), "canary-package-"));
    await installPackage(project);
    await writeFile(join(project, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
    await writeFile(
      join(project, "Pulumi.dev.yaml"),
      JSON.stringify({
        config: {
          "shop:appName": "shop",
          "shop:versions": [
            { name: "v1", image: "a:1" },
            { name: "v2", image: "a:2" },
          ],
          "shop:weights": { v1: 100, v2: 0 },
        },
      }),
    );
  });

  after(() => rm(project, { recursive: true, force: true }));

  it("has the command canary, which works in another project", async () => {
    const canary = (...args: string[]) => run("npx", ["--no-install", "canary", ...args], { cwd: project });
    assert.match((await canary("--help")).stdout, /Usage: canary \[options\] \[command\]/);
    assert.match(
      (await canary("plan", "--stack", "dev", "--steps", "25")).stdout,
      /v2 of shop in namespace shop: canary, 1 step/,
    );
  });

  it("gives its library of rollouts to JavaScript, without the rest of the repository", async () => {
    const { stdout } = await run(
      process.execPath,
      ["--eval", 'console.log(Object.keys(require("canary-app/rollout")).join())'],
      { cwd: project },
    );
    for (const name of [
      "startRollout",
      "resumeRollout",
      "rollback",
      "openStackContext",
      "planRollout",
      "sendCommand",
      "lastRun",
      "setShares",
      "buildTimeline",
      "reportHtml",
      "reportMarkdown",
      "stackNotifier",
    ]) {
      assert.ok(
        stdout
          .split(",")
          .map((each) => each.trim())
          .includes(name),
        name,
      );
    }
    await assert.rejects(
      run(process.execPath, ["--eval", 'require("canary-app/sandbox")'], { cwd: project }),
      /ERR_PACKAGE_PATH_NOT_EXPORTED/,
    );
  });

  it("renders another project's program, secrets closed", async () => {
    const program =
      'const { Config } = require("@pulumi/pulumi");\nconst config = new Config();\nnew (require("canary-app").CanaryApp)("shop", { versions: config.requireObject("versions"), weights: config.requireObject("weights"), mesh: { install: false }, pod: { env: { TOKEN: config.require("token") } } });\n';
    await writeFile(join(project, "index.js"), program);
    const file = join(project, "Pulumi.dev.yaml");
    const given = JSON.parse(await readFile(file, "utf8"));
    await writeFile(file, JSON.stringify({ config: { ...given.config, "shop:token": { secure: "v1:sealed" } } }));
    const { stdout } = await run("npx", ["--no-install", "canary", "render", "--stack", "dev", "--format", "json"], {
      cwd: project,
    });
    const { items } = JSON.parse(stdout) as { items: { kind: string; spec: any }[] };
    assert.deepEqual(items.map(({ kind }) => kind).sort(), [
      "Deployment",
      "Deployment",
      "DestinationRule",
      "DestinationRule",
      "Gateway",
      "Namespace",
      "Service",
      "ServiceAccount",
      "VirtualService",
    ]);
    assert.match(JSON.stringify(items), /\[secret\]/);
    assert.doesNotMatch(stdout, /sealed/);
    await writeFile(file, JSON.stringify(given));
  });

  it("brings a policy pack that Pulumi can start", async () => {
    const pack = join(project, "node_modules/canary-app/bin/policy-pack");
    assert.deepEqual(JSON.parse(await readFile(join(pack, "package.json"), "utf8")).main, "index");
    assert.match(await readFile(join(pack, "PulumiPolicy.yaml"), "utf8"), /runtime: nodejs/);
    const { stdout } = await run(
      process.execPath,
      ["--eval", `console.log(require(${JSON.stringify(join(pack, "pack"))}).policies(async () => undefined).length)`],
      { cwd: project },
    );
    assert.equal(stdout.trim(), "6");
  });

  it("brings what it starts as processes of its own", async () => {
    await assert.doesNotReject(
      readFile(join(project, "node_modules/canary-app/bin/src/rollout/pulumi/stackWorker.js")),
    );
  });

  it("gives its types to TypeScript", async () => {
    await writeFile(
      join(project, "use.ts"),
      'import { type RolloutEvent, startRollout } from "canary-app/rollout";\nimport { CanaryApp } from "canary-app";\nconst listener = (event: RolloutEvent): void => void event.at;\nexport const use = [() => startRollout({ workDir: ".", stack: "dev", settings: { steps: [10], hold: "1m" }, listener }), CanaryApp];\n',
    );
    const options = [
      "--noEmit",
      "--strict",
      "--skipLibCheck",
      "--module",
      "node16",
      "--moduleResolution",
      "node16",
      "--target",
      "es2022",
      "--types",
      "node",
    ];
    await run(process.execPath, [join(PROJECT_ROOT, "node_modules/typescript/bin/tsc"), ...options, "use.ts"], {
      cwd: project,
    }).catch(({ stdout }) => assert.fail(stdout));
  });
});
