import assert from "node:assert/strict";
import { chmod, copyFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Stack } from "@pulumi/pulumi/automation";
import { CanaryApp, type CanaryAppArgs } from "../../components";
import { sendMany, startLoad } from "../../demo/load/generator";
import type { Answer } from "../../demo/load/request";
import { createProgress } from "../../sandbox/progress";
import { ensureTool } from "../../sandbox/tools";
import { testEngine } from "./support/engine";
import { openInlineStack } from "./support/inlineStack";
import { type SharedMesh, sharedMesh } from "./support/mesh";
import { upOperations } from "./support/operations";
import { assertNoneFailed, pause, untilAnswered } from "./support/traffic";
import { refusalOf, until } from "./support/workload";

const NAMESPACE = "workload";
const HOST = "workload.example.com";
const LOAD_PER_SECOND = 100;
const LOAD_LIMIT_S = 120;

const image = (version: string) => `docker.io/library/canary-demo:${version}`;
const ready = { http: { path: "/ready" }, periodSeconds: 1 };

describe("a version's workload, by the Automation API", function () {
  this.timeout("20m");
  let mesh: SharedMesh;
  let stack: Stack;
  let asked: Omit<CanaryAppArgs, "namespace" | "hosts" | "mesh">;
  let target: { url: string; headers: Record<string, string> };

  const get = async (...what: string[]) =>
    JSON.parse(await mesh.kubectl.run("get", "-n", NAMESPACE, "-o", "json", ...what));
  const podsOf = async (version: string) =>
    (await get("pods", "-l", `app=shop,version=${version}`)).items.filter(
      (pod: any) => pod.metadata.deletionTimestamp === undefined,
    );

  /** Changes something under load; gives the answers, none of which may be a failure. */
  async function underLoad(change: () => Promise<unknown>): Promise<Answer[]> {
    const load = startLoad(LOAD_PER_SECOND, LOAD_LIMIT_S, target);
    await pause(1000);
    await change().finally(() => pause(1500));
    const answers = await load.stop();
    assertNoneFailed(answers);
    assert.ok(answers.length > LOAD_PER_SECOND, `${answers.length} requests only`);
    return answers;
  }

  const isReady = async (version: string) =>
    (await podsOf(version))[0].status.conditions.find(({ type }: any) => type === "Ready").status === "True";

  /** Tells a version's pod to be ready or not, and asserts that Kubernetes takes it as that. */
  async function assertReadinessFollows(version: string): Promise<void> {
    const [{ metadata }] = await podsOf(version);
    const say = (to: string) =>
      mesh.kubectl.run(
        "create",
        "--raw",
        `/api/v1/namespaces/${NAMESPACE}/pods/${metadata.name}:8080/proxy/ready?to=${to}`,
        "-f",
        "/dev/null",
      );
    assert.ok(await isReady(version));
    await say("off");
    await until("the pod is not ready", async () => !(await isReady(version)));
    await say("on");
    await until("the pod is ready again", () => isReady(version));
  }

  before(async () => {
    const engine = await testEngine();
    mesh = await sharedMesh(engine);
    target = { url: `http://${mesh.address}/any/path`, headers: { host: HOST } };
    await mesh.kubectl.run("create", "namespace", NAMESPACE);
    await mesh.kubectl.run("label", "namespace", NAMESPACE, "istio-injection=enabled");
    await mesh.kubectl.run(
      "create",
      "secret",
      "generic",
      "who",
      "-n",
      NAMESPACE,
      "--from-literal=version=from-a-secret",
    );
    await mesh.kubectl.run("create", "configmap", "settings", "-n", NAMESPACE, "--from-literal=status=on");
    stack = await openInlineStack(engine, "workload", async () => {
      new CanaryApp("shop", {
        ...asked,
        namespace: { name: NAMESPACE, create: false },
        hosts: [HOST],
        mesh: { install: false },
      });
    });
  });

  describe("its pods", () => {
    before(async () => {
      asked = {
        pod: {
          env: { DRAIN: "0s", ERROR_PERCENT: "0" },
          envFrom: [{ name: "VERSION", secret: "who", key: "version" }],
          readinessProbe: ready,
          livenessProbe: { http: { path: "/live" }, periodSeconds: 5 },
          startupProbe: { tcp: {}, periodSeconds: 1, failureThreshold: 30 },
          volumes: [
            { name: "cache", mountPath: "/var/cache/shop", emptyDir: { sizeLimit: "8Mi" } },
            { name: "settings", mountPath: "/etc/shop", configMap: "settings", readOnly: true },
            { name: "who", mountPath: "/etc/who", secret: "who", readOnly: true },
          ],
          security: { runAsUser: 12345, runAsGroup: 12346, fsGroup: 12347 },
          resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "64Mi" } },
          labels: { team: "shop" },
          annotations: { "sidecar.istio.io/proxyCPU": "20m" },
          extra: { tolerations: [{ key: "shop", operator: "Exists" }] },
        },
        versions: [
          {
            name: "v1",
            image: image("1.0"),
            pod: { env: { ERROR_PERCENT: "1" }, envFrom: [], labels: { tier: "old" } },
          },
          { name: "v2", image: image("2.0") },
        ],
        weight: 100,
      };
      await stack.up();
      await untilAnswered(target);
    });

    it("get their environment, from Secrets too", async () => {
      assert.deepEqual([...new Set((await sendMany(20, target)).map(({ version }) => version))], ["from-a-secret"]);
      const [pod] = await podsOf("v1");
      assert.deepEqual(pod.spec.containers.find(({ name }: any) => name === "shop").env, [
        { name: "DRAIN", value: "0s" },
        { name: "ERROR_PERCENT", value: "1" },
      ]);
    });

    it("run as the given user, with their volumes, resources, labels and annotations", async () => {
      const [{ metadata, spec, status }] = await podsOf("v2");
      const container = spec.containers.find(({ name }: any) => name === "shop");
      assert.deepEqual(spec.securityContext, {
        runAsUser: 12345,
        runAsGroup: 12346,
        fsGroup: 12347,
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
      });
      assert.deepEqual(container.securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      const mounts = container.volumeMounts
        .map(({ mountPath }: any) => mountPath)
        .filter((path: string) => !path.startsWith("/var/run/secrets"));
      assert.deepEqual(mounts, ["/tmp", "/var/cache/shop", "/etc/shop", "/etc/who"]);
      assert.deepEqual(container.resources, { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "64Mi" } });
      assert.equal(metadata.labels.team, "shop");
      const sidecar = [...spec.containers, ...spec.initContainers].find(({ name }: any) => name === "istio-proxy");
      assert.equal(sidecar.resources.requests.cpu, "20m");
      assert.ok(spec.tolerations.some(({ key }: any) => key === "shop"));
      assert.equal((await podsOf("v1"))[0].metadata.labels.tier, "old");
      assert.equal(status.phase, "Running");
      assert.ok(container.livenessProbe !== undefined && container.startupProbe !== undefined);
    });

    it("get requests only while their readiness probe is answered well", async () => {
      await assertReadinessFollows("v2");
      await untilAnswered(target);
    });

    it("pass the restricted Pod Security Standard, but for what Istio's init container needs", async () => {
      const { spec } = (await get("deployment", "shop-v2")).spec.template;
      const pod = (change: object) =>
        JSON.stringify({
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name: "probe" },
          spec: { ...spec, serviceAccountName: "default", ...change },
        });
      const enforce = "pod-security.kubernetes.io/enforce=restricted";
      await mesh.kubectl.run("create", "namespace", "restricted");
      try {
        await mesh.kubectl.run("label", "namespace", "restricted", enforce);
        await until("the namespace's account is there", async () =>
          (await mesh.kubectl.run("get", "serviceaccount", "-n", "restricted")).includes("default"),
        );
        const create = (change = {}) =>
          mesh.kubectl.send(pod(change), "create", "--dry-run=server", "-n", "restricted", "-f", "-");
        await create();
        assert.match(await refusalOf(create({ securityContext: {} })), /violates PodSecurity "restricted/);
        await mesh.kubectl.run("label", "namespace", "restricted", "istio-injection=enabled");
        const refusal = await until(
          "the namespace has pods injected",
          async () => await refusalOf(create()).catch(() => false as const),
        );
        assert.match(refusal, /istio-init/);
        assert.doesNotMatch(refusal, /container[^)]*"shop"/);
      } finally {
        await mesh.kubectl.run("delete", "namespace", "restricted");
      }
    });
  });

  describe("a volume that outlives its pods", () => {
    const CLAIM = "kept";
    let folder: string;

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "canary-volume-"));
      await chmod(folder, 0o777);
      await copyFile((await ensureTool("fortio", createProgress())).path, join(folder, "fortio"));
      const spec = { accessModes: ["ReadWriteOnce"], storageClassName: "", volumeMode: "Filesystem" };
      await mesh.kubectl.apply({
        apiVersion: "v1",
        kind: "PersistentVolume",
        metadata: { name: CLAIM },
        spec: {
          ...spec,
          capacity: { storage: "64Mi" },
          persistentVolumeReclaimPolicy: "Retain",
          hostPath: { path: folder, type: "Directory" },
        },
      });
      const resources = { requests: { storage: "64Mi" } };
      await mesh.kubectl.apply({
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { namespace: NAMESPACE, name: CLAIM },
        spec: { ...spec, volumeName: CLAIM, resources },
      });
      asked = {
        pod: {
          volumes: [{ name: "data", mountPath: "/data", persistentVolumeClaim: CLAIM }],
          readinessProbe: {
            exec: ["/data/fortio", "curl", "-quiet", "http://localhost:8080/ready"],
            periodSeconds: 1,
            timeoutSeconds: 10,
          },
        },
        versions: [{ name: "v1", image: image("1.0") }],
      };
      await stack.up();
    });

    after(async () => {
      asked = { versions: [{ name: "v1", image: image("1.0") }] };
      await stack?.up();
      await mesh?.kubectl.run("delete", "pvc", CLAIM, "-n", NAMESPACE, "--ignore-not-found");
      await mesh?.kubectl.run("delete", "pv", CLAIM, "--ignore-not-found");
      await rm(folder, { recursive: true, force: true });
    });

    it("takes what pods write, and is there in the next ones", async () => {
      const [{ metadata }] = await podsOf("v1");
      const write = [
        "/data/fortio",
        "load",
        "-quiet",
        "-a",
        "-data-dir",
        "/data",
        "-n",
        "1",
        "-c",
        "1",
        "http://localhost:8080/",
      ];
      await mesh.kubectl.run("exec", "-n", NAMESPACE, metadata.name, "-c", "shop", "--", ...write);
      const written = async () => (await readdir(folder)).filter((name) => name.endsWith(".json")).length;
      assert.equal(await written(), 1);
      asked = { ...asked, versions: [{ name: "v1", image: image("2.0") }] };
      await stack.up();
      const [next] = await podsOf("v1");
      assert.notEqual(next.metadata.name, metadata.name);
      assert.equal(await written(), 1);
      assert.ok(await isReady("v1"), "the probe's command comes from the volume");
    });

    it("holds the command of their readiness probe: they get requests only while that ends well", () =>
      assertReadinessFollows("v1"));
  });

  describe("under load", () => {
    before(async () => {
      asked = {
        pod: { readinessProbe: ready, resources: { requests: { cpu: "10m" } } },
        versions: [{ name: "v1", image: image("1.0") }],
      };
      await stack.up();
      await untilAnswered(target);
    });

    it("a new image under the same name takes the old one's place without a failed request", async () => {
      const answers = await underLoad(async () => {
        asked = { ...asked, versions: [{ name: "v1", image: image("2.0") }] };
        assert.deepEqual(
          (await upOperations(stack)).map(({ op, name }) => `${op} ${name}`),
          ["update shop-v1"],
        );
      });
      assert.deepEqual([answers[0].version, answers.at(-1)?.version], ["1.0", "2.0"]);
    });

    it("more pods come and go without a failed request", async () => {
      await underLoad(async () => {
        for (const replicas of [3, 1]) {
          asked = { ...asked, versions: [{ name: "v1", image: image("2.0"), replicas }] };
          assert.deepEqual(
            (await upOperations(stack)).map(({ op, name }) => `${op} ${name}`),
            ["update shop-v1"],
          );
          assert.equal((await get("deployment", "shop-v1")).status.readyReplicas, replicas);
        }
      });
    });

    it("an autoscaler takes over the number of pods, is not fought over, and gives it back", async () => {
      const replicas = async () => (await get("deployment", "shop-v1")).spec.replicas;
      await underLoad(async () => {
        asked = {
          ...asked,
          versions: [{ name: "v1", image: image("2.0"), autoscaling: { minReplicas: 2, maxReplicas: 4 } }],
        };
        assert.deepEqual((await upOperations(stack)).map(({ op, name }) => `${op} ${name}`).sort(), [
          "create shop-v1",
          "update shop-v1",
        ]);
        await until("the autoscaler brings its fewest pods", async () => (await replicas()) === 2, 60);
      });
      // There are no metrics here: another least number stands for load that makes the autoscaler scale.
      await mesh.kubectl.run(
        "patch",
        "hpa",
        "shop-v1",
        "-n",
        NAMESPACE,
        "--type=merge",
        "--patch",
        '{"spec":{"minReplicas":3}}',
      );
      await until("the autoscaler scales", async () => (await replicas()) === 3, 60);
      assert.deepEqual(await upOperations(stack), []);
      asked = { ...asked, pod: { ...asked.pod, labels: { rolled: "out" } } as CanaryAppArgs["pod"] };
      assert.deepEqual(
        (await upOperations(stack)).map(({ op, name }) => `${op} ${name}`),
        ["update shop-v1"],
      );
      assert.equal(await replicas(), 3);
      asked = { ...asked, versions: [{ name: "v1", image: image("2.0"), replicas: 2 }] };
      await stack.up();
      assert.deepEqual((await get("hpa")).items, []);
      // It can have looked once more between the Deployment's update and its own end; a refresh sees that, and an up
      // mends it.
      await stack.refresh();
      await stack.up();
      assert.equal(await replicas(), 2);
    });

    it("a disruption budget keeps pods from being evicted", async () => {
      asked = {
        ...asked,
        disruptionBudget: { minAvailable: 2 },
        versions: [{ name: "v1", image: image("2.0"), replicas: 2 }],
      };
      await stack.up();
      await until("the budget knows its pods", async () => (await get("pdb", "shop-v1")).status?.currentHealthy === 2);
      const [{ metadata }] = await podsOf("v1");
      const eviction = JSON.stringify({
        apiVersion: "policy/v1",
        kind: "Eviction",
        metadata: { name: metadata.name, namespace: NAMESPACE },
      });
      const evict = () =>
        mesh.kubectl.send(
          eviction,
          "create",
          "--raw",
          `/api/v1/namespaces/${NAMESPACE}/pods/${metadata.name}/eviction`,
          "-f",
          "-",
        );
      assert.match(await refusalOf(evict()), /disruption budget/);
      asked = { ...asked, disruptionBudget: { maxUnavailable: 1 } };
      await stack.up();
      await until("the budget allows one", async () => (await get("pdb", "shop-v1")).status?.disruptionsAllowed === 1);
      await underLoad(async () => {
        await evict();
        await until(
          "another pod has come",
          async () => (await get("deployment", "shop-v1")).status.readyReplicas === 2,
        );
      });
    });
  });
});
