import assert from "node:assert/strict";
import * as fc from "fast-check";
import { type PodSpec, checkPodSpec, podOfImage, withDrain } from "../../../src/workload/pod";
import { UNKNOWN } from "../../../src/validation/unknown";
import { anything, roughly } from "../arbitraries";
import { type Expected, assertProblems, problemsOf } from "../problems";

const DRAIN = { preStop: 5, grace: 30 };

const onPort = (targetPort: number) => [{ name: "http", targetPort, protocol: "http" as const }];

describe("a pod that must go", () => {
  it("gets a pause in every container, time to end, and the app's account", () => {
    const spec = { containers: [{ name: "shop" }, { name: "log" }], volumes: [{ name: "tmp" }] };
    assert.deepEqual(withDrain(spec, "shop", DRAIN), {
      serviceAccountName: "shop",
      terminationGracePeriodSeconds: 30,
      containers: [
        { name: "shop", lifecycle: { preStop: { sleep: { seconds: 5 } } } },
        { name: "log", lifecycle: { preStop: { sleep: { seconds: 5 } } } },
      ],
      volumes: [{ name: "tmp" }],
    });
  });

  it("keeps what it says itself", () => {
    const spec = {
      serviceAccountName: "mine",
      terminationGracePeriodSeconds: 90,
      containers: [{ name: "shop", lifecycle: { postStart: { exec: {} }, preStop: { exec: { command: ["drain"] } } } }],
    };
    assert.deepEqual(withDrain(spec, "shop", DRAIN), spec);
  });

  it("keeps what its container does when it starts, and gets the pause beside it", () => {
    const [container] = withDrain(
      { containers: [{ lifecycle: { postStart: { exec: {} } } }] },
      "shop",
      DRAIN,
    ).containers;
    assert.deepEqual(container, { lifecycle: { postStart: { exec: {} }, preStop: { sleep: { seconds: 5 } } } });
  });

  it("is killed at once if it says so: 0 is not the same as nothing", () => {
    assert.equal(
      withDrain({ containers: [{}], terminationGracePeriodSeconds: 0 }, "shop", DRAIN).terminationGracePeriodSeconds,
      0,
    );
  });

  it("is changed in a copy", () => {
    const spec: PodSpec = { containers: [{ name: "shop", lifecycle: { postStart: {} } }] };
    const before = structuredClone(spec);
    withDrain(spec, "shop", DRAIN);
    assert.deepEqual(spec, before);
  });
});

describe("the pod of an image", () => {
  it("passes the restricted standard, can write to /tmp, and is ready when its port is", () => {
    assert.deepEqual(podOfImage("shop", "example.com/shop:2.0", onPort(8080)), {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          name: "shop",
          image: "example.com/shop:2.0",
          imagePullPolicy: "IfNotPresent",
          ports: [{ name: "http", containerPort: 8080 }],
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
          readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 2 },
          volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
        },
      ],
      volumes: [{ name: "tmp", emptyDir: {} }],
    });
  });
});

describe("a pod's specification", () => {
  const check = (spec: unknown) => problemsOf((findings) => checkPodSpec(spec, findings), "podSpec");

  for (const spec of [
    podOfImage("shop", "shop:1", onPort(80)),
    { containers: [{}] },
    { containers: UNKNOWN },
    { containers: [UNKNOWN] },
    UNKNOWN,
  ]) {
    it(`may be ${typeof spec === "symbol" ? "not known yet" : Object.keys(spec).join(", ")}`, () =>
      assertProblems(check(spec), []));
  }

  const wrong: [name: string, spec: unknown, problems: Expected[]][] = [
    ["null", null, [["podSpec", "is null", "a Kubernetes PodSpec"]]],
    ["a text", "shop:2.0", [["podSpec", 'is "shop:2.0"', "a Kubernetes PodSpec"]]],
    ["a list of containers", [{ image: "shop:2.0" }], [["podSpec", 'is [{"image":"shop:2.0"}]']]],
    ["nothing", {}, [["podSpec.containers", "is undefined", "at least one container"]]],
    [
      "a Pod instead of its spec",
      { kind: "Pod", spec: { containers: [{}] } },
      [["podSpec.containers", "is undefined"]],
    ],
    ["no containers", { containers: [] }, [["podSpec.containers", "is []", "at least one container"]]],
    [
      "containers that are no list",
      { containers: { image: "shop:2.0" } },
      [["podSpec.containers", 'is {"image":"shop:2.0"}']],
    ],
    [
      "a container that is a text",
      { containers: ["shop:2.0"] },
      [["podSpec.containers[0]", 'is "shop:2.0"', "a Kubernetes Container"]],
    ],
    ["a second container that is null", { containers: [{}, null] }, [["podSpec.containers[1]", "is null"]]],
  ];
  for (const [name, spec, problems] of wrong) {
    it(`may not be ${name}`, () => assertProblems(check(spec), problems));
  }

  it("is either refused or can be drained, whatever is given", () => {
    const container = fc.oneof(
      fc.constant({ name: "shop" }),
      roughly({ lifecycle: roughly({ preStop: anything() }) }),
      anything(),
    );
    const containers = fc.array(container, { maxLength: 2 });
    fc.assert(
      fc.property(fc.oneof(roughly({ containers, serviceAccountName: fc.string() }), anything()), (given) => {
        const spec = given as PodSpec;
        const open = given === UNKNOWN || (spec?.containers as unknown) === UNKNOWN;
        if (check(given).length === 0 && !open) {
          assert.ok(withDrain(spec, "shop", DRAIN).containers[0].lifecycle);
        }
      }),
      { numRuns: 300 },
    );
  });
});
