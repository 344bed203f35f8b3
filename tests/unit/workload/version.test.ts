import assert from "node:assert/strict";
import * as fc from "fast-check";
import { UNKNOWN } from "../../../src/validation/unknown";
import { versionsCheck } from "../../../src/workload/version";
import { anything, dnsLabels, roughly, versionNames } from "../arbitraries";
import { type Expected, assertProblems, problemsOf } from "../problems";

function check(versions: unknown, longestName = 50): ReturnType<typeof problemsOf> {
  return problemsOf((findings) => versionsCheck(longestName)(versions, findings), "versions");
}

describe("the versions", () => {
  const podSpec = { containers: [{ image: "shop:1.0" }] };
  const sound: [name: string, versions: unknown][] = [
    ["one image", [{ name: "v1", image: "shop:1.0" }]],
    [
      "images of any form",
      [
        { name: "v1", image: "shop" },
        { name: "v2", image: "example.com:5000/a/shop:2.0@sha256:0123" },
      ],
    ],
    ["a pod's specification", [{ name: "v1", podSpec }]],
    [
      "pods, and how they are treated",
      [{ name: "v1", image: "shop:1.0", replicas: 3, trafficPolicy: { loadBalancer: "RANDOM" } }],
    ],
    ["as many replicas as an int32 holds", [{ name: "v1", image: "shop:1.0", replicas: 2 ** 31 - 1 }]],
    ["no pods for now", [{ name: "v1", image: "shop:1.0", replicas: 0 }]],
    [
      "what is not known yet",
      [
        { name: "v1", image: UNKNOWN, replicas: UNKNOWN, trafficPolicy: UNKNOWN },
        { name: "v2", podSpec: UNKNOWN },
      ],
    ],
    [
      "fields that are not set",
      [{ name: "v1", image: "shop:1.0", podSpec: undefined, replicas: undefined, trafficPolicy: undefined }],
    ],
  ];
  for (const [name, versions] of sound) {
    it(`may have ${name}`, () => assertProblems(check(versions), []));
  }

  const v1 = { name: "v1", image: "shop:1.0" };
  const LIST = "a list of versions, oldest first, with at least 1 is needed";
  const wrong: [name: string, versions: unknown, problems: Expected[]][] = [
    ["missing", undefined, [["versions", "is undefined", LIST]]],
    ["none", [], [["versions", "is []", LIST]]],
    ["null", null, [["versions", "is null", LIST]]],
    ["an object by name", { v1: "shop:1.0" }, [["versions", 'is {"v1":"shop:1.0"}', LIST]]],
    ["not known from the start", UNKNOWN, [["versions", "is not known yet", "resources are named"]]],
    [
      "one that is not known from the start",
      [v1, UNKNOWN],
      [["versions[1]", "is not known yet", "resources are named"]],
    ],
    [
      "a name that is not known from the start",
      [{ name: UNKNOWN, image: "a" }],
      [["versions[0].name", "is not known yet", "resources are named"]],
    ],
    [
      "null among them",
      [v1, null],
      [
        [
          "versions[1]",
          "is null",
          "name, image, podSpec, pod, replicas, config, autoscaling, externalScaling, disruptionBudget, trafficPolicy",
        ],
      ],
    ],
    ["a text among them", ["shop:1.0"], [["versions[0]", 'is "shop:1.0"']]],
    ["a list among them", [[v1]], [["versions[0]", 'is [{"name":"v1"']]],
    ["a hole among them", [, v1], [["versions[0]", "is undefined"]]],
    ["no name", [{ image: "shop:1.0" }], [["versions[0].name", "is missing", "a DNS label"]]],
    ["a name that is a number", [{ name: 1, image: "shop:1.0" }], [["versions[0].name", "is 1", "a DNS label"]]],
    [
      "a name that is no label",
      [{ name: "V1.0", image: "shop:1.0" }],
      [["versions[0].name", 'is "V1.0"', "a DNS label"]],
    ],
    [
      "a name twice",
      [v1, { name: "v2", image: "b" }, v1],
      [["versions[2].name", 'is "v1", the name of versions[0] too', "a name of its own"]],
    ],
    ["a misspelt field", [{ ...v1, replica: 2 }], [["versions[0].replica", "is an unknown argument"]]],
    ["neither image nor podSpec", [{ name: "v1" }], [["versions[0]", "has none of image, podSpec", "exactly one"]]],
    ["both image and podSpec", [{ ...v1, podSpec }], [["versions[0]", "has image and podSpec", "exactly one"]]],
    [
      "an empty image",
      [{ name: "v1", image: "" }],
      [["versions[0].image", 'is ""', "an image reference without spaces"]],
    ],
    ["an image with a space", [{ name: "v1", image: "shop 1.0" }], [["versions[0].image", 'is "shop 1.0"']]],
    ["an image that is a number", [{ name: "v1", image: 1.0 }], [["versions[0].image", "is 1"]]],
    ["an image that is null", [{ name: "v1", image: null }], [["versions[0].image", "is null"]]],
    [
      "a pod without containers",
      [{ name: "v1", podSpec: {} }],
      [["versions[0].podSpec.containers", "is undefined", "at least one container"]],
    ],
    [
      "replicas below 0",
      [{ ...v1, replicas: -1 }],
      [["versions[0].replicas", "is -1", "a whole number of pods, 0 or more"]],
    ],
    ["more replicas than an int32 holds", [{ ...v1, replicas: 2 ** 31 }], [["versions[0].replicas", "is 2147483648"]]],
    ["half a pod", [{ ...v1, replicas: 1.5 }], [["versions[0].replicas", "is 1.5"]]],
    ["replicas that are a text", [{ ...v1, replicas: "2" }], [["versions[0].replicas", 'is "2"']]],
    [
      "a wrong policy",
      [v1, { name: "v2", image: "b", trafficPolicy: {} }],
      [["versions[1].trafficPolicy", "is empty"]],
    ],
    [
      "several mistakes at once",
      [
        { name: "A", image: "" },
        { name: "b", image: "x", replicas: -1 },
      ],
      [["versions[0].name"], ["versions[0].image"], ["versions[1].replicas"]],
    ],
  ];
  for (const [name, versions, problems] of wrong) {
    it(`may not be ${name}`, () => assertProblems(check(versions), problems));
  }

  it("have names as long as the app's name leaves for them", () => {
    assertProblems(check([{ name: "x".repeat(10), image: "a" }], 10), []);
    assertProblems(check([{ name: "x".repeat(11), image: "a" }], 10), [
      ["versions[0].name", "11 characters long", "at most 10"],
    ]);
  });

  it("are sound whatever their names, and refused as soon as one is there twice", () => {
    fc.assert(
      fc.property(versionNames(), fc.nat(), (names, at) => {
        const versions = names.map((name) => ({ name, image: "shop:1.0" }));
        assertProblems(check(versions), []);
        const again = names[at % names.length];
        assertProblems(check([...versions, { name: again, image: "shop:1.1" }]), [
          [`versions[${names.length}].name`, `is "${again}"`],
        ]);
      }),
    );
  });

  it("are either sound or refused, whatever is given", () => {
    const pods = { image: fc.string(), podSpec: fc.constant(podSpec), replicas: fc.nat() };
    const version = roughly({ name: dnsLabels(), ...pods, trafficPolicy: anything(), other: anything() });
    fc.assert(
      fc.property(fc.oneof(fc.array(version, { maxLength: 3 }), anything()), (given) => {
        if (check(given).length === 0) {
          assert.ok(Array.isArray(given) && given.length > 0);
          assert.ok(given.every(({ name }) => typeof name === "string"));
          assert.equal(new Set(given.map(({ name }) => name)).size, given.length);
        }
      }),
      { numRuns: 300 },
    );
  });
});
