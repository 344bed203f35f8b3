/**
 * Which end-to-end suites run in `npm test` (`core`), and which only in `npm run test:all` (`rest`). The first cover
 * the main use case, every example, previews and a whole rollout.
 */
export type Tier = "core" | "rest";

/** Suites that run one after the other, on one sandbox. */
export interface Lane {
  name: string;
  tier: Tier;
  /** Whether its suites check what the unit tests have rendered, and have to wait for them. */
  afterUnitTests?: boolean;
  /** Their files below tests/e2e, without `.test.ts`, in the order in which they run. */
  suites: readonly string[];
}

/**
 * All end-to-end suites, each in one lane. The order within a lane decides how often Istio is installed: suites that
 * install an Istio of their own, or need a cluster without one, remove the Istio that others share. They are grouped
 * together, and so are those that share it. preview/command removes Istio's definitions at its end, so it is the last
 * of its lane.
 */
export const LANES: readonly Lane[] = [
  {
    name: "core",
    tier: "core",
    suites: ["trafficShifting", "examples", "package", "preview/golden", "rollout/run", "preview/command"],
  },
  {
    name: "apps",
    tier: "rest",
    afterUnitTests: true,
    suites: [
      "oracles",
      ...["access", "connections", "existingMesh", "followWeight", "gateway", "http2", "loadBalancing", "policies"],
      ...["ports", "restricted", "routing", "servicePort", "versionConfig", "workload", "autoscaling", "consumers"],
    ],
  },
  {
    name: "ops",
    tier: "rest",
    suites: [
      "config",
      ...["rollout/cli", "rollout/crash", "rollout/trafficFirst", "rollout/cancelledJob", "rollout/strategies"],
      ...["rollout/together", "rollout/engine", "rollout/metrics"],
      ...["rollout/blockedProxies", "rollout/prometheusFigures"],
      ...["pipelines/githubActions", "pipelines/gitlabCi", "pipelines/syntax"],
      ...["faults/apiServer", "faults/clusters", "faults/drift", "faults/hosts"],
      ...["faults/namespace", "faults/permissions", "faults/state", "faults/versions"],
      ...["faults/hooks", "faults/controlPlane", "faults/definitions", "faults/interruptedMesh"],
    ],
  },
  { name: "sandbox", tier: "rest", suites: ["sandbox/lifecycle", "sandbox/tools"] },
];

/** The lanes of `npm test`, or of all tests. */
export function lanesOf(all: boolean): Lane[] {
  return LANES.filter(({ tier }) => all || tier === "core");
}

/** The file of a suite, from the project's folder. */
export function fileOf(suite: string): string {
  return `tests/e2e/${suite}.test.ts`;
}
