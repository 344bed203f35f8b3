import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { CanaryAppArgs } from "../../../../components";
import { ChangeKind, type ObservedChanges } from "../../../../src/preview/change/resourceChange";
import { SHOP, appChange, appReport, reportOf } from "../appChange";

const V3 = { name: "v3", image: "example.com/shop:3.0" };
const THREE: CanaryAppArgs = {
  ...SHOP,
  weight: undefined,
  versions: [...SHOP.versions, V3],
  weights: { v1: 70, v2: 20, v3: 10 },
};

const codes = (report: { warnings: readonly { code: string }[] }) => report.warnings.map(({ code }) => code);
const image = (of: string): CanaryAppArgs => ({ ...SHOP, versions: [SHOP.versions[0], { name: "v2", image: of }] });

const NEW_ENV = { name: "v2", image: "example.com/shop:2.1", pod: { env: { FEATURE: "on" } } };

/** One version by a pod's whole specification. */
const podSpec = (container: object, pod: object = {}): CanaryAppArgs => ({
  ...SHOP,
  weight: undefined,
  versions: [
    { name: "v1", podSpec: { containers: [{ name: "shop", image: "example.com/shop:1.0", ...container }], ...pod } },
  ],
});

/** Changes one resource that was told of. */
function altered(
  { resources, ...rest }: ObservedChanges,
  type: string,
  alter: (resource: any) => void,
): ObservedChanges {
  const copies = structuredClone(resources) as ObservedChanges["resources"];
  copies.filter((resource) => resource.type.endsWith(`:${type}`)).forEach(alter);
  return { ...rest, resources: copies };
}

describe("a reviewer is warned of", () => {
  const cases: [string, CanaryAppArgs | undefined, CanaryAppArgs, [string, RegExp][]][] = [
    ["nothing, by a small step", SHOP, { ...SHOP, weight: 50 }, []],
    ["nothing, by a first deployment", undefined, SHOP, []],
    [
      "arguments that hardly do what they say, as the component tells",
      SHOP,
      {
        ...SHOP,
        trafficPolicy: { outlierDetection: { maxEjectionPercent: 100 } },
        disruptionBudget: { minAvailable: 1 },
      },
      [
        ["engine", /disruptionBudget\.minAvailable keeps the only pod of v1/],
        ["engine", /disruptionBudget\.minAvailable keeps the only pod of v2/],
      ],
    ],
    ["nothing, by a step of just the size that is allowed", SHOP, { ...SHOP, weight: 75 }, []],
    [
      "a jump larger than the allowed step",
      SHOP,
      { ...SHOP, weight: 76 },
      [["large-step", /51% of the requests move in one change; at most 50% are allowed/]],
    ],
    [
      "traffic to a version that is new in the same change",
      SHOP,
      THREE,
      [["new-version-with-traffic", /v3 gets 10% of the requests in the same change that creates it/]],
    ],
    ["nothing, by a new version at 0", SHOP, { ...THREE, weights: { v1: 75, v2: 25, v3: 0 } }, []],
    [
      "a version removed while it has traffic",
      THREE,
      SHOP,
      [["removed-with-traffic", /v3 is removed while it serves 10% of the requests/]],
    ],
    ["nothing, by a version removed at 0", { ...THREE, weights: { v1: 75, v2: 25, v3: 0 } }, SHOP, []],
    [
      "another image under the same name",
      SHOP,
      image("example.com/shop:2.1"),
      [["other-image", /shop-v2 keeps its name .* example.com\/shop:2.0 → example.com\/shop:2.1/]],
    ],
    [
      "another environment of a version that serves, by what differs",
      {
        ...SHOP,
        pod: { env: { FEATURE: "off" }, envFrom: [{ name: "TOKEN", secret: "credentials-a", key: "token" }] },
      },
      { ...SHOP, pod: { env: { FEATURE: "on" }, envFrom: [{ name: "TOKEN", secret: "credentials-b", key: "token" }] } },
      [
        [
          "other-config",
          /^shop-v1 keeps its name and all its pods are replaced, while it has 75% .*containers\[shop\]\.env\[FEATURE\]\.value off → on.*credentials-a → credentials-b.*no weight can roll that back: add a new version/,
        ],
        ["other-config", /^shop-v2 .* while it has 25%/],
      ],
    ],
    [
      "other resources of the one version that serves, and not of the one that does not",
      { ...SHOP, weight: 0, pod: { resources: { requests: { cpu: "10m" } } } },
      { ...SHOP, weight: 0, pod: { resources: { requests: { cpu: "20m" } } } },
      [["other-config", /^shop-v1 .* 100% .*resources\.requests\.cpu 10m → 20m/]],
    ],
    [
      "other arguments and volumes of a podSpec that serves",
      podSpec({ args: ["--old"] }),
      podSpec({ args: ["--new"] }, { volumes: [{ name: "tmp", emptyDir: {} }] }),
      [["other-config", /^shop-v1 .*args\[0\] --old → --new/]],
    ],
    [
      "an image alone, where the environment changes, too",
      image("example.com/shop:2.0"),
      { ...image("example.com/shop:2.1"), pod: undefined, versions: [SHOP.versions[0], NEW_ENV] },
      [["other-image", /./]],
    ],
    [
      "nothing, by another number of pods",
      SHOP,
      { ...SHOP, versions: [SHOP.versions[0], { ...SHOP.versions[1], replicas: 3 }] },
      [],
    ],
    [
      "the tag latest",
      SHOP,
      image("example.com/shop:latest"),
      [
        ["other-image", /./],
        ["image-tag", /shop-v2: the image example.com\/shop:latest has no fixed tag/],
      ],
    ],
    [
      "no tag, with a registry's port",
      SHOP,
      image("example.com:5000/shop"),
      [
        ["other-image", /./],
        ["image-tag", /example.com:5000\/shop/],
      ],
    ],
    ["nothing more, by a digest", SHOP, image(`example.com/shop@sha256:${"0".repeat(64)}`), [["other-image", /./]]],
    [
      "host *",
      SHOP,
      { ...SHOP, hosts: ["*"] },
      [
        ["host-star", /Gateway shop\/shop takes every host/],
        ["host-star", /VirtualService shop\/shop/],
      ],
    ],
    ["nothing, by host * that was there", { ...SHOP, hosts: ["*"] }, { ...SHOP, hosts: ["*"], weight: 30 }, []],
  ];
  for (const [name, before, after, expected] of cases) {
    it(name, async () => {
      const { warnings } = await appReport(before, after);
      assert.deepEqual(
        warnings.map(({ code }) => code),
        expected.map(([code]) => code),
        JSON.stringify(warnings),
      );
      expected.forEach(([, text], index) => assert.match(warnings[index].text, text));
    });
  }

  it("routes that cannot be shown, because they are secret", async () => {
    const { warnings, routes, headline } = await appReport(SHOP, { ...SHOP, weight: pulumi.secret(30) });
    assert.deepEqual(
      [routes, headline],
      [[], ["where the requests of shop-routes go is a secret"]],
      "what cannot be read is not told as gone, nor as unmoved",
    );
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ["secret-routes"],
    );
    assert.match(warnings[0].text, /VirtualService shop-routes contains secrets/);
  });

  it("routes that cannot be shown, because a value in them is not known yet", async () => {
    const unknownWeight = altered(
      await appChange(SHOP, { ...SHOP, weight: 30 }),
      "VirtualService",
      ({ after }) => (after.spec.http[0].route[0].weight = "[unknown]"),
    );
    const unknownSpec = altered(
      await appChange(undefined, SHOP),
      "VirtualService",
      ({ after }) => (after.spec = "[unknown]"),
    );
    for (const changes of [unknownWeight, unknownSpec]) {
      const { warnings, routes, headline } = reportOf(changes);
      assert.deepEqual(routes, [], "what is not known is told neither as gone nor as unmoved");
      assert.ok(headline.includes("where the requests of shop-routes go is not known yet"), headline.join("; "));
      assert.deepEqual(
        warnings.map(({ code }) => code),
        ["unknown-routes"],
      );
      assert.match(warnings[0].text, /VirtualService shop-routes .*where its requests go is not known/);
    }
  });

  it("no image and no version, where these are not known yet", async () => {
    const changes = altered(
      await appChange(undefined, SHOP),
      "Deployment",
      ({ after }) => (after.spec.template.spec.containers = "[unknown]"),
    );
    assert.deepEqual(codes(reportOf(changes)), []);
    const image = altered(
      await appChange(undefined, SHOP),
      "Deployment",
      ({ after }) => (after.spec.template.spec.containers[0].image = "[unknown]"),
    );
    assert.deepEqual(codes(reportOf(image)), []);
  });

  it("policies that could not be evaluated, before what the change does", async () => {
    const changes = await appChange(SHOP, { ...SHOP, weight: 100 });
    const finding = {
      policy: "max-step",
      pack: "canary-app",
      mandatory: false,
      evaluated: false,
      message:
        "can't run policy 'max-step' from policy pack 'canary-app@v0.1.0' during preview: string value at .spec can't be known during preview",
      urn: "urn:pulumi:dev::shop::canary-app:index:CanaryApp$kubernetes:networking.istio.io/v1:VirtualService::shop-routes",
    };
    const report = reportOf({ ...changes, policies: [finding] });
    assert.deepEqual(codes(report), ["policy-not-evaluated", "large-step"]);
    assert.equal(
      report.warnings[0].text,
      "canary-app/max-step could not be evaluated for VirtualService shop-routes: string value at .spec can't be known during preview. If it is mandatory, the up can still fail",
    );
    assert.equal(report.outcome, "changes");
  });

  it("a version without replicas that gets traffic", async () => {
    const changes = altered(
      await appChange(SHOP, { ...SHOP, weight: 30 }),
      "Deployment",
      ({ name, after }) => name === "shop-v2" && (after.spec.replicas = 0),
    );
    assert.match(
      reportOf(changes).warnings.find(({ code }) => code === "no-replicas")?.text ?? "",
      /v2 gets 30% of the requests and has no replicas/,
    );
  });

  it("no missing replicas where the number in the state is not that of the pods", async () => {
    const [v1, v2] = SHOP.versions;
    const elsewhere: Partial<CanaryAppArgs>[] = [
      { versions: [v1, { ...v2, externalScaling: true }] },
      { replicasFollowWeight: { total: 4 } },
    ];
    for (const args of elsewhere) {
      const now = { ...SHOP, ...args };
      // Versions had replicas: 0 before, which stays in the state.
      const changes = altered(
        await appChange(now, { ...now, weight: 30 }),
        "Deployment",
        ({ name, after }) => name === "shop-v2" && (after.spec.replicas = 0),
      );
      assert.deepEqual(codes(reportOf(changes)), []);
    }
  });

  it("what somebody changed on the cluster, but not of pods that an autoscaler brought", async () => {
    const drifted = (annotations: object, to: object, type = "kubernetes:apps/v1:Deployment") => {
      const before = { metadata: { name: "shop-v2", annotations }, spec: { replicas: 2, paused: false } };
      const after = { ...before, spec: { ...before.spec, ...to } };
      const drift = { urn: "urn", type, name: "shop-v2", gone: false, before, after };
      return reportOf({ resources: [], diagnostics: [], policies: [], drift: [drift] }).warnings.map(
        ({ text }) => text,
      );
    };
    const scaled = (by: string) => ({ "canary-app/scaling": by });
    for (const by of ["external", "autoscaled", "byWeight"]) {
      assert.deepEqual(drifted(scaled(by), { replicas: 5 }), []);
      const [paused, ...more] = drifted(scaled(by), { replicas: 5, paused: true });
      assert.match(paused, /since the last up: spec\.paused false → true\. The up restores/);
      assert.deepEqual(more, []);
    }
    assert.match(drifted({}, { replicas: 5 })[0], /spec\.replicas 2 → 5\. The up restores/);
    assert.match(drifted(scaled("autoscaled"), { replicas: 5 }, "kubernetes:apps/v1:StatefulSet")[0], /replicas 2 → 5/);
  });

  it("a version that no DestinationRule has", async () => {
    const changes = altered(
      await appChange(SHOP, SHOP),
      "VirtualService",
      ({ after }) => (after.spec.http[0].route[1].destination.subset = "v9"),
    );
    assert.match(
      reportOf(changes).warnings.find(({ code }) => code === "missing-version")?.text ?? "",
      /v9 gets 25% .* no DestinationRule of shop.shop.svc.cluster.local has that subset/,
    );
  });

  it("a ConfigMap or Secret that changes under its name, which pods that serve read", async () => {
    const reading: CanaryAppArgs = {
      ...SHOP,
      weight: 0,
      pod: { envFrom: [{ name: "LEVEL", configMap: "settings", key: "level" }] },
    };
    const { resources, ...rest } = await appChange(reading, reading);
    const settings = (name: string, namespace = "shop") => ({
      urn: name,
      type: "kubernetes:core/v1:ConfigMap",
      name,
      kind: ChangeKind.Update,
      app: "shop",
      before: { metadata: { name, namespace }, data: { a: "1" } },
      after: { metadata: { name, namespace }, data: { a: "2" } },
    });
    const { warnings } = reportOf({
      ...rest,
      resources: [...resources, settings("settings"), settings("others"), settings("settings", "elsewhere")],
    });
    assert.deepEqual(codes({ warnings }), ["other-config"]);
    assert.match(
      warnings[0].text,
      /^ConfigMap settings changes under its name, and shop-v1, which has 100% .* reads it/,
    );
  });

  it("a replacement of anything", async () => {
    const changes = altered(await appChange(SHOP, SHOP), "Service", (service) => (service.kind = ChangeKind.Replace));
    assert.deepEqual(codes(reportOf(changes)), ["replacement"]);
  });

  it("a change outside of the app, where there is an app", async () => {
    const other = {
      urn: "x",
      type: "kubernetes:core/v1:Secret",
      name: "tokens",
      kind: ChangeKind.Update,
      before: {},
      after: {},
    };
    const { resources, ...rest } = await appChange(SHOP, SHOP);
    assert.match(
      reportOf({ ...rest, resources: [...resources, other] }).warnings[0]?.text ?? "",
      /outside of the app: Secret tokens \(update\)/,
    );
    assert.deepEqual(codes(reportOf({ ...rest, resources: [other] })), []);
  });

  it("what somebody else changed on the cluster", async () => {
    const changes = await appChange(SHOP, SHOP);
    const [before, after] = [75, 60].map((weight) => ({ spec: { http: [{ route: [{ weight }] }] } }));
    const drift = [
      {
        urn: "u",
        type: "kubernetes:networking.istio.io/v1:VirtualService",
        name: "shop-routes",
        gone: false,
        before,
        after,
      },
    ];
    assert.match(
      reportOf({ ...changes, drift }).warnings[0].text,
      /VirtualService shop-routes was changed on the cluster since the last up: spec.http\[0\].route\[0\].weight 75 → 60/,
    );
    assert.match(
      reportOf({ ...changes, drift: [{ ...drift[0], gone: true, after: undefined }] }).warnings[0].text,
      /is gone from the cluster/,
    );
  });

  it("a preview that could not be verified, first of all", async () => {
    const report = reportOf(await appChange(SHOP, { ...SHOP, weight: 100 }), [
      "the cluster cannot be reached: connect ECONNREFUSED",
    ]);
    assert.deepEqual(codes(report), ["unverified", "large-step"]);
  });

  it("what the engine and policies warn of, each once; what they refuse is an error", async () => {
    const changes = await appChange(SHOP, SHOP);
    const warning = { severity: "warning", message: "deprecated" } as const;
    const policy = { policy: "hosts", pack: "canary", mandatory: false, evaluated: true, message: "too many" };
    const report = reportOf({
      ...changes,
      diagnostics: [warning, warning],
      policies: [policy, { ...policy, policy: "images", mandatory: true }],
    });
    assert.deepEqual(
      report.warnings.map(({ text }) => text),
      ["deprecated", "canary/hosts: too many"],
    );
    assert.deepEqual([report.outcome, report.errors], ["failed", ["canary/images: too many"]]);
  });
});
