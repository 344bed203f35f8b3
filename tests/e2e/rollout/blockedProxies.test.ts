import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { PROJECT_ROOT } from "../../../demo/programStack";
import { sendMany } from "../../../demo/load/generator";
import { EnvoyCounters } from "../../../src/rollout/metrics/envoyCounters";
import { Account } from "../support/account";
import { openAnyApp } from "../support/anyApp";
import { type Blocking, withBlockedPort } from "../support/blockedPort";
import { cluster } from "../support/cluster";
import type { Kubectl } from "../support/kubectl";
import { untilAnswered } from "../support/traffic";
import { until } from "../support/workload";

const APP = "myapp";
const STATS_PORT = 15090;
const ROLE = "canary-app-metrics";
const never = new AbortController().signal;

interface ClusterRole {
  metadata: { name: string };
  rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
}

describe("metrics where the API server cannot reach the proxies' port", function () {
  this.timeout("10m");
  let kubectl: Kubectl;
  let url: string;
  let folder: string;
  let account: Account;
  let kubeconfig: string;
  let role: ClusterRole;
  const opened: EnvoyCounters[] = [];

  before(async () => {
    const app = await openAnyApp("e2e-blocked");
    ({ kubectl } = app);
    url = `${app.url}/api/v1/hello`;
    await untilAnswered({ url });
    folder = await mkdtemp(join(tmpdir(), "canary-reader-"));
    kubeconfig = join(folder, "kubeconfig");
    const documents = parseAllDocuments(await readFile(join(PROJECT_ROOT, "docs", "permissions.yaml"), "utf8"));
    const roles = documents.map((document) => document.toJS() as ClusterRole);
    role = roles.find(({ metadata }) => metadata.name === ROLE) ?? assert.fail(`no ${ROLE} in docs/permissions.yaml`);
    account = new Account(kubectl, "default", "reader");
    await account.create();
    await permit();
    await account.bind(ROLE, "istio-ingress");
    await account.bind(ROLE, APP);
    await account.writeKubeconfig((await cluster()).kubeconfig, kubeconfig);
  });
  afterEach(() => opened.splice(0).forEach((each) => each.stop()));
  after(async () => {
    if (account !== undefined) {
      await kubectl.run("delete", "clusterrole", ROLE, "--ignore-not-found");
      await kubectl.run("delete", "serviceaccount", account.name, "-n", account.namespace);
    }
    await rm(folder, { recursive: true, force: true });
  });

  /** Gives the account the rights of docs/permissions.yaml, but for one kind. */
  const permit = (without?: string) =>
    kubectl.apply({
      ...role,
      rules: role.rules.filter(({ resources }) => !resources.includes(without ?? "")),
    });

  function counters(): EnvoyCounters {
    const made = new EnvoyCounters({ app: APP, namespace: APP, intervalSeconds: 300, cluster: { kubeconfig } });
    opened.push(made);
    return made;
  }

  /** Asserts that every request of some is counted. */
  async function assertCounts(envoys: EnvoyCounters): Promise<void> {
    const from = Date.now();
    await envoys.traffic({ from, to: from }, never);
    await sendMany(300, { url });
    await until("all requests are counted", async () => {
      const { v1, v2 } = await envoys.traffic({ from, to: Date.now() }, never);
      return v1.requests + v2.requests === 300 && v1.failures + v2.failures === 0;
    });
  }

  it("are read by the API server where it can, by an account with the rights of docs/permissions.yaml", async () => {
    const envoys = counters();
    await envoys.start(never);
    await assertCounts(envoys);
    assert.match(envoys.description, /proxies$/);
  });

  for (const blocking of ["DROP", "REJECT"] satisfies Blocking[]) {
    it(`are read through the kubelets: ${blocking}`, () =>
      withBlockedPort(STATS_PORT, blocking, async () => {
        const envoys = counters();
        await envoys.start(AbortSignal.timeout(15_000));
        assert.match(envoys.description, /proxies, read by port-forward$/);
        await assertCounts(envoys);
      }));
  }

  it("are read through the kubelets where the account may not get pods/proxy", async () => {
    await permit("pods/proxy");
    try {
      const envoys = counters();
      await until("the right is gone", () =>
        envoys.start(never).then(() => envoys.description.endsWith("read by port-forward")),
      );
      await assertCounts(envoys);
    } finally {
      await permit();
    }
  });

  it("are an error at their start that says what to do where the account may not forward ports either", async () => {
    await permit("pods/portforward");
    try {
      await withBlockedPort(STATS_PORT, "DROP", () =>
        until("the right is gone", () =>
          counters()
            .start(AbortSignal.timeout(15_000))
            .then(
              () => false,
              ({ message }: Error) => {
                assert.match(
                  message,
                  /cannot read the proxy of pod \S+ in \S+: .*; by port-forward: the API server answered 403 .*pods\/portforward.*What can be done: .*source\.prometheus/,
                );
                return true;
              },
            ),
        ),
      );
    } finally {
      await permit();
    }
  });
});
