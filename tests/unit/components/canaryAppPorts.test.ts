import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { CanaryApp, type CanaryAppArgs, type ServicePortArgs } from "../../../components";
import { type Expected, assertProblems, refusalOf } from "../problems";
import { TWO_VERSIONS, TYPES, find, key, recordApp, recordFailing } from "../recordings";

const PORTS: ServicePortArgs[] = [
  { name: "web", port: 80, targetPort: 8080 },
  { name: "calls", port: 9090, protocol: "grpc" },
  { name: "raw", port: 5000, targetPort: 5001, protocol: "tcp" },
];
const BASE: CanaryAppArgs = {
  ...TWO_VERSIONS,
  hosts: ["shop.example.com"],
  mesh: { install: false, gateway: { address: "203.0.113.7" } },
  service: { ports: PORTS },
};

type Recorded = Awaited<ReturnType<typeof recordApp>>;

const portsOf = ({ resources }: Recorded) => find(resources, TYPES.service, "shop").inputs.spec.ports;
const routesOf = ({ resources }: Recorded) => find(resources, TYPES.virtualService, "shop-routes").inputs.spec;
const containerOf = ({ resources }: Recorded, version = "v1") =>
  find(resources, TYPES.deployment, `shop-${version}`).inputs.spec.template.spec.containers[0];

describe("an app of several ports", () => {
  it("has them in its Service, and in its pods by their names", async () => {
    const recording = await recordApp(BASE);
    assert.deepEqual(portsOf(recording), [
      { name: "web-80", port: 80, targetPort: "web", appProtocol: "http" },
      { name: "calls-9090", port: 9090, targetPort: "calls", appProtocol: "grpc" },
      { name: "raw-5000", port: 5000, targetPort: "raw", appProtocol: "tcp" },
    ]);
    for (const version of ["v1", "v2"]) {
      const { ports, readinessProbe } = containerOf(recording, version);
      assert.deepEqual(ports, [
        { name: "web", containerPort: 8080 },
        { name: "calls", containerPort: 9090 },
        { name: "raw", containerPort: 5001 },
      ]);
      assert.deepEqual(readinessProbe.tcpSocket, { port: 8080 });
    }
  });

  it("has their traffic shared by the same weights, for callers outside and inside", async () => {
    const { hosts, gateways, http, tcp } = routesOf(await recordApp(BASE));
    assert.deepEqual(hosts, ["shop.example.com", "shop.shop.svc.cluster.local"]);
    assert.deepEqual(gateways, ["shop", "mesh"]);
    const to = (number: number) =>
      Object.entries({ v1: 75, v2: 25 }).map(([subset, weight]) => ({
        destination: { host: "shop.shop.svc.cluster.local", subset, port: { number } },
        weight,
      }));
    assert.deepEqual(
      [...http, ...tcp].map(({ match, route }: { match: object; route: object }) => ({ match, route })),
      [
        { match: [{ port: 9090 }], route: to(9090) },
        { match: undefined, route: to(80) },
        { match: undefined, route: to(5000) },
      ],
    );
  });

  it("has names of digits in the versions' order in the routes of every port", async () => {
    const versions = ["9234567", "1234567"].map((name) => ({ name, image: "example.com/shop:1.0" }));
    const { http, tcp } = routesOf(await recordApp({ ...BASE, versions }));
    const subsets = [...http, ...tcp].map(({ route }: { route: { destination: { subset: string } }[] }) =>
      route.map(({ destination }) => destination.subset).join(),
    );
    assert.deepEqual(subsets, Array(3).fill("9234567,1234567"));
  });

  it("has its outlier detection and its hashes looked at on every port", async () => {
    const trafficPolicy = { portLevelSettings: [{ port: 9090, outlierDetection: { consecutive5xxErrors: 2 } }] };
    const versions = TWO_VERSIONS.versions.map((version) => ({ ...version, replicas: 2 }));
    const { resources } = await recordApp({ ...BASE, versions, trafficPolicy });
    const { trafficPolicy: own } = find(resources, TYPES.destinationRule, "shop-v1-subset").inputs.spec.subsets[0];
    assert.deepEqual(own, {
      portLevelSettings: [
        { port: { number: 9090 }, outlierDetection: { consecutive5xxErrors: 2, maxEjectionPercent: 50 } },
      ],
    });
    const hashes = ["a", "b"].map((httpHeaderName) => ({
      portLevelSettings: [{ port: 9090, consistentHash: { httpHeaderName } }],
    }));
    const hashing = TWO_VERSIONS.versions.map((version, index) => ({ ...version, trafficPolicy: hashes[index] }));
    assertProblems(refusalOf(() => new CanaryApp("shop", { ...BASE, versions: hashing })).problems, [
      ["versions[1].trafficPolicy", "by the header b, versions[0] by the header a"],
    ]);
  });

  it("has all of them moved by one update: a weight changes nothing but the VirtualService", async () => {
    const inputs = async (weight: number) =>
      new Map((await recordApp({ ...BASE, weight })).resources.map((each) => [key(each), JSON.stringify(each.inputs)]));
    const [before, after] = [await inputs(25), await inputs(60)];
    assert.deepEqual(
      [...before].filter(([name, text]) => after.get(name) !== text).map(([name]) => name),
      [`${TYPES.virtualService}::shop-routes`],
    );
  });

  it("has the numbers of pods whose ports may be called otherwise, and one for two that lead there", async () => {
    const podSpec = { containers: [{ name: "shop", image: "shop:2.0" }] };
    const mixed = await recordApp({ ...BASE, versions: [TWO_VERSIONS.versions[0], { name: "v2", podSpec }] });
    assert.deepEqual(
      portsOf(mixed).map(({ targetPort }: { targetPort: unknown }) => targetPort),
      [8080, 9090, 5001],
    );
    const doubled = await recordApp({
      ...BASE,
      service: { ports: [...PORTS, { name: "alt", port: 81, targetPort: 8080 }] },
    });
    assert.equal(portsOf(doubled)[3].targetPort, "web");
    assert.deepEqual(containerOf(doubled).ports.length, 3);
  });

  it("is probed where the probe is understood, unless a port is given", async () => {
    const recording = await recordApp({
      ...BASE,
      service: { ports: [PORTS[2], PORTS[1], PORTS[0]] },
      pod: {
        readinessProbe: { grpc: {} },
        livenessProbe: { http: { path: "/" } },
        startupProbe: { tcp: { port: 7 } },
      },
    });
    const { readinessProbe, livenessProbe, startupProbe } = containerOf(recording);
    assert.deepEqual(
      [readinessProbe.grpc.port, livenessProbe.httpGet.port, startupProbe.tcpSocket.port],
      [9090, 8080, 7],
    );
  });

  it("is called at its first port", async () => {
    const urlOf = async (args: Partial<CanaryAppArgs>) => (await recordApp({ ...BASE, ...args })).outputs.url;
    const servers = [
      { port: 9090, protocol: "GRPC" as const },
      { port: 443, tls: { credentialName: "shop" } },
      { port: 5000, protocol: "TCP" as const },
    ];
    assert.equal(await urlOf({}), "http://203.0.113.7");
    assert.equal(await urlOf({ gateway: { servers } }), "https://203.0.113.7");
    assert.equal(await urlOf({ hosts: [] }), "http://shop.shop.svc.cluster.local:80");
    const first = { service: { ports: [PORTS[2], PORTS[0]] } };
    assert.equal(await urlOf({ hosts: [], ...first }), "tcp://shop.shop.svc.cluster.local:5000");
  });

  it("may have numbers that become known late", async () => {
    const ports = PORTS.map((each) => ({ ...each, port: pulumi.output(each.port) }));
    const [late, known] = [await recordApp({ ...BASE, service: { ports } }), await recordApp(BASE)];
    assert.deepEqual([portsOf(late), routesOf(late)], [portsOf(known), routesOf(known)]);
  });

  it("is refused before it reaches the cluster where numbers turn out to be the same", async () => {
    const ports = PORTS.map((each) => ({ ...each, port: pulumi.output(80) }));
    const { messages, registered } = await recordFailing(
      () => void new CanaryApp("shop", { ...BASE, service: { ports } }),
    );
    assert.match(messages.join("\n"), /service\.ports\[1\]\.port is 80, as in ports\[0\]/);
    assert.ok(!registered.includes(`${TYPES.service}::shop`));
  });

  const refused: [name: string, args: object, problems: Expected[]][] = [
    [
      "both forms",
      { service: { port: 80, ports: PORTS } },
      [["service.ports", "is set beside port", "set one form only"]],
    ],
    [
      "a route to a port of connections",
      { routes: [{ port: "raw" }] },
      [["routes[0].port", 'is "raw"', "speak HTTP is needed: web, calls"]],
    ],
    [
      "a route to a port of an app that has one",
      { service: {}, routes: [{ port: "web" }] },
      [["routes[0].port", 'is "web"', "the app has one port"]],
    ],
    [
      "conditions passed through beside several ports of HTTP",
      { routes: [{ extra: { match: [{ uri: { exact: "/" } }] } }] },
      [["routes[0].extra.match", "several ports that speak HTTP (web, calls)", "the argument match"]],
    ],
    [
      "TLS of every host",
      { hosts: ["*"], service: { ports: [{ name: "sealed", port: 443, protocol: "tls" }] } },
      [
        ["hosts", 'has "*", and service.ports speak tls'],
        ["gateway", "is missing"],
      ],
    ],
  ];
  for (const [name, args, problems] of refused) {
    it(`may not have ${name}`, () =>
      assertProblems(refusalOf(() => new CanaryApp("shop", { ...BASE, ...args })).problems, problems));
  }
});
