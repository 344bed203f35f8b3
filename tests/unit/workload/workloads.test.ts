import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as fc from "fast-check";
import type { CanaryAppArgs } from "../../../components";
import { checkCanaryApp } from "../../../components/checkCanaryApp";
import { horizontalPodAutoscaler } from "../../../src/workload/autoscaling";
import { podDisruptionBudget } from "../../../src/workload/disruption";
import { deploymentAnnotations } from "../../../src/workload/kubernetesObjects";
import { replicaChange, replicasAnnotation, replicasByWeight } from "../../../src/workload/replicasByWeight";
import { versionCheck } from "../../../src/workload/version";
import { checkWorkloads, workloadFields } from "../../../src/workload/workloads";
import { shape } from "../../../src/validation/shape";
import { UNKNOWN } from "../../../src/validation/unknown";
import { anything, roughly, sharedVersions } from "../arbitraries";
import { type Expected, assertProblems, problemsOf } from "../problems";

const V1 = { name: "v1", image: "shop:1" };
const V2 = { name: "v2", image: "shop:2" };
const HALVES = { v1: 50, v2: 50 };
const CPU = { resources: { requests: { cpu: "10m" } } };

function check(
  args: unknown,
  versions: unknown = [V1, V2],
  shares: Record<string, number> | undefined = HALVES,
): ReturnType<typeof problemsOf> {
  return problemsOf((findings) => {
    shape(workloadFields)(args, findings);
    if (typeof args === "object" && args !== null) {
      checkWorkloads(args, versions, shares, findings);
    }
  });
}

describe("the workloads of all versions", () => {
  const sound: [name: string, args: object, versions?: object[], shares?: Record<string, number>][] = [
    ["nothing", {}],
    ["a disruption budget", { disruptionBudget: { minAvailable: 0 } }],
    ["pods that follow the weight", { replicasFollowWeight: { total: 1, least: 0 } }],
    ["a version without pods and traffic", {}, [V1, { ...V2, replicas: 0 }], { v1: 100, v2: 0 }],
    ["a version without pods, and shares that are not known yet", {}, [V1, { ...V2, replicas: 0 }], undefined],
    ["pods whose number is not known yet", {}, [V1, { ...V2, replicas: UNKNOWN }]],
    ["an autoscaler whose pods request CPU", { pod: CPU }, [{ ...V1, autoscaling: { maxReplicas: 3 } }]],
    ["an autoscaler whose version requests CPU", {}, [{ ...V1, pod: CPU, autoscaling: { maxReplicas: 3 } }]],
    [
      "an autoscaler whose pods have limits",
      { pod: { resources: { limits: { cpu: "1" } } } },
      [{ ...V1, autoscaling: { maxReplicas: 3 } }],
    ],
    ["an autoscaler by other metrics", {}, [{ ...V1, autoscaling: { maxReplicas: 3, extra: { metrics: [] } } }]],
    ["an autoscaler for a pod that is given", {}, [{ name: "v1", podSpec: {}, autoscaling: { maxReplicas: 3 } }]],
    ["an autoscaler whose pods are not known yet", { pod: UNKNOWN }, [{ ...V1, autoscaling: { maxReplicas: 3 } }]],
  ];
  for (const [name, args, versions, shares] of sound) {
    it(`may have ${name}`, () =>
      assertProblems(
        problemsOf((findings) =>
          checkWorkloads(
            args,
            versions ?? [V1, V2],
            name.includes("not known yet") ? shares : (shares ?? HALVES),
            findings,
          ),
        ),
        [],
      ));
  }

  const wrong: [name: string, args: object, versions: object[], problems: Expected[]][] = [
    ["a wrong pod", { pod: { env: [] } }, [V1], [["pod.env", "is []"]]],
    [
      "traffic without pods",
      {},
      [V1, { ...V2, replicas: 0 }],
      [["versions[1].replicas", "is 0, but the weight of v2 is 50", "at least 1"]],
    ],
    ["a budget of nothing", { disruptionBudget: {} }, [V1], [["disruptionBudget", "has none of minAvailable"]]],
    [
      "a budget of two kinds",
      { disruptionBudget: { minAvailable: 1, maxUnavailablePercent: 1 } },
      [V1],
      [["disruptionBudget", "has minAvailable and maxUnavailablePercent"]],
    ],
    [
      "a budget of too many percents",
      { disruptionBudget: { minAvailablePercent: 101 } },
      [V1],
      [["disruptionBudget.minAvailablePercent", "is 101"]],
    ],
    ["a budget that is not known yet", { disruptionBudget: UNKNOWN }, [V1], [["disruptionBudget", "is not known yet"]]],
    ["no total", { replicasFollowWeight: {} }, [V1], [["replicasFollowWeight.total", "is missing"]]],
    [
      "a total of nothing",
      { replicasFollowWeight: { total: 0 } },
      [V1],
      [["replicasFollowWeight.total", "is 0", "1 or more"]],
    ],
    [
      "two numbers of pods",
      { replicasFollowWeight: { total: 3 } },
      [{ ...V1, replicas: 1 }],
      [["versions[0].replicas", "and so is replicasFollowWeight"]],
    ],
    [
      "an autoscaler of pods that follow",
      { pod: CPU, replicasFollowWeight: { total: 3 } },
      [{ ...V1, autoscaling: { maxReplicas: 3 } }],
      [["versions[0].autoscaling", "replicasFollowWeight"]],
    ],
    [
      "an autoscaler without requests",
      {},
      [{ ...V1, autoscaling: { maxReplicas: 3 } }],
      [["versions[0].autoscaling", "targets cpu usage, but the pods request none", "pod.resources.requests.cpu"]],
    ],
    [
      "an autoscaler by memory without requests",
      { pod: CPU },
      [{ ...V1, autoscaling: { maxReplicas: 3, memoryPercent: 50 } }],
      [["versions[0].autoscaling", "targets memory"]],
    ],
  ];
  for (const [name, args, versions, problems] of wrong) {
    it(`may not have ${name}`, () => assertProblems(check(args, versions), problems));
  }

  describe("beside routes that name versions", () => {
    const CANARY = { ...V2, replicas: 0 };
    const toV2 = [{ match: [{ uri: { prefix: "/new" } }], version: "v2" }, {}];
    const followed = (more: object = {}) => ({
      versions: [V1, V2],
      replicasFollowWeight: { total: 3, least: 0, ...more },
    });
    const cases: [name: string, args: object, problems: Expected[]][] = [
      ["may send to one with pods at weight 0", { versions: [V1, V2], routes: toV2 }, []],
      [
        "may leave out one without pods",
        { versions: [V1, CANARY], routes: [{ mirrors: [{ version: "v2", percentage: 0 }] }] },
        [],
      ],
      [
        "may give one without pods the weight 0",
        { versions: [V1, CANARY], routes: [{ weights: { v1: 100, v2: 0 } }] },
        [],
      ],
      [
        "may send to one whose pods are not known yet",
        { versions: [V1, { ...V2, replicas: pulumi.output(0) }], routes: toV2 },
        [],
      ],
      ["may be not known yet", { versions: [V1, CANARY], routes: [pulumi.output({ version: "v2" })] }, []],
      ["may send to one with the fewest pods", { ...followed({ least: 1 }), routes: toV2 }, []],
      [
        "may send to one whose fewest pods are not known yet",
        { ...followed({ least: pulumi.output(0) }), routes: toV2 },
        [],
      ],
      [
        "may not send to one without pods",
        { versions: [V1, CANARY], routes: toV2 },
        [["versions[1].replicas", "is 0, but routes[0].version sends to v2", "at least 1, or take v2 out of there"]],
      ],
      [
        "may not share among one without pods",
        { versions: [V1, CANARY], routes: [{ weights: { v1: 99, v2: 1 } }] },
        [["versions[1].replicas", "routes[0].weights.v2"]],
      ],
      [
        "may not copy to one without pods",
        { versions: [V1, CANARY], routes: [{ mirrors: [{ service: { host: "log", port: 80 } }, { version: "v2" }] }] },
        [["versions[1].replicas", "routes[0].mirrors[1].version"]],
      ],
      [
        "may not send to one that has lost its pods with its weight",
        { ...followed(), routes: toV2 },
        [["replicasFollowWeight.least", "is 0 and so is the weight of v2, but routes[0].version"]],
      ],
    ];
    for (const [name, args, problems] of cases) {
      it(name, () =>
        assertProblems(
          problemsOf((findings) =>
            checkCanaryApp("shop", { weight: 0, ...args } as unknown as CanaryAppArgs, findings),
          ),
          problems,
        ),
      );
    }
  });

  it("are either sound or refused, whatever is given", () => {
    const args = roughly({
      pod: fc.constant(CPU),
      disruptionBudget: roughly({ minAvailable: fc.nat() }),
      replicasFollowWeight: roughly({ total: fc.nat() }),
    });
    const version = roughly({
      name: fc.constant("v1"),
      image: fc.string(),
      pod: roughly({ resources: roughly({ requests: anything(), limits: anything() }) }),
      replicas: fc.nat(),
      autoscaling: roughly({ maxReplicas: fc.nat(), extra: anything() }),
    });
    fc.assert(
      fc.property(
        args,
        fc.oneof(fc.array(fc.oneof(version, anything()), { maxLength: 2 }), anything()),
        (given, versions) => void check(given, versions),
      ),
      { numRuns: 500 },
    );
  });
});

describe("a version's own workload", () => {
  const problems = (version: object) => problemsOf((findings) => versionCheck()({ ...V1, ...version }, findings), "v");
  const wrong: [name: string, version: object, problems: Expected[]][] = [
    ["an autoscaler without a bound", { autoscaling: {} }, [["v.autoscaling.maxReplicas", "is missing"]]],
    [
      "bounds the wrong way round",
      { autoscaling: { minReplicas: 3, maxReplicas: 2 } },
      [["v.autoscaling.maxReplicas", "is 2", "minReplicas (3) or more"]],
    ],
    [
      "no pods by an autoscaler",
      { autoscaling: { minReplicas: 0, maxReplicas: 2 } },
      [["v.autoscaling.minReplicas", "is 0", "1 or more"]],
    ],
    [
      "an autoscaler beside a number",
      { replicas: 2, autoscaling: { maxReplicas: 2 } },
      [["v.replicas", "is set, and so is autoscaling"]],
    ],
    ["an autoscaler that is not known yet", { autoscaling: UNKNOWN }, [["v.autoscaling", "is not known yet"]]],
    ["a wrong budget", { disruptionBudget: { minAvailable: -1 } }, [["v.disruptionBudget.minAvailable", "is -1"]]],
    ["a wrong pod", { pod: { env: { A: 1 } } }, [["v.pod.env.A", "is not a string"]]],
    [
      "a pod beside its specification",
      { image: undefined, podSpec: { containers: [{}] }, pod: { env: {} } },
      [["v.pod.env", "beside podSpec"]],
    ],
  ];
  for (const [name, version, expected] of wrong) {
    it(`may not be ${name}`, () => assertProblems(problems(version), expected));
  }

  it("may be scaled, budgeted and described", () => {
    assertProblems(
      problems({ autoscaling: { maxReplicas: 2, behavior: {} }, disruptionBudget: { maxUnavailable: 1 }, pod: CPU }),
      [],
    );
  });
});

describe("an autoscaler", () => {
  const metric = (name: string, averageUtilization: number) => ({
    type: "Resource",
    resource: { name, target: { type: "Utilization", averageUtilization } },
  });

  it("targets 80% of the CPU by default", () => {
    assert.deepEqual(horizontalPodAutoscaler("shop-v1", { maxReplicas: 5 }), {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "shop-v1" },
      minReplicas: 1,
      maxReplicas: 5,
      metrics: [metric("cpu", 80)],
    });
  });

  it("targets memory, or both, as is said; and passes the rest on", () => {
    const of = (args: object) => horizontalPodAutoscaler("shop-v1", { maxReplicas: 5, ...args }) as any;
    assert.deepEqual(of({ memoryPercent: 70 }).metrics, [metric("memory", 70)]);
    assert.deepEqual(of({ memoryPercent: 70, cpuPercent: 60 }).metrics, [metric("cpu", 60), metric("memory", 70)]);
    assert.deepEqual(of({ behavior: { scaleUp: {} } }).behavior, { scaleUp: {} });
    assert.deepEqual(of({ extra: { metrics: [1], minReplicas: 0 } }).metrics, [1]);
  });
});

describe("a disruption budget", () => {
  const budgets: [args: object, expected: object][] = [
    [{ minAvailable: 0 }, { minAvailable: 0 }],
    [{ minAvailablePercent: 50 }, { minAvailable: "50%" }],
    [{ maxUnavailable: 1 }, { maxUnavailable: 1 }],
    [{ maxUnavailablePercent: 25 }, { maxUnavailable: "25%" }],
  ];
  for (const [args, expected] of budgets) {
    it(`of ${JSON.stringify(args)} is for the version's pods alone`, () => {
      assert.deepEqual(podDisruptionBudget("shop", "v1", args), {
        ...expected,
        selector: { matchLabels: { app: "shop", version: "v1" } },
      });
    });
  }
});

describe("pods that follow the weight", () => {
  it("are shared as the traffic is, rounded up", () => {
    assert.deepEqual(replicasByWeight({ v1: 75, v2: 25, v3: 0 }, { total: 10 }), { v1: 8, v2: 3, v3: 1 });
    assert.deepEqual(replicasByWeight({ v1: 99, v2: 1, v3: 0 }, { total: 4, least: 0 }), { v1: 4, v2: 1, v3: 0 });
    assert.deepEqual(replicasByWeight({ v1: 100, v2: 0 }, { total: 1, least: 2 }), { v1: 2, v2: 2 });
  });

  it("are enough for every share, and no more than one a version too many", () => {
    fc.assert(
      fc.property(sharedVersions(), fc.integer({ min: 1, max: 500 }), ({ versions, shares }, total) => {
        const replicas = replicasByWeight(shares, { total, least: 0 });
        const sum = versions.reduce((all, name) => all + replicas[name], 0);
        assert.ok(versions.every((name) => replicas[name] * 100 >= shares[name] * total));
        assert.ok(sum >= total && sum < total + versions.length);
      }),
    );
  });

  it("rise and fall by what the VirtualService says of the time before", () => {
    const inputs = (replicas: Record<string, number>) => ({ metadata: { annotations: replicasAnnotation(replicas) } });
    assert.deepEqual(replicaChange(inputs({ v1: 8, v2: 3, v3: 1 }), inputs({ v1: 5, v2: 5, v3: 1, v4: 1 })), {
      falling: ["v1"],
      rising: ["v2"],
    });
    for (const before of [
      undefined,
      {},
      { metadata: {} },
      { metadata: { annotations: { "canary-app/replicas": "{" } } },
      { metadata: { annotations: { "canary-app/replicas": "null" } } },
    ]) {
      assert.deepEqual(replicaChange(before, inputs({ v1: 1 })), { falling: [], rising: [] });
    }
  });

  it("are told from fixed ones by the Deployment, whose declared fields win", () => {
    assert.deepEqual(deploymentAnnotations("fixed"), { "pulumi.com/patchForce": "true" });
    assert.equal(
      new Set(
        (["fixed", "autoscaled", "byWeight", "external"] as const).map((scaling) =>
          JSON.stringify(deploymentAnnotations(scaling)),
        ),
      ).size,
      4,
    );
  });
});
