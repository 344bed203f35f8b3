import { mkdtemp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalWorkspace, Stack } from "@pulumi/pulumi/automation";
import { stringify } from "yaml";
import type { LoadOptions } from "../../../demo/load/generator";
import { configFile, stackVariables } from "../../../demo/programStack";
import { cluster, clusterGround } from "./cluster";
import { compiled } from "./compiled";
import { testEngine } from "./engine";
import { installPackage } from "./installedPackage";
import type { Kubectl } from "./kubectl";
import { sharedMesh } from "./mesh";
import { untilAnswered } from "./traffic";

/** The apps of the stack: the project's own and another one, each under its own keys and at its own host. */
export const APPS = ["checkout", "cart"] as const;
export type App = (typeof APPS)[number];

const STACK = "together";

/** A program of two apps that read what they are from the keys with their own prefix. */
const PROGRAM = `const { Config } = require("@pulumi/pulumi");
const { CanaryApp } = require("canary-app");
const appOf = (prefix) => {
  const config = new Config(prefix);
  return new CanaryApp(config.require("appName"), {
    versions: config.requireObject("versions"),
    weights: config.requireObject("weights"),
    hosts: [config.require("appName") + ".example.com"],
    pod: { readinessProbe: { http: { path: "/ready" }, periodSeconds: 1 } },
    mesh: { install: false, gateway: { address: new Config("${APPS[0]}").require("address") } },
  });
};
const [own] = ${JSON.stringify(APPS)}.map(appOf);
exports.weights = own.weights;
`;

/** A good version with all requests, one that fails 20% of them, and another good one. */
const VERSIONS = [
  { name: "v1", image: "docker.io/library/canary-demo:1.0" },
  {
    name: "failing",
    image: "docker.io/library/canary-demo:2.0",
    pod: { env: { ERROR_PERCENT: "20", VERSION: "failing" } },
  },
  { name: "v2", image: "docker.io/library/canary-demo:2.0" },
];

/** A stack with two apps, of a project in a folder of its own. */
export interface TwoApps {
  /** The stack's name. */
  name: string;
  /** The project's folder. */
  folder: string;
  /** The variables with which a process works on the stack. */
  env: NodeJS.ProcessEnv;
  kubectl: Kubectl;
  /** What load on an app is sent with. */
  target(app: App): LoadOptions;
  /** What the stack's config file holds now. */
  config(): Promise<string>;
  /** Removes the folder; what is in the cluster goes with the ground. */
  remove(): Promise<void>;
}

/** Brings it up in the Istio that suites share. */
export async function openTwoApps(): Promise<TwoApps> {
  await compiled();
  const engine = await testEngine();
  const { address, kubectl } = await sharedMesh(engine);
  const ground = await clusterGround();
  await ground.claim(APPS[0]);
  await ground.claim(APPS[1]);
  const { kubeconfig, stateFolder } = await cluster();
  const folder = await mkdtemp(join(tmpdir(), "canary-two-apps-"));
  await installPackage(folder);
  await writeFile(join(folder, "Pulumi.yaml"), stringify({ name: APPS[0], runtime: "nodejs", main: "index.js" }));
  await writeFile(join(folder, "index.js"), PROGRAM);
  const keys = APPS.flatMap((app) => [
    [`${app}:appName`, app],
    [`${app}:versions`, VERSIONS],
    [`${app}:weights`, { v1: 100, failing: 0, v2: 0 }],
  ]);
  const config = Object.fromEntries([...keys, [`${APPS[0]}:address`, address]]);
  await writeFile(configFile(STACK, folder), `# Two apps.\n${stringify({ config })}`);
  await mkdir(stateFolder, { recursive: true });
  const variables = stackVariables({ name: STACK, stateFolder, kubeconfig });
  const workspace = await LocalWorkspace.create({ workDir: folder, pulumiCommand: engine.command, envVars: variables });
  const stack = await Stack.createOrSelect(STACK, workspace);
  await stack.up();
  const target = (app: App) => ({ url: `http://${address}/`, headers: { host: `${app}.example.com` } });
  await Promise.all(APPS.map((app) => untilAnswered(target(app))));
  return {
    name: STACK,
    folder,
    env: { ...process.env, ...variables },
    kubectl,
    target,
    config: () => readFile(configFile(STACK, folder), "utf8"),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
