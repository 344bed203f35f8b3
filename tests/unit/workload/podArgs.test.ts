import assert from "node:assert/strict";
import * as fc from "fast-check";
import { UNKNOWN } from "../../../src/validation/unknown";
import { podOfImage } from "../../../src/workload/pod";
import { mergePods, podArgsCheck, podMetadataCheck } from "../../../src/workload/podArgs";
import { anything, roughly } from "../arbitraries";
import { type Expected, assertProblems, problemsOf } from "../problems";

const check = (pod: unknown) => problemsOf((findings) => podArgsCheck(pod, findings), "pod");

const FULL = {
  command: ["/shop"],
  args: ["--fast", ""],
  env: { B: "2", A: "" },
  envFrom: [
    { name: "KEY", secret: "keys", key: "k" },
    { name: "MODE", configMap: "modes", key: "m", optional: true },
  ],
  resources: { requests: { cpu: "250m", memory: "1.5Gi" }, limits: { memory: "2Gi" } },
  readinessProbe: { http: { path: "/ready" }, successThreshold: 2 },
  livenessProbe: { exec: ["alive"], periodSeconds: 5 },
  startupProbe: { grpc: { service: "shop" }, failureThreshold: 30 },
  volumes: [
    { name: "cache", mountPath: "/cache", emptyDir: {} },
    { name: "settings", mountPath: "/etc/shop", configMap: "settings", readOnly: true },
    { name: "keys", mountPath: "/etc/keys/one", subPath: "one", secret: "keys" },
    { name: "data", mountPath: "/data", persistentVolumeClaim: "data" },
  ],
  security: { runAsUser: 1000, fsGroup: 2000, readOnlyRootFilesystem: false },
  imagePullPolicy: "Always" as const,
  imagePullSecrets: ["registry"],
  serviceAccountName: "mine",
  priorityClassName: "high",
  nodeSelector: { "example.com/disk": "ssd" },
  labels: { team: "shop" },
  annotations: { note: "any text, even ü" },
  extra: { tolerations: [{ operator: "Exists" }] },
  containerExtra: { stdin: true },
};

const onPort = (targetPort: number) => [{ name: "http", targetPort, protocol: "http" as const }];

describe("what pods are like", () => {
  it("may be said in every field, or in none", () => {
    assertProblems(check(FULL), []);
    assertProblems(check({}), []);
    assertProblems(check(Object.fromEntries(Object.keys(FULL).map((name) => [name, UNKNOWN]))), []);
  });

  it("is what the pod of an image is", () => {
    assert.deepEqual(podOfImage("shop", "shop:1", onPort(8080), FULL), {
      securityContext: {
        runAsUser: 1000,
        fsGroup: 2000,
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
      },
      serviceAccountName: "mine",
      priorityClassName: "high",
      nodeSelector: { "example.com/disk": "ssd" },
      imagePullSecrets: [{ name: "registry" }],
      containers: [
        {
          name: "shop",
          image: "shop:1",
          imagePullPolicy: "Always",
          command: ["/shop"],
          args: ["--fast", ""],
          env: [
            { name: "A", value: "" },
            { name: "B", value: "2" },
            { name: "KEY", valueFrom: { secretKeyRef: { name: "keys", key: "k" } } },
            { name: "MODE", valueFrom: { configMapKeyRef: { name: "modes", key: "m", optional: true } } },
          ],
          resources: FULL.resources,
          ports: [{ name: "http", containerPort: 8080 }],
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: false,
            capabilities: { drop: ["ALL"] },
          },
          readinessProbe: { httpGet: { path: "/ready", port: 8080 }, successThreshold: 2 },
          livenessProbe: { exec: { command: ["alive"] }, periodSeconds: 5 },
          startupProbe: { grpc: { service: "shop", port: 8080 }, failureThreshold: 30 },
          volumeMounts: [
            { name: "tmp", mountPath: "/tmp" },
            { name: "cache", mountPath: "/cache" },
            { name: "settings", mountPath: "/etc/shop", readOnly: true },
            { name: "keys", mountPath: "/etc/keys/one", subPath: "one" },
            { name: "data", mountPath: "/data" },
          ],
          stdin: true,
        },
      ],
      volumes: [
        { name: "tmp", emptyDir: {} },
        { name: "cache", emptyDir: {} },
        { name: "settings", configMap: { name: "settings" } },
        { name: "keys", secret: { secretName: "keys" } },
        { name: "data", persistentVolumeClaim: { claimName: "data" } },
      ],
      tolerations: [{ operator: "Exists" }],
    });
  });

  it("keeps /tmp writable, whatever volumes are called, unless one of them is mounted there", () => {
    const mounts = (volume: object) =>
      podOfImage("shop", "shop:1", onPort(80), { volumes: [volume as any] }).containers[0].volumeMounts;
    assert.deepEqual(mounts({ name: "tmp", mountPath: "/data", emptyDir: {} }), [
      { name: "canary-tmp", mountPath: "/tmp" },
      { name: "tmp", mountPath: "/data" },
    ]);
    assert.deepEqual(mounts({ name: "big", mountPath: "/tmp/", emptyDir: {} }), [{ name: "big", mountPath: "/tmp/" }]);
  });

  it("probes the port that is said, else the one that pods listen on", () => {
    const probe = (readinessProbe: object) =>
      podOfImage("shop", "shop:1", onPort(80), { readinessProbe }).containers[0].readinessProbe;
    assert.deepEqual(probe({ tcp: {} }), { tcpSocket: { port: 80 } });
    assert.deepEqual(probe({ tcp: { port: 81 } }), { tcpSocket: { port: 81 } });
    assert.deepEqual(probe({ http: { path: "/", port: 82, scheme: "HTTPS" } }), {
      httpGet: { path: "/", port: 82, scheme: "HTTPS" },
    });
    assert.deepEqual(probe({ grpc: {} }), { grpc: { port: 80 } });
  });

  const volume = { name: "a", mountPath: "/a", emptyDir: {} };
  const wrong: [name: string, pod: unknown, problems: Expected[]][] = [
    ["a text", "restricted", [["pod", 'is "restricted"', "command, args, env"]]],
    ["a misspelt field", { comand: [] }, [["pod.comand", "is an unknown argument"]]],
    ["a command that is a text", { command: "/shop" }, [["pod.command", 'is "/shop"', "the program first"]]],
    ["an empty command", { command: [] }, [["pod.command", "is []", "at least 1"]]],
    ["an argument that is a number", { args: [5] }, [["pod.args[0]", "is not a string", "in quotes"]]],
    ["a variable that is a number", { env: { PORT: 80 } }, [["pod.env.PORT", "is not a string", "in quotes"]]],
    ["a variable's wrong name", { env: { "1A": "x" } }, [['pod.env["1A"]', 'is "1A"', "starts with no digit"]]],
    [
      "a variable from nowhere",
      { envFrom: [{ name: "A", key: "k" }] },
      [["pod.envFrom[0]", "has none of secret, configMap", "exactly one"]],
    ],
    [
      "a variable from two places",
      { envFrom: [{ name: "A", key: "k", secret: "s", configMap: "c" }] },
      [["pod.envFrom[0]", "has secret and configMap"]],
    ],
    ["a variable without a key", { envFrom: [{ name: "A", secret: "s" }] }, [["pod.envFrom[0].key", "is missing"]]],
    ["no resources", { resources: {} }, [["pod.resources", "sets nothing"]]],
    [
      "a quantity that is a number",
      { resources: { requests: { cpu: 1 } } },
      [["pod.resources.requests.cpu", "is 1", "in quotes"]],
    ],
    [
      "a quantity of no unit",
      { resources: { limits: { memory: "1GB" } } },
      [["pod.resources.limits.memory", 'is "1GB"']],
    ],
    [
      "a probe of nothing",
      { readinessProbe: { periodSeconds: 1 } },
      [["pod.readinessProbe", "has none of http, tcp, grpc, exec"]],
    ],
    ["a probe of two ways", { readinessProbe: { tcp: {}, exec: ["a"] } }, [["pod.readinessProbe", "has tcp and exec"]]],
    [
      "a probe of a relative path",
      { readinessProbe: { http: { path: "ready" } } },
      [["pod.readinessProbe.http.path", 'is "ready"', "starts with /"]],
    ],
    [
      "a probe of a wrong port",
      { livenessProbe: { tcp: { port: 0 } } },
      [["pod.livenessProbe.tcp.port", "is 0", "a port"]],
    ],
    [
      "a probe too often",
      { readinessProbe: { tcp: {}, periodSeconds: 0 } },
      [["pod.readinessProbe.periodSeconds", "is 0", "1 or more"]],
    ],
    [
      "two good answers for liveness",
      { livenessProbe: { tcp: {}, successThreshold: 2 } },
      [["pod.livenessProbe.successThreshold", "is 2", "1, which is all"]],
    ],
    [
      "a volume of nothing",
      { volumes: [{ name: "a", mountPath: "/a" }] },
      [["pod.volumes[0]", "has none of emptyDir"]],
    ],
    [
      "a volume of two kinds",
      { volumes: [{ ...volume, secret: "s" }] },
      [["pod.volumes[0]", "has emptyDir and secret"]],
    ],
    [
      "a volume on a relative folder",
      { volumes: [{ ...volume, mountPath: "a" }] },
      [["pod.volumes[0].mountPath", 'is "a"', "starts with /"]],
    ],
    [
      "a path out of a volume",
      { volumes: [{ ...volume, subPath: "a/../.." }] },
      [["pod.volumes[0].subPath", "without .."]],
    ],
    [
      "a volume twice",
      { volumes: [volume, { ...volume, mountPath: "/b" }] },
      [["pod.volumes[1].name", 'is "a", as in volumes[0]']],
    ],
    [
      "two volumes on a folder",
      { volumes: [volume, { ...volume, name: "b" }] },
      [["pod.volumes[1].mountPath", 'is "/a", as in volumes[0]']],
    ],
    [
      "root that is not allowed",
      { security: { runAsUser: 0 } },
      [["pod.security.runAsUser", "is 0, which is root", "runAsNonRoot false"]],
    ],
    ["a user that is a name", { security: { runAsUser: "shop" } }, [["pod.security.runAsUser", 'is "shop"', "an id"]]],
    [
      "a wrong pull policy",
      { imagePullPolicy: "always" },
      [["pod.imagePullPolicy", 'is "always"', "IfNotPresent, Always, Never"]],
    ],
    ["a Secret's wrong name", { imagePullSecrets: ["A_b"] }, [["pod.imagePullSecrets[0]", 'is "A_b"']]],
    ["our label", { labels: { version: "v3" } }, [["pod.labels.version", "is CanaryApp's own label"]]],
    ["a label's wrong value", { labels: { team: "a b" } }, [["pod.labels.team", 'is "a b"', "63 letters"]]],
    ["a label's wrong name", { labels: { "a/b/c": "x" } }, [['pod.labels["a/b/c"]', 'is "a/b/c"']]],
    ["an annotation that is no text", { annotations: { a: true } }, [["pod.annotations.a", "is true", "a text"]]],
    ["containers", { extra: { containers: [] } }, [["pod.extra.containers", "is set", "podSpec instead of image"]]],
    ["a list of fields", { containerExtra: [] }, [["pod.containerExtra", "is []"]]],
  ];
  for (const [name, pod, problems] of wrong) {
    it(`may not be ${name}`, () => assertProblems(check(pod), problems));
  }

  it("may be root where that is allowed", () =>
    assertProblems(check({ security: { runAsUser: 0, runAsNonRoot: false } }), []));

  it("is its labels and annotations alone where the specification is given", () => {
    const problems = (pod: unknown) => problemsOf((findings) => podMetadataCheck(pod, findings), "pod");
    assertProblems(problems({ labels: { a: "b" }, annotations: {} }), []);
    assertProblems(problems({ labels: { a: "b" }, env: {} }), [
      ["pod.env", "is set beside podSpec", "only labels and annotations"],
    ]);
    assertProblems(problems({ labels: { app: "b" } }), [["pod.labels.app", "own label"]]);
  });

  it("is either refused or rendered, whatever is given", () => {
    const pod = roughly(Object.fromEntries(Object.entries(FULL).map(([name, value]) => [name, fc.constant(value)])));
    const holdsUnknown = (value: unknown): boolean =>
      value === UNKNOWN || (typeof value === "object" && value !== null && Object.values(value).some(holdsUnknown));
    let rendered = 0;
    fc.assert(
      fc.property(fc.oneof(pod, anything()), (given) => {
        if (check(given).length === 0 && !holdsUnknown(given)) {
          rendered++;
          assert.equal(podOfImage("shop", "shop:1", onPort(80), given as object).containers.length, 1);
        }
      }),
      { numRuns: 500 },
    );
    assert.ok(rendered > 0);
  });
});

describe("what a version says of its pods", () => {
  it("takes the place of what the app says, field by field, and of names, name by name", () => {
    const app = { env: { A: "1", B: "1" }, labels: { a: "1" }, imagePullSecrets: ["one"], command: ["app"] };
    assert.deepEqual(
      mergePods(app, { env: { B: "2" }, annotations: { c: "2" }, imagePullSecrets: [], command: undefined }),
      {
        env: { A: "1", B: "2" },
        labels: { a: "1" },
        annotations: { c: "2" },
        imagePullSecrets: [],
        command: ["app"],
      },
    );
  });

  it("is all that counts where the app says nothing, and the other way round", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("command", "args", "imagePullSecrets"), fc.array(fc.string())),
        (pod) => {
          assert.deepEqual(mergePods(pod, {}), { ...pod });
          assert.deepEqual(mergePods(undefined, pod), { ...pod });
          assert.deepEqual(mergePods(pod, pod), { ...pod });
        },
      ),
    );
  });
});
