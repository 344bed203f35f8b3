import assert from "node:assert/strict";
import { kubectlFields } from "../../../../src/preview/live/kubectlFields";
import { RECORDED } from "./recorded";

/** What the program has of the Deployment that was recorded. */
const PROGRAM = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "shop-v1", namespace: "shop", annotations: { "pulumi.com/patchForce": "true" } },
  spec: {
    replicas: 2,
    template: {
      metadata: { labels: { app: "shop", version: "v1" } },
      spec: { containers: [{ name: "shop", image: "example.com/shop:1.0", env: [{ name: "FEATURE", value: "on" }] }] },
    },
  },
};

const told = (live: object, after: object = PROGRAM, isPatch = false) =>
  kubectlFields(live, after, isPatch).map(({ path, manager, live: was, ...rest }) => [
    path,
    manager,
    was,
    "after" in rest ? rest.after : "goes",
  ]);

describe("what an update takes back of what was changed with kubectl", () => {
  const cases: [string, () => object, unknown[][]][] = [
    ["nothing, of an object that only Pulumi and controllers have changed", () => RECORDED.untouched, []],
    [
      "the annotation of a restart",
      () => RECORDED.restarted,
      [
        [
          "spec.template.metadata.annotations.kubectl.kubernetes.io/restartedAt",
          "kubectl-rollout",
          "2026-03-01T12:00:00Z",
          "goes",
        ],
      ],
    ],
    ["the number of pods", () => RECORDED.scaled, [["spec.replicas", "kubectl", 12, 2]]],
    [
      "an image",
      () => RECORDED.imageSet,
      [["spec.template.spec.containers[shop].image", "kubectl-set", "example.com/shop:hotfix", "example.com/shop:1.0"]],
    ],
    [
      "variables: one that is new as a whole, and one's value",
      () => RECORDED.envSet,
      [
        ["spec.template.spec.containers[shop].env[DEBUG]", "kubectl-set", { name: "DEBUG", value: "1" }, "goes"],
        ["spec.template.spec.containers[shop].env[FEATURE].value", "kubectl-set", "off", "on"],
      ],
    ],
    [
      "labels and annotations of the object itself, but not what kubectl apply keeps for itself",
      () => RECORDED.annotated,
      [
        ["metadata.annotations.owner", "kubectl-annotate", "ada", "goes"],
        ["metadata.labels.team", "kubectl-label", "shop", "goes"],
      ],
    ],
  ];
  for (const [name, live, expected] of cases) {
    it(name, () => assert.deepEqual(told(live()), expected));
  }

  it("the weights of a VirtualService, each by itself", () => {
    const { live, program } = RECORDED.edited;
    assert.deepEqual(told(live, program), [
      ["spec.http[0].route[0].weight", "kubectl-edit", 60, 75],
      ["spec.http[0].route[1].weight", "kubectl-edit", 40, 25],
    ]);
  });

  it("nothing that the program has as it is", () => {
    const kept = structuredClone(PROGRAM);
    kept.spec.template.spec.containers[0].image = "example.com/shop:hotfix";
    assert.deepEqual(told(RECORDED.imageSet, kept), []);
  });

  it("not the number of pods that is left to somebody else, which the program does not have or only had at first", () => {
    const { replicas: _, ...spec } = PROGRAM.spec;
    assert.deepEqual(told(RECORDED.scaled, { ...PROGRAM, spec }), []);
    const autoscaled = { ...PROGRAM.metadata, annotations: { "canary-app/scaling": "autoscaled" } };
    assert.deepEqual(told(RECORDED.scaled, { ...PROGRAM, metadata: autoscaled }), []);
  });

  it("only what it says itself, of a patch", () => {
    const patch = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "shop-v1" }, spec: { replicas: 2 } };
    assert.deepEqual(told(RECORDED.restarted, patch, true), []);
    assert.deepEqual(told(RECORDED.scaled, patch, true), [["spec.replicas", "kubectl", 12, 2]]);
  });

  it("no value that the program keeps as a secret, and none of a Secret", () => {
    assert.deepEqual(told(RECORDED.imageSet, { ...PROGRAM, spec: "[secret]" }), [
      ["spec.template.spec.containers[shop].image", "kubectl-set", "[secret]", "[secret]"],
    ]);
    assert.deepEqual(told(RECORDED.secret, { kind: "Secret", metadata: { name: "s" }, data: { token: "b2xk" } }), [
      ["data.extra", "kubectl-patch", "[secret]", "goes"],
      ["data.token", "kubectl-patch", "[secret]", "[secret]"],
    ]);
  });

  it("nothing where the program's value is known only by the up", () => {
    const later = structuredClone(PROGRAM);
    later.spec.template.spec.containers[0].image = "[unknown]";
    assert.deepEqual(told(RECORDED.imageSet, later), []);
  });
});
