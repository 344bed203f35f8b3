import type { CanaryAppArgs } from "../../../components";
import { checkCanaryApp } from "../../../components/checkCanaryApp";
import { UNKNOWN } from "../../../src/validation/unknown";
import { type Expected, assertProblems, problemsOf } from "../problems";

const V1 = { name: "v1", image: "shop:1" };
const V2 = { name: "v2", image: "shop:2" };
const SCALED = { maxReplicas: 3, extra: { metrics: [] } };
const EXTERNAL = { externalScaling: true };
const ONE = "only one of them may decide how many pods there are";

describe("pods whose number someone else says", () => {
  const cases: [name: string, args: object, problems: Expected[]][] = [
    ["may be those of one version", { versions: [V1, { ...V2, ...EXTERNAL }] }, []],
    ["may be those of every version", { ...EXTERNAL, versions: [V1, V2] }, []],
    [
      "may be those of every version but one with a number",
      { ...EXTERNAL, versions: [V1, { ...V2, externalScaling: false, replicas: 2 }] },
      [],
    ],
    [
      "may be those of every version but one with an autoscaler",
      { ...EXTERNAL, versions: [V1, { ...V2, externalScaling: false, autoscaling: SCALED }] },
      [],
    ],
    ["may be those of none, said aloud", { externalScaling: false, versions: [{ ...V1, replicas: 2 }, V2] }, []],
    [
      "may not have a number",
      { versions: [V1, { ...V2, ...EXTERNAL, replicas: 2 }] },
      [["versions[1].replicas", "is set, and so is externalScaling", ONE]],
    ],
    [
      "may not have a number that is known later",
      { versions: [V1, { ...V2, ...EXTERNAL, replicas: UNKNOWN }] },
      [["versions[1].replicas", "is set, and so is externalScaling", ONE]],
    ],
    [
      "may not have an autoscaler of ours",
      { versions: [V1, { ...V2, ...EXTERNAL, autoscaling: SCALED }] },
      [["versions[1].autoscaling", "is set, and so is externalScaling", ONE]],
    ],
    [
      "may not have a number where the app says that every version's is someone else's",
      { ...EXTERNAL, versions: [{ ...V1, replicas: 2 }, V2] },
      [["versions[0].replicas", "the app's externalScaling is true", "externalScaling of this version to false"]],
    ],
    [
      "may not have an autoscaler where the app says so",
      { ...EXTERNAL, versions: [{ ...V1, autoscaling: SCALED }, V2] },
      [["versions[0].autoscaling", "the app's externalScaling is true"]],
    ],
    [
      "may not follow the weights",
      { ...EXTERNAL, replicasFollowWeight: { total: 4 }, versions: [V1, V2] },
      [["externalScaling", "is true, and replicasFollowWeight is set", ONE]],
    ],
    [
      "may not follow the weights, be it one version alone",
      { replicasFollowWeight: { total: 4 }, versions: [V1, { ...V2, ...EXTERNAL }] },
      [["versions[1].externalScaling", "is set, and so is replicasFollowWeight", ONE]],
    ],
    [
      "are said by true or false",
      { externalScaling: "external", versions: [V1, { ...V2, externalScaling: null }] },
      [
        ["versions[1].externalScaling", "is null", "true or false is needed"],
        ["externalScaling", 'is "external"', "true or false is needed"],
      ],
    ],
    [
      "are known from the start",
      { externalScaling: UNKNOWN, versions: [V1, V2] },
      [["externalScaling", "is not known yet"]],
    ],
  ];
  for (const [name, args, problems] of cases) {
    it(name, () =>
      assertProblems(
        problemsOf(
          (findings) => void checkCanaryApp("shop", { weight: 25, ...args } as unknown as CanaryAppArgs, findings),
        ),
        problems,
      ),
    );
  }
});
