import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { CanaryApp, type CanaryAppArgs, IstioMesh, SharedGateway } from "../../../components";
import { record } from "../../../src/render/recorder";
import { type Expected, assertProblems, refusalOf } from "../problems";
import { TWO_VERSIONS, TYPES, recordFailing } from "../recordings";

const PROJECT = { project: "test", stack: "dev" };
const BASE: CanaryAppArgs = { ...TWO_VERSIONS, mesh: { install: false, gateway: { address: "203.0.113.7" } } };
const app = (name: string, args: Partial<CanaryAppArgs> = {}, opts?: pulumi.ComponentResourceOptions) =>
  new CanaryApp(name, { ...BASE, hosts: [`${name}.example.com`], ...args }, opts);
const WHERE = { namespace: { name: "shop" } };
const THERE = { namespace: { name: "shop", create: false } };
const TLS = { credentialName: "certificate" };
const RAW = { port: 9000, protocol: "TCP" } as const;
const PORTS: Partial<CanaryAppArgs> = {
  service: {
    ports: [
      { name: "web", port: 80, targetPort: 8080 },
      { name: "raw", port: 9000, protocol: "tcp" },
    ],
  },
};
const WEB_PORTS = [
  { name: "web", port: 80, targetPort: 8080 },
  { name: "admin", port: 8081 },
];
const path = (prefix: string) => ({ match: [{ uri: { prefix } }] });

/** What the last component of a program is refused for, and how many resources the components before it have. */
async function refused(first: () => unknown, last: () => unknown): Promise<ReturnType<typeof refusalOf>> {
  let refusal: ReturnType<typeof refusalOf> | undefined;
  const types: string[] = [];
  const { resources } = await record(() => {
    first();
    refusal = refusalOf(last);
  }, PROJECT);
  types.push(...resources.map(({ type, name }) => `${type} ${name}`));
  assert.deepEqual(
    types.filter((each) => each.endsWith(" other") || each.endsWith(" other-routes")),
    [],
    "nothing of it is registered",
  );
  return refusal as ReturnType<typeof refusalOf>;
}

describe("two components of one program are refused with", () => {
  const cases: [name: string, first: () => unknown, last: () => unknown, problems: Expected[]][] = [
    [
      "one host, each at a gateway of its own and inside the mesh",
      () => app("shop"),
      () => app("other", { hosts: ["shop.example.com"] }),
      [["hosts[0]", 'is "shop.example.com"', 'CanaryApp "shop" has on port 80', "shareHosts"]],
    ],
    [
      "a host that is the other's name in a cluster of another domain",
      () => app("shop", { mesh: { install: false, clusterDomain: "pasta.local" } }),
      () => app("other", { hosts: ["shop.shop.svc.pasta.local"], gateway: { servers: [{ port: 8080 }] } }),
      [["hosts[0]", 'is "shop.shop.svc.pasta.local"', "inside the mesh"]],
    ],
    [
      "one host inside the mesh, by requests and by connections",
      () => app("shop"),
      () =>
        app("other", {
          hosts: ["shop.example.com"],
          service: { protocol: "tcp" },
          gateway: { servers: [{ port: 9000, protocol: "TCP" }] },
        }),
      [["hosts[0]", 'CanaryApp "shop" has inside the mesh', "internal to false"]],
    ],
    [
      "one host inside the mesh alone",
      () => app("shop", { gateway: { servers: [{ port: 80 }] } }),
      () => app("other", { hosts: ["shop.example.com"], gateway: { servers: [{ port: 8080 }] } }),
      [["hosts[0]", 'CanaryApp "shop" has inside the mesh', "internal to false"]],
    ],
    [
      "the default host, every one, on one port",
      () => app("shop", { hosts: undefined }),
      () => app("other", { hosts: undefined }),
      [["hosts[0]", 'is "*"', 'CanaryApp "shop" has on port 80']],
    ],
    [
      "one host at a Gateway that both name",
      () => app("shop", { hosts: ["*"], gateway: { use: "edge/shared" } }),
      () => app("other", { hosts: ["*"], gateway: { use: "edge/shared" } }),
      [["hosts[0]", 'CanaryApp "shop" has at the Gateway edge/shared']],
    ],
    [
      "another one's name inside the cluster as a host",
      () => app("shop", { hosts: [] }),
      () => app("other", { hosts: ["shop.shop.svc.cluster.local"], gateway: { servers: [{ port: 8080 }] } }),
      [["hosts[0]", 'is "shop.shop.svc.cluster.local"', "inside the mesh"]],
    ],
    [
      "one name and namespace",
      () => app("shop"),
      () => app("other", { appName: "shop" }),
      [["appName", 'is "shop" in namespace "shop", and so is that of CanaryApp "shop"']],
    ],
    [
      "one namespace that both make",
      () => app("shop", WHERE),
      () => app("other", WHERE),
      [
        [
          "namespace.name",
          'is "shop", and makes it, but CanaryApp "shop" makes that namespace, too',
          "create to false",
        ],
      ],
    ],
    [
      "one Deployment's name out of other names",
      () => app("shop", { ...WHERE, versions: [{ name: "web-v1", image: "example.com/shop:1.0" }], weight: undefined }),
      () =>
        app("other", {
          ...THERE,
          appName: "shop-web",
          versions: [{ name: "v1", image: "example.com/shop:1.0" }],
          weight: undefined,
        }),
      [["versions[0].name", 'makes the Deployment "shop-web-v1"', 'CanaryApp "shop"']],
    ],
    [
      "a DestinationRule of one app that is called as that of another one's version",
      () => app("shop", WHERE),
      () => app("other", { ...THERE, appName: "shop-v1", trafficPolicy: { loadBalancer: "RANDOM" } }),
      [["trafficPolicy", 'makes the DestinationRule "shop-v1"']],
    ],
    [
      "one namespace with two sorts of sidecars",
      () => app("shop", WHERE),
      () =>
        app("other", { namespace: { ...THERE.namespace, inject: true }, mesh: { ...BASE.mesh, revision: "canary" } }),
      [["mesh.revision", "labelled istio.io/rev: canary", 'CanaryApp "shop"']],
    ],
    [
      "one port of the ingress gateway in two protocols",
      () => app("shop", { gateway: { servers: [{ port: 8443 }] } }),
      () => app("other", { gateway: { servers: [{ port: 8443, tls: TLS }] } }),
      [["gateway.servers[0].port", "is 8443", "speaks otherwise than HTTPS"]],
    ],
    [
      "one port of TCP",
      () => app("shop", { service: { protocol: "tcp" }, gateway: { servers: [{ port: 9000, protocol: "TCP" }] } }),
      () => app("other", { service: { protocol: "tcp" }, gateway: { servers: [{ port: 9000, protocol: "TCP" }] } }),
      [["gateway.servers[0].port", "is 9000", 'CanaryApp "shop"']],
    ],
    [
      "one host that both decrypt on one port",
      () => new SharedGateway("shared", { servers: [{ port: 443, hosts: ["shop.example.com"], tls: TLS }] }),
      () => new SharedGateway("other", { servers: [{ port: 443, hosts: ["shop.example.com"], tls: TLS }] }),
      [["servers[0].hosts", 'has "shop.example.com"', 'SharedGateway "shared"', "port 443"]],
    ],
    [
      "one Gateway object",
      () => new SharedGateway("shared", { servers: [{ port: 80, hosts: ["a.com"] }] }),
      () => new SharedGateway("other", { gatewayName: "shared", servers: [{ port: 80, hosts: ["b.com"] }] }),
      [["gatewayName", 'makes the Gateway "shared" in namespace "istio-ingress"']],
    ],
    [
      "one revision of Istio",
      () => new IstioMesh("mesh"),
      () => new IstioMesh("other"),
      [["istiodValues.revision", 'is "default"', 'IstioMesh "mesh" installs, too', "mesh.install to false"]],
    ],
    [
      "Istio, which both install by default",
      () => new CanaryApp("shop", TWO_VERSIONS),
      () => new CanaryApp("other", { ...TWO_VERSIONS, hosts: ["other.example.com"] }),
      [["mesh.istiodValues.revision", 'CanaryApp "shop" installs, too', "mesh.install to false"]],
    ],
    [
      "Istio, which is installed by itself already",
      () => new IstioMesh("mesh"),
      () => new CanaryApp("other", TWO_VERSIONS),
      [["mesh.istiodValues.revision", 'IstioMesh "mesh" installs, too']],
    ],
    [
      "one namespace for another revision of Istio",
      () => new IstioMesh("mesh"),
      () => new IstioMesh("other", { istiodValues: { revision: "next" }, gateway: { namespace: "next-ingress" } }),
      [["namespace", 'is "istio-system", and installs Istio in it, but IstioMesh "mesh" makes']],
    ],
    [
      "one host that only one of them shares",
      () => app("shop", { gateway: { servers: [{ port: 80 }] } }),
      () => app("other", { hosts: ["shop.example.com"], gateway: { shareHosts: true }, routes: [path("/api")] }),
      [["hosts[0]", 'is "shop.example.com"', "set gateway.shareHosts to true in both"]],
    ],
    [
      "a host that both share, and all of its requests",
      () => app("shop", { gateway: { shareHosts: true } }),
      () => app("other", { hosts: ["shop.example.com"], gateway: { shareHosts: true }, routes: [path("/api"), {}] }),
      [["hosts[0]", "takes some of the same requests"]],
    ],
    [
      "one host's connections, beside requests that one of them has there",
      () => app("shop", { ...PORTS, gateway: { servers: [{ port: 80 }, RAW] } }),
      () =>
        app("other", {
          hosts: ["shop.example.com"],
          internal: false,
          service: { protocol: "tcp" },
          gateway: { servers: [RAW] },
        }),
      [
        ["gateway.servers[0].port", "is 9000"],
        ["hosts[0]", 'is "shop.example.com"', 'CanaryApp "shop" has on port 9000'],
      ],
    ],
    [
      "one host by one of several ports, inside the mesh",
      () => app("shop", { ...PORTS, gateway: { servers: [{ port: 80 }, RAW] } }),
      () =>
        app("other", {
          hosts: ["shop.example.com"],
          service: { protocol: "tcp" },
          gateway: { servers: [{ ...RAW, port: 9001 }] },
        }),
      [["hosts[0]", 'CanaryApp "shop" has inside the mesh']],
    ],
    [
      "a host that both share, and all requests of one of several ports",
      () => app("shop", { service: { ports: WEB_PORTS }, gateway: { shareHosts: true }, routes: [path("/api")] }),
      () =>
        app("other", {
          hosts: ["shop.example.com"],
          service: { ports: WEB_PORTS },
          gateway: { shareHosts: true },
          routes: [{ match: [{ uri: { prefix: "/api" }, port: 8081 }] }],
        }),
      [["hosts[0]", "takes some of the same requests"]],
    ],
    [
      "a host that both share, and a path in the other's path",
      () => app("shop", { gateway: { shareHosts: true }, routes: [path("/api")] }),
      () => app("other", { hosts: ["shop.example.com"], gateway: { shareHosts: true }, routes: [path("/api/v2")] }),
      [["hosts[0]", "takes some of the same requests"]],
    ],
  ];
  for (const [name, first, last, problems] of cases) {
    it(name, async () => assertProblems((await refused(first, last)).problems, problems));
  }

  it("one host at a SharedGateway, which is known before its reference is", async () => {
    let shared: SharedGateway | undefined;
    const use = () => ({ gateway: { use: shared?.reference, usedServers: shared?.servers } });
    const refusal = await refused(
      () => {
        shared = new SharedGateway("shared", { servers: [{ port: 80, hosts: ["shop.example.com"] }] });
        app("shop", use());
      },
      () => app("other", { ...use(), hosts: ["shop.example.com"] }),
    );
    assertProblems(refusal.problems, [["hosts[0]", 'CanaryApp "shop" has at the Gateway istio-ingress/shared']]);
  });

  it("one host, at a SharedGateway and at a Gateway of one of them, on one port", async () => {
    const refusal = await refused(
      () => {
        const { reference, servers } = new SharedGateway("shared", {
          servers: [{ port: 80, hosts: ["*.example.com"] }],
        });
        app("shop", { internal: false, gateway: { use: reference, usedServers: servers } });
      },
      () => app("other", { hosts: ["shop.example.com"] }),
    );
    assertProblems(refusal.problems, [["hosts[0]", 'CanaryApp "shop" has on port 80']]);
  });

  it("one host that two SharedGateways decrypt, where the servers are known only later", async () => {
    const servers = () => pulumi.output([{ port: 443, hosts: ["shop.example.com"], tls: TLS }]);
    const { messages, registered } = await recordFailing(() => {
      new SharedGateway("one", { servers: servers() });
      new SharedGateway("two", { servers: servers() });
    });
    assert.match(
      messages.join("\n"),
      /servers\[0\]\.hosts has "shop\.example\.com", for which SharedGateway "(one|two)"/,
    );
    assert.equal(registered.filter((each) => each.startsWith(TYPES.gateway)).length, 1);
  });

  it("a host that is the other's name in a cluster of another domain, where servers are known only later", async () => {
    const { messages } = await recordFailing(() => {
      app("shop", {
        mesh: { install: false, clusterDomain: "pasta.local" },
        gateway: { servers: pulumi.output([{ port: 80 }]) },
      });
      app("other", { hosts: ["shop.shop.svc.pasta.local"], gateway: { servers: [{ port: 8080 }] } });
    });
    assert.match(
      messages.join("\n"),
      /is "shop\.shop\.svc\.pasta\.local", which CanaryApp "other" has inside the mesh/,
    );
  });

  it("one host, by a Gateway that is known only later, before the routes reach the cluster", async () => {
    const late = { gateway: { use: pulumi.output("edge/shared") }, hosts: ["shop.example.com"] };
    const { messages, registered } = await recordFailing(() => {
      app("shop", late);
      app("other", late);
    });
    assert.match(
      messages.join("\n"),
      /hosts\[0\] is "shop\.example\.com", which CanaryApp "(shop|other)" has at the Gateway edge\/shared/,
    );
    const routes = registered.filter((each) => each.startsWith(TYPES.virtualService));
    assert.equal(routes.length, 1, routes.join());
  });
});

describe("two components of one program stand side by side with", () => {
  const cases: [name: string, program: () => unknown][] = [
    ["hosts of their own", () => [app("shop"), app("other")]],
    ["a host and every other one", () => [app("shop"), app("other", { hosts: undefined })]],
    [
      "one name, in namespaces of their own",
      () => [app("shop"), app("other", { appName: "shop", namespace: { name: "elsewhere" } })],
    ],
    ["one namespace that one of them makes", () => [app("shop", WHERE), app("other", THERE)]],
    [
      "a host that they split by path, one with the rest",
      () => [
        app("shop", { gateway: { shareHosts: true }, routes: [path("/api"), path("/admin")] }),
        app("other", { hosts: ["shop.example.com"], gateway: { shareHosts: true } }),
      ],
    ],
    [
      "a host that they split by path on several ports, one with the rest",
      () => [
        app("shop", { service: { ports: WEB_PORTS }, gateway: { shareHosts: true }, routes: [path("/api")] }),
        app("other", { hosts: ["shop.example.com"], service: { ports: WEB_PORTS }, gateway: { shareHosts: true } }),
      ],
    ],
    [
      "a host whose requests they split, and whose connections one of them has",
      () => [
        app("shop", { ...PORTS, gateway: { shareHosts: true, servers: [{ port: 80 }, RAW] }, routes: [path("/api")] }),
        app("other", { hosts: ["shop.example.com"], gateway: { shareHosts: true } }),
      ],
    ],
    [
      "one host, by requests and by connections, inside the mesh by one of them alone",
      () => [
        app("shop"),
        app("other", {
          hosts: ["shop.example.com"],
          internal: false,
          service: { protocol: "tcp" },
          gateway: { servers: [{ port: 9000, protocol: "TCP" }] },
        }),
      ],
    ],
    [
      "one host at ports of their own, where callers inside the mesh are not routed by it twice",
      () => [
        app("shop", { gateway: { servers: [{ port: 80 }] } }),
        app("other", { hosts: ["shop.example.com"], internal: false, gateway: { servers: [{ port: 8080 }] } }),
      ],
    ],
    [
      "all the same, on clusters of their own",
      () => {
        const [east, west] = ["east", "west"].map((context) => new k8s.Provider(context, { context }));
        return [
          app("shop", {}, { provider: east }),
          app("other", { appName: "shop", hosts: ["shop.example.com"] }, { providers: [west] }),
        ];
      },
    ],
    [
      "two revisions of Istio in namespaces of their own",
      () => [
        new IstioMesh("mesh"),
        new IstioMesh("other", {
          namespace: "next",
          istiodValues: { revision: "next" },
          gateway: { namespace: "next-ingress" },
        }),
      ],
    ],
  ];
  for (const [name, program] of cases) {
    it(name, async () => {
      const { resources } = await record(program, PROJECT);
      assert.ok(resources.length > 2);
    });
  }

  it("what the same program claimed when it was run before", async () => {
    for (const _ of [1, 2]) {
      assert.ok((await record(() => app("shop"), PROJECT)).resources.length > 2);
    }
  });
});

describe("an app that shares its hosts", () => {
  it("is reached through the gateway alone", async () => {
    const { resources } = await record(() => app("shop", { gateway: { shareHosts: true } }), PROJECT);
    const { spec } = resources.find(({ type }) => type === TYPES.virtualService)?.inputs ?? {};
    assert.deepEqual([spec.hosts, spec.gateways], [["shop.example.com"], ["shop"]]);
  });

  it("cannot be routed inside the mesh by them, nor by connections", async () => {
    let problems: Expected[] = [["internal", "is true, and gateway.shareHosts is true"]];
    await record(() => {
      const { problems: found } = refusalOf(() => app("shop", { internal: true, gateway: { shareHosts: true } }));
      assertProblems(found, problems);
      problems = [["gateway.shareHosts", "service.protocol is tcp"]];
      const connections: Partial<CanaryAppArgs> = {
        service: { protocol: "tcp" },
        gateway: { shareHosts: true, servers: [{ port: 9000, protocol: "TCP" }] },
      };
      assertProblems(refusalOf(() => app("shop", connections)).problems, problems);
    }, PROJECT);
  });
});

describe("a subclass of CanaryApp", () => {
  it("has the mesh that it installs, whatever the class is called", async () => {
    class ShopApp extends CanaryApp {}
    const { resources } = await record(() => new ShopApp("shop", { ...TWO_VERSIONS, hosts: ["shop.example.com"] }), {
      project: "test",
      stack: "dev",
    });
    assert.ok(resources.some(({ type }) => type === TYPES.mesh));
  });
});
