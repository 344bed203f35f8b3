import * as fc from "fast-check";
import * as pulumi from "@pulumi/pulumi";
import type { CanaryAppArgs } from "../../../components/canaryAppArgs";
import { checkCanaryApp } from "../../../components/checkCanaryApp";
import { UNKNOWN } from "../../../src/validation/unknown";
import { anything, dnsLabels, roughly } from "../arbitraries";
import { type Expected, assertProblems, problemsOf } from "../problems";

function check(args: unknown, name = "shop"): ReturnType<typeof problemsOf> {
  return problemsOf((findings) => checkCanaryApp(name, args as CanaryAppArgs, findings));
}

const TWO = {
  versions: [
    { name: "v1", image: "shop:1.0" },
    { name: "v2", image: "shop:2.0" },
  ],
  weight: 25,
};
const later = <T>(value: T) => pulumi.output(value);
const CONNECTIONS = { ...TWO, hosts: [], service: { protocol: "tcp" } };
const hashing = (...headers: string[]) =>
  TWO.versions.map((version, index) => ({
    ...version,
    trafficPolicy: { consistentHash: { httpHeaderName: headers[index] } },
  }));

describe("the arguments of a CanaryApp", () => {
  const sound: [name: string, args: object][] = [
    ["two versions and a weight", TWO],
    ["one version", { versions: [TWO.versions[0]] }],
    [
      "three versions and their weights",
      { versions: [...TWO.versions, { name: "v3", image: "shop:3.0" }], weights: { v1: 50, v2: 0, v3: 50 } },
    ],
    ["a name of its own", { ...TWO, appName: "web" }],
    ["a namespace that is there", { ...TWO, namespace: { name: "prod", create: false } }],
    ["a namespace with labels", { ...TWO, namespace: { labels: { team: "shop", stage: later("prod") } } }],
    ["ports", { ...TWO, service: { port: 8000, targetPort: later(9000) } }],
    ["no hosts", { ...TWO, hosts: [] }],
    ["named hosts", { ...TWO, hosts: ["shop.example.com", "*.example.org"] }],
    ["hosts of which none takes in another", { ...TWO, hosts: ["b.com", "a.b.com", "*.a.b.com", "*.b.org", "ab.org"] }],
    ["routes", { ...TWO, routes: [{ match: [{ uri: { exact: "/" } }] }, later({ timeout: "1s" })] }],
    ["sticky users", { ...TWO, sticky: {} }],
    ["stickiness that is not known yet", { ...TWO, sticky: later({}) }],
    ["a policy", { ...TWO, trafficPolicy: { loadBalancer: "RANDOM" } }],
    ["a mesh that is there", { ...TWO, mesh: { install: false, revision: "stable" } }],
    [
      "a mesh to install",
      {
        ...TWO,
        mesh: {
          version: "1.31.1",
          charts: "./charts",
          namespace: "istio",
          gateway: { namespace: "edge", release: "edge" },
        },
      },
    ],
    ["times of a slow mesh", { ...TWO, transition: { settleSeconds: 120, drainSeconds: 150, graceSeconds: 200 } }],
    ["another cluster's domain", { ...TWO, mesh: { install: false, clusterDomain: "pasta.local" } }],
    [
      "another cluster's domain by Helm's values",
      { ...TWO, mesh: { istiodValues: { global: { proxy: { clusterDomain: "pasta.local" } } } } },
    ],
    [
      "access to pods with sidecars in a namespace without",
      {
        ...TWO,
        namespace: { inject: false },
        pod: { labels: { "sidecar.istio.io/inject": "true" } },
        access: [{ gateway: true }],
      },
    ],
    [
      "access to pods that a control plane of another revision injects, in a namespace without",
      {
        ...TWO,
        namespace: { inject: false },
        pod: { labels: { "istio.io/rev": "canary" } },
        access: [{ gateway: true }],
        mtls: "STRICT",
      },
    ],
    [
      "access to pods that are in an ambient mesh by themselves",
      {
        ...TWO,
        namespace: { inject: false },
        pod: { labels: { "istio.io/dataplane-mode": "ambient" } },
        access: [{ gateway: true }],
      },
    ],
    [
      "access to pods in an ambient mesh",
      {
        ...TWO,
        namespace: { inject: false, labels: { "istio.io/dataplane-mode": "ambient" } },
        access: [{ gateway: true }],
        mtls: "STRICT",
      },
    ],
    ["stickiness that is off, for connections", { ...CONNECTIONS, sticky: { enabled: false } }],
    ["times", { ...TWO, transition: { settleSeconds: 0, drainSeconds: 1, graceSeconds: 2, readySeconds: 1 } }],
    [
      "times that are not known yet",
      { ...TWO, transition: { settleSeconds: later(1), drainSeconds: later(2), graceSeconds: 3 } },
    ],
    [
      "Outputs in versions",
      {
        versions: [
          { name: "v1", image: later("a") },
          { name: "v2", podSpec: later({}) },
        ],
        weight: 5,
      },
    ],
    ["Outputs wherever they may be", { versions: TWO.versions, weights: later({}), trafficPolicy: later({}) }],
    ["promises too", { ...TWO, weight: Promise.resolve(5) }],
    [
      "fields that are not set",
      { ...TWO, weights: undefined, namespace: undefined, hosts: undefined, mesh: undefined, transition: undefined },
    ],
  ];
  for (const [name, args] of sound) {
    it(`may be ${name}`, () => assertProblems(check(args), []));
  }

  const FIELDS =
    "versions, weight, weights, appName, namespace, service, hosts, gateway, internal, mtls, access, routes, sticky, trafficPolicy, mesh, transition";
  const wrong: [name: string, args: unknown, problems: Expected[]][] = [
    ["missing", undefined, [["the arguments", "is undefined", FIELDS]]],
    ["null", null, [["the arguments", "is null", FIELDS]]],
    ["without versions", { weight: 5 }, [["versions", "is missing"]]],
    ["of an unknown field", { ...TWO, wieght: 5 }, [["wieght", "is an unknown argument", FIELDS]]],
    ["of a wrong weight", { ...TWO, weight: 101 }, [["weight", "is 101", "from 0 to 100"]]],
    ["of a weight that is null", { ...TWO, weight: null }, [["weight", "is null"]]],
    [
      "of three versions without weights",
      { versions: [...TWO.versions, { name: "v3", image: "c" }] },
      [["weight", "and weights are both missing"]],
    ],
    [
      "of weights for nobody",
      { ...TWO, weight: undefined, weights: { v1: 75, v3: 25 } },
      [
        ["weights.v3", "names no declared version"],
        ["weights.v2", "is missing"],
      ],
    ],
    [
      "of a weight and a version whose name is no text",
      { ...TWO, versions: [{ name: 1, image: "a" }, TWO.versions[1]] },
      [["versions[0].name", "is 1"]],
    ],
    ["of versions one of which is null", { ...TWO, versions: [null, TWO.versions[1]] }, [["versions[0]", "is null"]]],
    [
      "of a version's name that is an Output",
      { ...TWO, versions: [{ name: later("v1"), image: "a" }] },
      [["versions[0].name", "is not known yet"]],
    ],
    [
      "of versions that are an Output",
      { ...TWO, versions: later(TWO.versions) },
      [["versions", "is not known yet", "a plain value"]],
    ],
    ["of a name that is no label", { ...TWO, appName: "Shop" }, [["appName", 'is "Shop"', "a DNS label"]]],
    ["of a name that is null", { ...TWO, appName: null }, [["appName", "is null"]]],
    ["of a name that is an Output", { ...TWO, appName: later("shop") }, [["appName", "is not known yet"]]],
    [
      "of a name that is too long",
      { ...TWO, appName: "x".repeat(46) },
      [["appName", "46 characters long", "at most 45"]],
    ],
    [
      "of a name that is far too long",
      { ...TWO, appName: "x".repeat(80) },
      [["appName", "80 characters long", "at most 45"]],
    ],
    [
      "of names that are too long together",
      { appName: "x".repeat(45), versions: [{ name: "y".repeat(18), image: "a" }] },
      [["versions[0].name", "18 characters long", "at most 17"]],
    ],
    [
      "of a namespace that is a text",
      { ...TWO, namespace: "prod" },
      [["namespace", 'is "prod"', "name, create, inject, labels"]],
    ],
    ["of a namespace that is null", { ...TWO, namespace: null }, [["namespace", "is null"]]],
    [
      "of a namespace that is an Output",
      { ...TWO, namespace: later({ name: "prod" }) },
      [["namespace", "is not known yet"]],
    ],
    ["of a namespace's wrong name", { ...TWO, namespace: { name: "Prod" } }, [["namespace.name", 'is "Prod"']]],
    [
      "of a namespace's name that is an Output",
      { ...TWO, namespace: { name: later("prod") } },
      [["namespace.name", "is not known yet"]],
    ],
    [
      "of a text for a switch",
      { ...TWO, namespace: { create: "false" } },
      [["namespace.create", 'is "false"', "without quotes"]],
    ],
    [
      "of a switch that is an Output",
      { ...TWO, namespace: { create: later(false) } },
      [["namespace.create", "is not known yet"]],
    ],
    [
      "of labels that are a text",
      { ...TWO, namespace: { labels: "team=shop" } },
      [["namespace.labels", 'is "team=shop"', "an object of texts"]],
    ],
    [
      "of a label that is a number",
      { ...TWO, namespace: { labels: { tier: 1 } } },
      [["namespace.labels.tier", "is 1", "a text"]],
    ],
    [
      "of a label that Kubernetes does not take",
      { ...TWO, namespace: { labels: { team: "shop & co" } } },
      [["namespace.labels.team", 'is "shop & co"', "letters, digits"]],
    ],
    [
      "of a label whose name Kubernetes does not take",
      { ...TWO, namespace: { labels: { "the team": "shop" } } },
      [['namespace.labels["the team"]', 'is "the team"', "a name such as team"]],
    ],
    ["of a service that is a port", { ...TWO, service: 80 }, [["service", "is 80", "port, targetPort"]]],
    ["of a service that is an Output", { ...TWO, service: later({ port: 80 }) }, [["service", "is not known yet"]]],
    [
      "of wrong ports",
      { ...TWO, service: { port: 0, targetPort: "http" } },
      [
        ["service.port", "is 0"],
        ["service.targetPort", 'is "http"', "a port"],
      ],
    ],
    [
      "of hosts that are a text",
      { ...TWO, hosts: "*" },
      [["hosts", 'is "*"', "a list of host names, [] for none, is needed"]],
    ],
    ["of hosts that are null", { ...TWO, hosts: null }, [["hosts", "is null"]]],
    ["of hosts that are an Output", { ...TWO, hosts: later(["*"]) }, [["hosts", "is not known yet"]]],
    ["of a host that is an Output", { ...TWO, hosts: [later("*")] }, [["hosts[0]", "is not known yet"]]],
    ["of a wrong host", { ...TWO, hosts: ["*", "a_b"] }, [["hosts[1]", 'is "a_b"', "a host name"]]],
    [
      "of a host twice",
      { ...TWO, hosts: ["a.com", "b.com", "a.com"] },
      [["hosts[2]", 'is "a.com"', "hosts[0] covers already"]],
    ],
    ["of a host beside every one", { ...TWO, hosts: ["a.com", "*"] }, [["hosts[1]", 'is "*"', "covers hosts[0], too"]]],
    [
      "of a host that another one takes in",
      { ...TWO, hosts: ["*.b.com", "a.b.com"] },
      [["hosts[1]", 'is "a.b.com"', "hosts[0] covers already"]],
    ],
    ["of routes that are none", { ...TWO, routes: [] }, [["routes", "is []"]]],
    ["of routes that are an Output", { ...TWO, routes: later([{}]) }, [["routes", "is not known yet", "a list"]]],
    [
      "of a route to a version that is not there",
      { ...TWO, routes: [{ version: "v3" }] },
      [["routes[0].version", 'is "v3"', "v1, v2"]],
    ],
    [
      "of a route that none reaches",
      { ...TWO, routes: [{}, { version: "v2" }] },
      [["routes[1]", "can never be reached", "routes[0]"]],
    ],
    ["of wrong stickiness", { ...TWO, sticky: { maxAgeSeconds: 0 } }, [["sticky.maxAgeSeconds", "is 0"]]],
    [
      "of sticky users on hosts that other apps share",
      { ...TWO, hosts: ["shop.example.com"], gateway: { shareHosts: true }, sticky: {} },
      [["sticky", "gateway.shareHosts is true", "another app's requests"]],
    ],
    ["of stickiness that is a switch", { ...TWO, sticky: true }, [["sticky", "is true", "enabled"]]],
    [
      "of stickiness without shares",
      { ...TWO, routes: [{ version: "v1" }], sticky: {} },
      [["sticky", "no route is shared"]],
    ],
    ["of a wrong route", { ...TWO, routes: [{ timeout: 5 }] }, [["routes[0].timeout", "is 5"]]],
    ["of an empty policy", { ...TWO, trafficPolicy: {} }, [["trafficPolicy", "is empty"]]],
    ["of a policy that is null", { ...TWO, trafficPolicy: null }, [["trafficPolicy", "is null"]]],
    ["of a mesh that is a switch", { ...TWO, mesh: false }, [["mesh", "is false", "install"]]],
    ["of a mesh that is an Output", { ...TWO, mesh: later({}) }, [["mesh", "is not known yet"]]],
    [
      "of a mesh's unknown field",
      { ...TWO, mesh: { instal: false } },
      [["mesh.instal", "is an unknown argument", "install"]],
    ],
    [
      "of a mesh's switch that is a text",
      { ...TWO, mesh: { install: "false" } },
      [["mesh.install", 'is "false"', "without quotes"]],
    ],
    [
      "of a mesh's switch that is an Output",
      { ...TWO, mesh: { install: later(false) } },
      [["mesh.install", "is not known yet"]],
    ],
    [
      "of a revision of a mesh that is installed",
      { ...TWO, mesh: { revision: "stable" } },
      [["mesh.revision", "is set, but Istio is installed", "set mesh.install to false"]],
    ],
    [
      "of a revision that is no label",
      { ...TWO, mesh: { install: false, revision: "Stable!" } },
      [["mesh.revision", 'is "Stable!"', "a DNS label"]],
    ],
    [
      "of times that are null",
      { ...TWO, transition: null },
      [["transition", "is null", "settleSeconds, drainSeconds, graceSeconds, readySeconds"]],
    ],
    ["of times that are an Output", { ...TWO, transition: later({}) }, [["transition", "is not known yet"]]],
    [
      "of pods that have no time",
      { ...TWO, transition: { readySeconds: 0 } },
      [["transition.readySeconds", "is 0", "from 1 to 7200"]],
    ],
    [
      "of a time for pods that becomes known late",
      { ...TWO, transition: { readySeconds: later(60) } },
      [["transition.readySeconds", "is not known yet"]],
    ],
    ["of a misspelt time", { ...TWO, transition: { settle: 1 } }, [["transition.settle", "is an unknown argument"]]],
    [
      "of a time below 0",
      { ...TWO, transition: { settleSeconds: -0.1 } },
      [["transition.settleSeconds", "is -0.1", "from 0 to 600"]],
    ],
    [
      "of a time that is none",
      { ...TWO, transition: { settleSeconds: Number.NaN } },
      [["transition.settleSeconds", "is NaN"]],
    ],
    [
      "of times that are texts or fractions",
      { ...TWO, transition: { drainSeconds: "5", graceSeconds: 1.5 } },
      [
        ["transition.drainSeconds", 'is "5"'],
        ["transition.graceSeconds", "is 1.5"],
      ],
    ],
    [
      "of no time to drain after settling",
      { ...TWO, transition: { settleSeconds: 5 } },
      [["transition.drainSeconds", "is 5", "more than settleSeconds (5)"]],
    ],
    [
      "of times that do not fit, whatever the one not known yet will be",
      { ...TWO, transition: { settleSeconds: later(1), drainSeconds: 30, graceSeconds: 20 } },
      [["transition.graceSeconds", "is 20", "more than drainSeconds (30)"]],
    ],
    [
      "of a death while draining",
      { ...TWO, transition: { drainSeconds: 30 } },
      [["transition.graceSeconds", "is 30", "more than drainSeconds (30)"]],
    ],
    [
      "of longer settling than ten minutes",
      { ...TWO, transition: { settleSeconds: 601, drainSeconds: 700, graceSeconds: 800 } },
      [["transition.settleSeconds", "is 601", "from 0 to 600"]],
    ],
    [
      "of two domains of one cluster",
      {
        ...TWO,
        mesh: { clusterDomain: "a.local", istiodValues: { global: { proxy: { clusterDomain: "b.local" } } } },
      },
      [["mesh.clusterDomain", 'is "a.local", and istiodValues.global.proxy.clusterDomain is "b.local"']],
    ],
    ["of a domain that is none", { ...TWO, mesh: { clusterDomain: "a." } }, [["mesh.clusterDomain", 'is "a."']]],
    [
      "of versions that share requests and hash by different things",
      { ...TWO, versions: hashing("a", "b") },
      [["versions[1].trafficPolicy", "by the header b, versions[0] by the header a"]],
    ],
    [
      "of a pod that is killed while it sleeps",
      {
        ...TWO,
        versions: [TWO.versions[0], { name: "v2", podSpec: { terminationGracePeriodSeconds: 3, containers: [{}] } }],
      },
      [["versions[1].podSpec.terminationGracePeriodSeconds", "is 3"]],
    ],
    [
      "of pods that are killed before the app's times are over",
      {
        ...TWO,
        transition: { drainSeconds: 60, graceSeconds: 90 },
        versions: [TWO.versions[0], { name: "v2", podSpec: { terminationGracePeriodSeconds: 30, containers: [{}] } }],
      },
      [["versions[1].podSpec.terminationGracePeriodSeconds", "is 30", "more than that"]],
    ],
    [
      "of access that no sidecar enforces",
      { ...TWO, namespace: { inject: false }, access: [{ gateway: true }], mtls: "STRICT" },
      [
        ["access", 'the pods of version "v1" get no sidecar (namespace.inject is false)'],
        ["mtls", '"v1"'],
        ["access", '"v2"'],
        ["mtls", '"v2"'],
      ],
    ],
    [
      "of access to a version without sidecars",
      {
        ...TWO,
        versions: [TWO.versions[0], { ...TWO.versions[1], pod: { labels: { "sidecar.istio.io/inject": "false" } } }],
        access: [{ gateway: true }],
      },
      [["access", 'the pods of version "v2" get no sidecar (sidecar.istio.io/inject is "false")']],
    ],
    [
      "of who may call pods whose annotation is none of the labels that inject sidecars",
      {
        ...TWO,
        namespace: { inject: false },
        access: [{ gateway: true }],
        pod: { annotations: { "istio.io/rev": "canary" } },
      },
      [
        ["access", 'the pods of version "v1" get no sidecar (namespace.inject is false)'],
        ["access", 'the pods of version "v2" get no sidecar (namespace.inject is false)'],
      ],
    ],
    [
      "of a label that has sidecars injected beside ours",
      { ...TWO, namespace: { labels: { "istio.io/rev": "blue" } } },
      [['namespace.labels["istio.io/rev"]', "is set, but CanaryApp itself sets the label", "mesh.revision"]],
    ],
    [
      "of sticky connections",
      { ...CONNECTIONS, sticky: {} },
      [["sticky", "is set, and service.protocol is tcp", "leave it out"]],
    ],
    [
      "of a cookie for nobody's domain",
      { ...TWO, hosts: ["shop.example.com"], sticky: { domain: "example.org" } },
      [["sticky.domain", 'is "example.org", and no host is in it (shop.example.com)']],
    ],
    [
      "of an attempt longer than the request",
      { ...TWO, routes: [{ timeout: "1s", retries: { attempts: 2, perTryTimeout: "1500ms" } }] },
      [["routes[0].retries.perTryTimeout", "is 1500ms, and the route's timeout is 1s"]],
    ],
    [
      "of a gateway whose pods lack the labels by which it is named",
      { ...TWO, mesh: { gateway: { selector: { team: "edge" } }, gatewayValues: { labels: { team: "web" } } } },
      [["mesh.gatewayValues.labels", 'the label team="web"', "gateway.selector"]],
    ],
    [
      "of several mistakes at once",
      {
        versions: [{ name: "v1" }],
        weight: 5,
        hosts: [5],
        service: { port: -1 },
        transition: { settleSeconds: 999, drainSeconds: 0 },
      },
      [
        ["versions[0]"],
        ["service.port"],
        ["hosts[0]"],
        ["transition.settleSeconds"],
        ["transition.drainSeconds"],
        ["weight"],
      ],
    ],
  ];
  for (const [name, args, problems] of wrong) {
    it(`may not be ${name}`, () => assertProblems(check(args), problems));
  }

  it("take the component's name for the app's, which must then be a label", () => {
    assertProblems(check(TWO, "Shop"), [["name", 'is "Shop"', "a DNS label"]]);
    assertProblems(check({ ...TWO, appName: "shop" }, "Shop"), []);
  });

  it("are either sound or refused, whatever is given", () => {
    const version = roughly({
      name: dnsLabels(),
      image: fc.string(),
      podSpec: anything(),
      replicas: fc.nat(),
      trafficPolicy: anything(),
    });
    const policy = roughly({ loadBalancer: fc.constant("RANDOM"), extra: anything() });
    const args = roughly({
      versions: fc.array(fc.oneof(version, anything()), { maxLength: 3 }),
      weight: fc.nat({ max: 100 }),
      weights: fc.dictionary(dnsLabels(), fc.nat({ max: 100 })),
      appName: dnsLabels(),
      namespace: roughly({ name: dnsLabels(), create: fc.boolean(), labels: fc.dictionary(fc.string(), anything()) }),
      service: roughly({ port: fc.nat(), targetPort: fc.nat() }),
      hosts: fc.array(fc.oneof(fc.domain(), anything()), { maxLength: 2 }),
      routes: fc.array(roughly({ match: anything(), rewrite: anything(), retries: anything() }), { maxLength: 2 }),
      trafficPolicy: policy,
      mesh: roughly({
        install: fc.boolean(),
        revision: dnsLabels(),
        version: fc.string(),
        charts: fc.string(),
        gateway: roughly({ release: dnsLabels() }),
      }),
      transition: roughly({
        settleSeconds: fc.nat(),
        drainSeconds: fc.nat(),
        graceSeconds: fc.nat(),
        readySeconds: fc.nat(),
      }),
      other: anything(),
    });
    const given = fc.oneof({ weight: 9, arbitrary: args }, { weight: 1, arbitrary: anything() });
    fc.assert(
      fc.property(given, fc.string(), (each, name) => void check(each, name)),
      { numRuns: 500 },
    );
  });

  it("are taken for unknown where a mark says so", () => assertProblems(check({ ...TWO, weight: UNKNOWN }), []));
});
