import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { cutOffHooks, cutOffRecords, type ReleaseOperation } from "../../../components/cutOffReleases";
import { record } from "../../../src/render/recorder";
import { type Listening, listening } from "../internal/http/listening";
import { kubeconfigOf } from "../internal/kubernetes/securedServer";

const RELEASE = { name: "istiod", namespace: "istio-system" };
const PATH = "/api/v1/namespaces/istio-system/secrets";

/** Helm's records of revisions 1, 2, … in these states. */
const records = (...states: string[]) =>
  states.map((status, index) => ({ secret: `sh.helm.release.v1.istiod.v${index + 1}`, status, revision: index + 1 }));

describe("what an operation of Helm's that was cut off has left", () => {
  const cases: [operation: ReleaseOperation, states: string[], removed: number[]][] = [
    ["install", [], []],
    ["install", ["pending-install"], [1]],
    ["install", ["deployed"], []],
    ["install", ["failed"], []],
    ["install", ["superseded", "pending-upgrade"], []],
    ["install", ["uninstalling"], []],
    ["upgrade", ["deployed"], []],
    ["upgrade", ["deployed", "pending-upgrade"], [2]],
    ["upgrade", ["superseded", "deployed", "pending-upgrade"], [3]],
    ["upgrade", ["superseded", "pending-upgrade", "deployed"], []],
    ["upgrade", ["failed", "pending-upgrade"], [2]],
    ["upgrade", ["deployed", "pending-rollback"], []],
    ["upgrade", ["pending-install"], []],
    ["upgrade", ["pending-upgrade"], []],
  ];
  for (const [operation, states, removed] of cases) {
    it(`before an ${operation} is ${removed.length === 0 ? "nothing" : `revision ${removed.join(", ")}`} of ${states.join(", ") || "no revisions"}`, () => {
      const found = cutOffRecords(records(...states).reverse(), operation);
      assert.deepEqual(
        found.map(({ revision }) => revision),
        removed,
      );
    });
  }
});

describe("the hooks before a Release", () => {
  let server: Listening;
  let present: ReturnType<typeof records>;
  let asked: string[];
  let refuse: boolean;

  beforeEach(async () => {
    [present, asked, refuse] = [[], [], false];
    server = await listening(({ method, url = "" }, response) => {
      asked.push(`${method} ${decodeURIComponent(url)}`);
      if (refuse) {
        return response.writeHead(403).end(JSON.stringify({ message: "forbidden" }));
      }
      if (method === "DELETE") {
        const at = present.findIndex(({ secret }) => url === `${PATH}/${secret}`);
        return response.writeHead(at < 0 ? 404 : 200).end(JSON.stringify(present.splice(at, at < 0 ? 0 : 1)));
      }
      const items = present.map(({ secret: name, status, revision }) => ({
        metadata: { name, labels: { owner: "helm", name: "istiod", status, version: String(revision) } },
      }));
      return response.end(JSON.stringify({ items }));
    });
  });
  afterEach(() => server.close());

  const kubeconfig = () => kubeconfigOf({ server: server.url });

  /** Runs one of the hooks of a component, made with these options in a stack with this config. */
  async function run(
    moment: "beforeCreate" | "beforeUpdate",
    newInputs: object,
    options: () => pulumi.ComponentResourceOptions = () => ({}),
    config: Record<string, string> = { "kubernetes:kubeconfig": kubeconfig() },
  ): Promise<void> {
    await record(
      async () => {
        const mesh = new pulumi.ComponentResource("test:index:Mesh", "mesh", {}, options());
        const hook = cutOffHooks("istiod", mesh)?.[moment]?.[0];
        assert.ok(hook instanceof pulumi.ResourceHook);
        await hook.callback({ newInputs } as pulumi.ResourceHookArgs);
      },
      { project: "test", stack: "dev", config },
    );
  }

  it("remove the record of an installation that was cut off, and no others", async () => {
    present = records("pending-install");
    await run("beforeCreate", RELEASE);
    assert.deepEqual(asked, [
      `GET ${PATH}?labelSelector=owner=helm,name=istiod`,
      `DELETE ${PATH}/sh.helm.release.v1.istiod.v1`,
    ]);
    assert.deepEqual(present, []);
  });

  it("remove the record of an upgrade that was cut off, and keep what is deployed", async () => {
    present = records("superseded", "deployed", "pending-upgrade");
    await run("beforeUpdate", RELEASE);
    assert.deepEqual(present, records("superseded", "deployed"));
  });

  it("ask the cluster of the mesh's provider where it has one", async () => {
    present = records("pending-install");
    const provider = () => ({ provider: new k8s.Provider("theirs", { kubeconfig: kubeconfig() }) });
    await run("beforeCreate", RELEASE, provider, {
      "kubernetes:kubeconfig": kubeconfigOf({ server: "http://127.0.0.1:1" }),
    });
    assert.deepEqual(present, []);
  });

  it("leave it to Helm where records cannot be read, and where the Release has no name yet", async () => {
    refuse = true;
    await run("beforeCreate", RELEASE);
    await run("beforeCreate", RELEASE, () => ({}), {
      "kubernetes:kubeconfig": kubeconfigOf({ server: "http://127.0.0.1:1" }),
    });
    assert.equal(asked.length, 1);
    await run("beforeCreate", {});
    assert.equal(asked.length, 1);
  });
});
