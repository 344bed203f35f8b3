import { execFile } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { parse, stringify } from "yaml";
import { TOKEN } from "../../unit/preview/comment/commentHost";
import { testEngine } from "./engine";
import { installPackage } from "./installedPackage";

const run = promisify(execFile);

const PROGRAM = `const { Config } = require("@pulumi/pulumi");
const { CanaryApp } = require("canary-app");
const config = new Config();
const token = config.getSecret("token");
new CanaryApp(config.require("appName"), {
  versions: config.requireObject("versions").map((version) => ({ ...version, image: config.getSecret("image-" + version.name) || version.image })),
  pod: { env: token === undefined ? {} : { TOKEN: token } },
  weights: config.requireObject("weights"),
  hosts: [config.require("appName") + ".example.com"],
  mesh: { install: false, gateway: { address: config.require("address") } },
});
`;

const BASE_IMAGE = "docker.io/library/canary-demo";

/** The config of a stack whose app has all requests at v1, and none at v2. */
function configOf(app: string, address: string): Record<string, unknown> {
  const versions = [
    { name: "v1", image: `${BASE_IMAGE}:1.0` },
    { name: "v2", image: `${BASE_IMAGE}:2.0` },
  ];
  return {
    "shop:appName": app,
    "shop:address": address,
    "shop:versions": versions,
    "shop:weights": { v1: 100, v2: 0 },
    "shop:rollout": { steps: [50], hold: "1s", limits: { interval: "1s", convergenceTimeout: "1s" } },
  };
}

/** The address of the repository on its host, for a person and for a job's token. */
const ADDRESSES = ["https://git.example.com/acme/shop.git", `https://oauth2:${TOKEN}@git.example.com/acme/shop.git`];

/** Has a folder be the host: what a clone sends to the address goes there. */
async function hostIn(origin: string, clone: string): Promise<void> {
  await run("git", ["remote", "set-url", "origin", ADDRESSES[0]], { cwd: clone });
  for (const address of ADDRESSES) {
    await run("git", ["config", "--add", `url.file://${origin}.insteadOf`, address], { cwd: clone });
  }
}

/** A repository with a Pulumi project, on a host of its own (a folder); gone when the test is. */
export class ThrowawayRepository {
  private constructor(
    private readonly room: string,
    /** The clone that the pipeline's jobs work in. */
    readonly clone: string,
    /** The variables that every job's processes get. */
    readonly env: NodeJS.ProcessEnv,
  ) {}

  /**
   * Makes it, with a branch `main`.
   *
   * @param apps The names of the stacks' apps, by stack.
   * @param address Where the ingress gateway answers.
   * @param example A folder whose files it has, too.
   */
  static async make(
    apps: Readonly<Record<string, string>>,
    address: string,
    example?: string,
  ): Promise<ThrowawayRepository> {
    const room = await mkdtemp(join(tmpdir(), "canary-repository-"));
    const [origin, clone, bin, packages] = ["origin.git", "clone", "bin", "packages"].map((name) => join(room, name));
    await Promise.all([bin, packages].map((folder) => mkdir(folder)));
    await run("git", ["init", "--quiet", "--bare", "--initial-branch", "main", origin]);
    await run("git", ["config", "receive.advertisePushOptions", "true"], { cwd: origin }); // as GitLab's are
    await run("git", ["clone", "--quiet", origin, clone]);
    await hostIn(origin, clone);
    await (example && cp(example, clone, { recursive: true }));
    await installPackage(packages);
    await symlink(join(packages, "node_modules"), join(clone, "node_modules"));
    await cp(join(packages, "package.json"), join(clone, "package.json"));
    await writeFile(join(clone, ".gitignore"), "node_modules\nreport\n");
    await writeFile(join(clone, "Pulumi.yaml"), stringify({ name: "shop", runtime: "nodejs", main: "index.js" }));
    await writeFile(join(clone, "index.js"), PROGRAM);
    await Promise.all(
      Object.entries(apps).map(([stack, app]) =>
        writeFile(join(clone, `Pulumi.${stack}.yaml`), stringify({ config: configOf(app, address) })),
      ),
    );
    // The packages are linked, so there is nothing for `npm ci` to fetch; and no container that files would be copied
    // to.
    await script(join(bin, "npm"), `[ "$1" = ci ] || exec ${join(process.execPath, "../npm")} "$@"`);
    await script(join(bin, "rsync"), "exit 0");
    const person = {
      GIT_AUTHOR_NAME: "ada",
      GIT_AUTHOR_EMAIL: "ada@example.com",
      GIT_COMMITTER_NAME: "ada",
      GIT_COMMITTER_EMAIL: "ada@example.com",
    };
    const { variables } = await testEngine();
    const env = {
      ...variables,
      HOME: process.env.HOME,
      PATH: [bin, process.env.PATH].join(delimiter),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      ...person,
    };
    const repository = new ThrowawayRepository(room, clone, env);
    await repository.commit("the app");
    await repository.git("push", "--quiet", "--set-upstream", "origin", "main");
    return repository;
  }

  /** Calls git in the clone; gives what it printed. */
  async git(...args: string[]): Promise<string> {
    const { stdout } = await run("git", args, { cwd: this.clone, env: this.env });
    return stdout.trim();
  }

  /** Commits everything. */
  async commit(message: string): Promise<void> {
    await this.git("add", "--all");
    await this.git("commit", "--quiet", "--message", message);
  }

  /** Sets keys of a stack's config, by their names without the project's. */
  async configure(stack: string, values: Readonly<Record<string, unknown>>): Promise<void> {
    const file = join(this.clone, `Pulumi.${stack}.yaml`);
    const given = parse(await readFile(file, "utf8")) as { config: object };
    const keyed = Object.fromEntries(Object.entries(values).map(([name, value]) => [`shop:${name}`, value]));
    await writeFile(file, stringify({ ...given, config: { ...given.config, ...keyed } }));
  }

  /** Commits other weights of a stack. */
  async setWeights(stack: string, weights: Record<string, number>): Promise<void> {
    await this.configure(stack, { weights });
    await this.commit(`${stack}: ${JSON.stringify(weights)}`);
  }

  /** A stack's config as the host has it on `main`. */
  async configOnMain(stack: string): Promise<Record<string, unknown>> {
    await this.git("fetch", "--quiet", "origin");
    return (parse(await this.git("show", `origin/main:Pulumi.${stack}.yaml`)) as { config: Record<string, unknown> })
      .config;
  }

  /** Has a program of this name end with an error: whoever needs it fails. */
  async forbid(program: string): Promise<void> {
    await script(join(this.room, "bin", program), `echo "${program} is not to be called here" >&2\nexit 70`);
  }

  async allow(program: string): Promise<void> {
    await rm(join(this.room, "bin", program), { force: true });
  }

  remove(): Promise<void> {
    return rm(this.room, { recursive: true, force: true });
  }
}

async function script(file: string, commands: string): Promise<void> {
  await writeFile(file, `#!/bin/sh\n${commands}\n`);
  await chmod(file, 0o755);
}
