import { type Drain, checkDrain } from "../../../src/workload/drain";
import { UNKNOWN } from "../../../src/validation/unknown";
import { type Expected, assertProblems, problemsOf } from "../problems";

const DRAIN: Drain = { settle: 1.5, preStop: 5, grace: 30 };

const sleeping = (seconds: unknown) => ({ lifecycle: { preStop: { sleep: { seconds } } } });

const listening = (containerPort: number) => ({ ports: [{ containerPort }] });

describe("the end of a pod", () => {
  const cases: [name: string, version: object, drain: object, problems: Expected[], shared?: unknown][] = [
    ["may be ours", { podSpec: { containers: [{}] } }, DRAIN, []],
    ["may be ours for an image", { image: "a" }, DRAIN, []],
    ["may take longer", { podSpec: { terminationGracePeriodSeconds: 90, containers: [sleeping(60)] } }, DRAIN, []],
    [
      "may be a command's",
      { podSpec: { terminationGracePeriodSeconds: 1, containers: [{ lifecycle: { preStop: { exec: {} } } }] } },
      DRAIN,
      [],
    ],
    [
      "may not come while it sleeps",
      { podSpec: { terminationGracePeriodSeconds: 3, containers: [{}] } },
      DRAIN,
      [
        [
          "versions[1].podSpec.terminationGracePeriodSeconds",
          "is 3, and the terminating pod goes on answering for 5 seconds",
          "lower transition.drainSeconds",
        ],
      ],
    ],
    [
      "may not come as it wakes",
      { podSpec: { terminationGracePeriodSeconds: 5, containers: [{}] } },
      DRAIN,
      [["versions[1].podSpec.terminationGracePeriodSeconds", "is 5"]],
    ],
    [
      "may not come at once",
      { podSpec: { terminationGracePeriodSeconds: 0, containers: [{}] } },
      DRAIN,
      [["versions[1].podSpec.terminationGracePeriodSeconds", "is 0"]],
    ],
    [
      "may not be that of an image either",
      { image: "a", pod: { extra: { terminationGracePeriodSeconds: 3 } } },
      DRAIN,
      [["versions[1].pod.extra.terminationGracePeriodSeconds", "is 3"]],
    ],
    [
      "may not be what the app says for all images",
      { image: "a" },
      DRAIN,
      [["versions[1].pod.extra.terminationGracePeriodSeconds", "is 3"]],
      { extra: { terminationGracePeriodSeconds: 3 } },
    ],
    [
      "may not come before what the app's times say",
      { podSpec: { terminationGracePeriodSeconds: 30, containers: [{}] } },
      { settle: 1.5, preStop: 60, grace: 90 },
      [
        [
          "versions[1].podSpec.terminationGracePeriodSeconds",
          "is 30, and the terminating pod goes on answering for 60 seconds",
        ],
      ],
    ],
    [
      "may not come while a container sleeps of itself",
      { podSpec: { containers: [{}, sleeping(40)] } },
      DRAIN,
      [
        [
          "versions[1].podSpec.containers[1].lifecycle.preStop.sleep.seconds",
          "is 40",
          "less than transition.graceSeconds (30)",
        ],
      ],
    ],
    [
      "may not come while its container sleeps of itself, both its own",
      { podSpec: { terminationGracePeriodSeconds: 10, containers: [sleeping(10)] } },
      DRAIN,
      [["versions[1].podSpec.terminationGracePeriodSeconds", "is 10", "lower lifecycle.preStop.sleep.seconds"]],
    ],
    [
      "may not come before proxies have stopped sending",
      { image: "a", pod: { containerExtra: sleeping(1) } },
      DRAIN,
      [["versions[1].pod.containerExtra.lifecycle.preStop.sleep.seconds", "is 1", "settleSeconds (1.5)"]],
    ],
    [
      "may come early for a helper of the container that answers",
      { podSpec: { containers: [listening(8080), { ...listening(9000), ...sleeping(1) }] }, ports: [8080] },
      DRAIN,
      [],
    ],
    [
      "may not come early for the container that answers, wherever it stands",
      { podSpec: { containers: [{}, { ...listening(8080), ...sleeping(1) }] }, ports: [8080] },
      DRAIN,
      [["versions[1].podSpec.containers[1].lifecycle.preStop.sleep.seconds", "is 1", "settleSeconds (1.5)"]],
    ],
    [
      "may not come early for one of two that answer",
      { podSpec: { containers: [listening(8080), { ...listening(9000), ...sleeping(1) }] }, ports: [8080, 9000] },
      DRAIN,
      [["versions[1].podSpec.containers[1].lifecycle.preStop.sleep.seconds", "is 1"]],
    ],
    [
      "may come early for one of several, if none says that it answers",
      { podSpec: { containers: [{}, sleeping(1)] }, ports: [8080] },
      DRAIN,
      [],
    ],
    [
      "may not come early for all of them",
      { podSpec: { containers: [sleeping(1), sleeping(0)] }, ports: [8080] },
      DRAIN,
      [
        ["versions[1].podSpec.containers[0].lifecycle.preStop.sleep.seconds", "is 1"],
        ["versions[1].podSpec.containers[1].lifecycle.preStop.sleep.seconds", "is 0"],
      ],
    ],
    [
      "is passed over while it is not known",
      { podSpec: { terminationGracePeriodSeconds: UNKNOWN, containers: UNKNOWN } },
      DRAIN,
      [],
    ],
    [
      "is passed over while the times are not known",
      { podSpec: { terminationGracePeriodSeconds: 3, containers: [{}] } },
      { preStop: UNKNOWN, grace: UNKNOWN },
      [],
    ],
  ];
  for (const [name, version, drain, problems, shared] of cases) {
    it(name, () =>
      assertProblems(
        problemsOf((findings) => checkDrain(version, shared, drain, findings), "versions[1]"),
        problems,
      ),
    );
  }
});
