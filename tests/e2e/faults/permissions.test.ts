import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Stack } from "@pulumi/pulumi/automation";
import { parseAllDocuments } from "yaml";
import { CanaryApp, type CanaryAppArgs } from "../../../components";
import { PROJECT_ROOT } from "../../../demo/programStack";
import { Account } from "../support/account";
import { cluster } from "../support/cluster";
import { testEngine } from "../support/engine";
import { openInlineStack } from "../support/inlineStack";
import { type SharedMesh, sharedMesh } from "../support/mesh";
import { providerBehaviour } from "../support/providerBehaviour";
import { trial } from "../support/troubledApp";
import { refusalOf } from "../support/workload";

interface ClusterRole {
  metadata: { name: string };
  rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
}

const FULL: Partial<CanaryAppArgs> = {
  versions: [
    trial(1, { autoscaling: { minReplicas: 1, maxReplicas: 2, cpuPercent: 80 } }),
    trial(2, { config: { data: { FEATURE: "on" }, secrets: { TOKEN: "a" } } }),
  ],
  weights: { v1: 50, v2: 50 },
  trafficPolicy: { loadBalancer: "RANDOM" },
  mtls: "STRICT",
  access: [{ gateway: true }],
  disruptionBudget: { maxUnavailable: 1 },
};
const PLAIN: Partial<CanaryAppArgs> = { versions: [trial(1), trial(3)], weight: 100 };

describe("an up by an account that has the rights of docs/permissions.yaml, and no others", function () {
  this.timeout("10m");
  const NAMESPACE = "permitted";
  let mesh: SharedMesh;
  let account: Account;
  let roles: ClusterRole[];
  let stack: Stack;
  let folder: string;
  let asked = FULL;

  before(async () => {
    const engine = await testEngine();
    mesh = await sharedMesh(engine);
    folder = await mkdtemp(join(tmpdir(), "canary-account-"));
    roles = parseAllDocuments(await readFile(join(PROJECT_ROOT, "docs", "permissions.yaml"), "utf8")).map(
      (document) => document.toJS() as ClusterRole,
    );
    await Promise.all(roles.map((role) => mesh.kubectl.apply(role)));
    account = new Account(mesh.kubectl, "default", "deployer");
    await account.create();
    await account.bind("canary-app-namespace");
    await account.bind("canary-app-gateway", "istio-ingress");
    const file = join(folder, "kubeconfig");
    await account.writeKubeconfig((await cluster()).kubeconfig, file);
    stack = await openInlineStack(engine, NAMESPACE, async () => {
      const pod = { resources: { requests: { cpu: "10m" } } };
      const transition = { settleSeconds: 0.5, drainSeconds: 1 };
      const app = new CanaryApp(NAMESPACE, {
        versions: [trial(1)],
        ...asked,
        pod,
        transition,
        hosts: ["permitted.example.com"],
        mesh: { install: false },
      });
      return { url: app.url };
    });
    stack.workspace.envVars.KUBECONFIG = file;
  });

  after(async () => {
    if (account !== undefined) {
      await mesh.kubectl.run(
        "delete",
        "clusterrolebinding,clusterrole",
        "canary-app-namespace",
        "deployer-canary-app-namespace",
        "canary-app",
        "canary-app-gateway",
        "canary-app-metrics",
        "--ignore-not-found",
      );
      await mesh.kubectl.run("delete", "serviceaccount", account.name, "-n", account.namespace);
    }
    await rm(folder, { recursive: true, force: true });
  });

  /** Gives the account the rights in the app's namespace, which is there from the first `up`, but for one kind. */
  async function permit(without?: string): Promise<void> {
    const [role] = roles;
    const rules = role.rules
      .map((rule) => ({ ...rule, resources: rule.resources.filter((resource) => resource !== without) }))
      .filter(({ resources }) => resources.length > 0);
    await mesh.kubectl.apply({ ...role, rules });
    await account.bind("canary-app", NAMESPACE);
  }

  it("says for which kind a right is missing; with it, the next up makes the rest", async () => {
    const { creatingVerb } = await providerBehaviour();
    const refused = `cannot ${creatingVerb} resource`;
    assert.match(await refusalOf(stack.up()), new RegExp(`${refused} "(services|serviceaccounts|configmaps|secrets)"`));
    await permit("destinationrules");
    const missing = new RegExp(`${refused} "destinationrules" in API group "networking\\.istio\\.io"`);
    assert.match(await refusalOf(stack.up()), missing);
    await permit();
    const { outputs } = await stack.up();
    assert.equal(outputs.url.value, `http://${mesh.address}`);
  });

  it("changes and removes everything that an app can have", async () => {
    asked = PLAIN;
    await stack.up();
    const { summary } = await stack.refresh();
    assert.equal(summary.result, "succeeded");
    await stack.destroy();
    assert.equal(await mesh.kubectl.run("get", "namespace", NAMESPACE, "--ignore-not-found", "-o", "name"), "");
  });
});
