import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import {
  type CanaryAppArgs,
  ServerProtocol,
  ServiceProtocol,
  SharedGateway,
  type SharedGatewayArgs,
} from "../../../components";
import { record } from "../../../src/render/recorder";
import { type Expected, assertProblems, refusalOf } from "../problems";
import { TWO_VERSIONS, TYPES, find, key, recordApp, recordFailing } from "../recordings";
import { CanaryApp } from "../../../components";

const ADDRESS = "203.0.113.7";
const BASE: CanaryAppArgs = {
  ...TWO_VERSIONS,
  hosts: ["shop.example.com"],
  mesh: { install: false, gateway: { address: ADDRESS } },
};
const TLS = { credentialName: "shop" };
const PROJECT = { project: "test", stack: "dev" };

const gateways = (resources: { type: string }[]) => resources.filter(({ type }) => type === TYPES.gateway);
const routesOf = ({ resources }: Awaited<ReturnType<typeof recordApp>>) =>
  find(resources, TYPES.virtualService, "shop-routes").inputs.spec;

describe("an app's gateway", () => {
  it("answers on the ports that are given, and the app is called at the first that sends nobody on", async () => {
    const servers = [{ port: 80, httpsRedirect: true }, pulumi.output({ port: 443, tls: TLS })];
    const { resources, outputs } = await recordApp({ ...BASE, gateway: { servers } });
    assert.deepEqual(find(resources, TYPES.gateway, "shop-gateway").inputs.spec, {
      selector: { istio: "ingressgateway" },
      servers: [
        {
          port: { number: 80, name: "http", protocol: "HTTP" },
          hosts: ["shop.example.com"],
          tls: { httpsRedirect: true },
        },
        {
          port: { number: 443, name: "https", protocol: "HTTPS" },
          hosts: ["shop.example.com"],
          tls: { mode: "SIMPLE", credentialName: "shop" },
        },
      ],
    });
    assert.equal(outputs.url, `https://${ADDRESS}`);
  });

  it("may be one that is there: none is made, and its name is used", async () => {
    for (const use of ["edge/shared", pulumi.output("edge/shared")]) {
      const recording = await recordApp({ ...BASE, gateway: { use } });
      assert.deepEqual(gateways(recording.resources), []);
      assert.deepEqual(routesOf(recording).gateways, ["edge/shared", "mesh"]);
      assert.equal(recording.outputs.url, `http://${ADDRESS}`);
    }
  });

  it("is not the mesh's where internal is false", async () => {
    const { gateways: named, hosts } = routesOf(await recordApp({ ...BASE, internal: false }));
    assert.deepEqual([named, hosts], [["shop"], ["shop.example.com"]]);
  });

  it("is changed in place: nothing else changes with its ports", async () => {
    const names = async (args: CanaryAppArgs) => (await recordApp(args)).resources.map(key);
    assert.deepEqual(await names({ ...BASE, gateway: { servers: [{ port: 8080 }] } }), await names(BASE));
  });

  it("that becomes known late is checked before it reaches the cluster", async () => {
    const servers = pulumi.output([{ port: 80, hosts: ["other.com"] }]);
    const { messages, registered } = await recordFailing(
      () => void new CanaryApp("shop", { ...BASE, gateway: { servers } }),
    );
    assert.equal(messages.length, 1, messages.join("\n"));
    assert.match(messages[0], /CanaryApp "shop": 1 mistake.*\n {2}- hosts\[0\] is "shop.example.com", which no server/);
    assert.ok(!registered.includes(`${TYPES.virtualService}::shop-routes`));
  });

  const byGateway = (...gateways: string[]) => [{ match: [{ gateways }] }, {}];

  it("may be named in a match, with its namespace or without", async () => {
    const { http } = routesOf(
      await recordApp({ ...BASE, namespace: { name: "prod" }, routes: byGateway("shop", "prod/shop", "mesh") }),
    );
    assert.deepEqual(http[0].match, [{ gateways: ["shop", "prod/shop", "mesh"] }]);
  });

  it("that becomes known late must be the one that matches name", async () => {
    const args = { ...BASE, gateway: { use: pulumi.output("edge/shared") }, routes: byGateway("edge/shared", "shop") };
    const { messages, registered } = await recordFailing(() => void new CanaryApp("shop", args));
    assert.equal(messages.length, 1, messages.join("\n"));
    assert.match(
      messages[0],
      /CanaryApp "shop": 1 mistake.*\n {2}- routes\[0\]\.match\[0\]\.gateways\[1\] is "shop", through which no request/,
    );
    assert.ok(!registered.includes(`${TYPES.virtualService}::shop-routes`));
  });

  const refused: [name: string, args: object, problems: Expected[]][] = [
    [
      "a match of a Gateway that does not lead to the app",
      { routes: byGateway("edge") },
      [["routes[0].match[0].gateways[0]", 'is "edge"']],
    ],
    [
      "a match of the mesh for every host",
      { hosts: ["*"], routes: byGateway("mesh") },
      [["routes[0].match[0].gateways[0]", 'is "mesh"', "shop is the one"]],
    ],
    ["the mesh's own name for an app with a Gateway", { appName: "mesh" }, [["appName", 'is "mesh"', "all sidecars"]]],
    [
      "a host that no server has",
      { gateway: { servers: [{ port: 80, hosts: ["a.com"] }] } },
      [["hosts[0]", "no server"]],
    ],
    ["* inside the mesh", { hosts: ["*"], internal: true }, [["internal", "is true"]]],
    ["a text for a switch", { internal: "false" }, [["internal", 'is "false"']]],
    ["a switch that is not known yet", { internal: pulumi.output(true) }, [["internal", "is not known yet"]]],
    ["a gateway without anything", { gateway: {} }, [["gateway", "has none of servers, use"]]],
    [
      "an unknown protocol",
      { service: { protocol: "udp" } },
      [["service.protocol", 'is "udp"', "http, http2, grpc, tcp, tls"]],
    ],
    [
      "a protocol that is not known yet",
      { service: { protocol: pulumi.output("tcp") } },
      [["service.protocol", "is not known yet"]],
    ],
    [
      "routes of an app of TCP",
      { hosts: [], service: { protocol: "tcp" }, routes: [{ timeout: "1s" }] },
      [["routes", "is set, and service.protocol is tcp"]],
    ],
  ];
  for (const [name, args, problems] of refused) {
    it(`is refused before anything is registered: ${name}`, async () => {
      let found: readonly object[] = [];
      const { resources } = await record(
        () => void (found = refusalOf(() => new CanaryApp("shop", { ...BASE, ...args } as CanaryAppArgs)).problems),
        PROJECT,
      );
      assertProblems(found as never, problems);
      assert.deepEqual(
        resources.map(({ type }) => type),
        [TYPES.stack],
      );
    });
  }
});

describe("an app of connections", () => {
  const destination = (subset: string, number: number) => ({
    host: "shop.shop.svc.cluster.local",
    subset,
    port: { number },
  });

  it("of TCP has its connections shared by the weights", async () => {
    const gateway = { servers: [{ port: 9000, protocol: ServerProtocol.Tcp }] };
    const recording = await recordApp({ ...BASE, gateway, service: { port: 9000, protocol: ServiceProtocol.Tcp } });
    assert.deepEqual(routesOf(recording), {
      hosts: ["shop.example.com", "shop.shop.svc.cluster.local"],
      gateways: ["shop", "mesh"],
      tcp: [
        {
          route: [
            { destination: destination("v1", 9000), weight: 75 },
            { destination: destination("v2", 9000), weight: 25 },
          ],
        },
      ],
    });
    assert.deepEqual(find(recording.resources, TYPES.service, "shop").inputs.spec.ports, [
      { name: "tcp-9000", port: 9000, targetPort: "http", appProtocol: "tcp" },
    ]);
    assert.equal(recording.outputs.url, `tcp://${ADDRESS}:9000`);
  });

  it("of TLS is found by the names of its hosts", async () => {
    const gateway = { servers: [{ port: 443, tls: { mode: "PASSTHROUGH" as const } }] };
    const { tls } = routesOf(
      await recordApp({ ...BASE, internal: false, gateway, service: { port: 443, protocol: ServiceProtocol.Tls } }),
    );
    assert.deepEqual(tls, [
      {
        match: [{ sniHosts: ["shop.example.com"] }],
        route: [
          { destination: destination("v1", 443), weight: 75 },
          { destination: destination("v2", 443), weight: 25 },
        ],
      },
    ]);
  });
});

describe("a gateway that apps share", () => {
  const servers = [{ port: 80, hosts: ["*.example.com"] }];
  const recordShared = async (args: SharedGatewayArgs, name = "shared") => {
    let reference: string | undefined;
    const recording = await record(
      () => void new SharedGateway(name, args).reference.apply((known) => void (reference = known)),
      PROJECT,
    );
    return { ...recording, reference: () => reference };
  };

  it("is a Gateway in the ingress gateway's namespace, named by both", async () => {
    const { resources, reference } = await recordShared({ servers });
    const { inputs } = find(resources, TYPES.gateway, "shared");
    assert.deepEqual(inputs.metadata, { name: "shared", namespace: "istio-ingress" });
    assert.deepEqual(inputs.spec, {
      selector: { istio: "ingressgateway" },
      servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["*.example.com"] }],
    });
    assert.equal(reference(), "istio-ingress/shared");
  });

  it("may be elsewhere, and called otherwise", async () => {
    const { resources, reference } = await recordShared({
      servers: pulumi.output(servers),
      gatewayName: "edge",
      namespace: pulumi.output("edge"),
      selector: { app: "edge" },
    });
    assert.deepEqual(find(resources, TYPES.gateway, "shared").inputs.spec.selector, { app: "edge" });
    assert.equal(reference(), "edge/edge");
  });

  it("is there before the routes of an app that names it", async () => {
    const { resources } = await record(
      () =>
        void new CanaryApp("shop", { ...BASE, gateway: { use: new SharedGateway("shared", { servers }).reference } }),
      PROJECT,
    );
    assert.ok(find(resources, TYPES.virtualService, "shop-routes").dependencies.includes(`${TYPES.gateway}::shared`));
  });

  const sharing = (given: SharedGatewayArgs["servers"]) => {
    const { reference, servers } = new SharedGateway("shared", { servers: given });
    return { ...BASE, gateway: { use: reference, usedServers: servers } };
  };

  it("tells an app that uses it at which URL it is called", async () => {
    const https = { port: 443, tls: TLS, hosts: ["*.example.com"] };
    const urls: [servers: SharedGatewayArgs["servers"], url: string][] = [
      [[https], "https://203.0.113.7"],
      [
        [
          { port: 80, hosts: ["a.com"] },
          { ...https, port: 8443 },
        ],
        "https://203.0.113.7:8443",
      ],
      [[{ port: 9000, protocol: ServerProtocol.Tcp, hosts: ["*"] }, https], "https://203.0.113.7"],
      [pulumi.output([{ port: 80, hosts: ["*.example.com"], httpsRedirect: true }, https]), "https://203.0.113.7"],
    ];
    for (const [given, url] of urls) {
      let told: string | undefined;
      await record(() => void new CanaryApp("shop", sharing(given)).url.apply((known) => void (told = known)), PROJECT);
      assert.equal(told, url);
    }
  });

  it("refuses an app whose host it does not answer for, before the routes reach the cluster", async () => {
    const { messages, registered } = await recordFailing(
      () => void new CanaryApp("shop", sharing([{ port: 80, hosts: ["a.com"] }])),
    );
    assert.match(
      messages.join("\n"),
      /CanaryApp "shop": 1 mistake.*\n {2}- hosts\[0\] is "shop.example.com", which no server of the gateway answers for; .*istio-ingress\/shared/,
    );
    assert.ok(!registered.includes(`${TYPES.virtualService}::shop-routes`));
  });

  const refused: [name: string, args: unknown, problems: Expected[]][] = [
    ["nothing", undefined, [["the arguments", "is undefined"]]],
    ["no servers", {}, [["servers", "is missing"]]],
    ["servers without hosts", { servers: [{ port: 80 }] }, [["servers[0].hosts", "is missing"]]],
    ["an unknown field", { servers, hosts: [] }, [["hosts", "is an unknown argument"]]],
    ["a wrong name", { servers, gatewayName: "Edge" }, [["gatewayName", 'is "Edge"']]],
    ["a wrong namespace", { servers, namespace: "a.b" }, [["namespace", 'is "a.b"']]],
    ["a wrong selector", { servers, selector: "edge" }, [["selector", 'is "edge"']]],
  ];
  for (const [name, args, problems] of refused) {
    it(`is refused: ${name}`, async () => {
      let found: readonly object[] = [];
      await record(
        () => void (found = refusalOf(() => new SharedGateway("shared", args as SharedGatewayArgs)).problems),
        PROJECT,
      );
      assertProblems(found as never, problems);
    });
  }
});
