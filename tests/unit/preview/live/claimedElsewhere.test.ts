import assert from "node:assert/strict";
import { claimedElsewhere } from "../../../../src/preview/live/claimedElsewhere";

const HTTP = [{ route: [{ destination: { host: "shop" } }] }];
const API = [{ match: [{ uri: { prefix: "/api" } }], ...HTTP[0] }];
const INGRESS = { istio: "ingressgateway" };

const virtualService = (name: string, spec: object) => ({
  kind: "VirtualService",
  metadata: { name, namespace: name },
  spec: { http: HTTP, ...spec },
});
const gateway = (name: string, server: object, selector: object = INGRESS) => ({
  kind: "Gateway",
  metadata: { name, namespace: name },
  spec: { selector, servers: [server] },
});
const PORT_80 = { port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["*"] };
const PORT_443 = { port: { number: 443, name: "https", protocol: "HTTPS" }, hosts: ["a.com"], tls: {} };

type Objects = Parameters<typeof claimedElsewhere>[0];
const told = (own: Partial<Objects>, others: Partial<Objects>): string[] =>
  claimedElsewhere({ virtualServices: [], gateways: [], ...own }, { virtualServices: [], gateways: [], ...others }).map(
    ({ object, other, what }) => `${object} | ${other} | ${what}`,
  );

describe("an object of another stack is told that has", () => {
  const AT = "VirtualService shop/shop | VirtualService web/web | the host a.com";
  const hosts: [string, spec: object, other: object, expected: string[]][] = [
    [
      "the same host inside the mesh, as it is without gateways",
      { hosts: ["a.com"] },
      { hosts: ["a.com"] },
      [`${AT} inside the mesh`],
    ],
    [
      "the same host at one Gateway by its name",
      { hosts: ["a.com"], gateways: ["edge/shared"] },
      { hosts: ["b.com", "a.com"], gateways: ["edge/shared", "mesh"] },
      [`${AT} at the same gateway, and both take every request`],
    ],
    [
      "the same path of it",
      { hosts: ["a.com"], gateways: ["edge/shared"], http: [...API, ...HTTP] },
      { hosts: ["a.com"], gateways: ["edge/shared"], http: API },
      [`${AT} at the same gateway, and both take requests with {"uri":{"prefix":"/api"}}`],
    ],
    [
      "the same Service's short name",
      { hosts: ["web.web.svc.cluster.local"] },
      { hosts: ["web"] },
      [`${AT.replace("a.com", "web.web.svc.cluster.local")} inside the mesh`],
    ],
    [
      "the same Service's short name, in a cluster of another domain",
      {
        hosts: ["web.web.svc.pasta.local"],
        http: [
          {
            route: [
              { destination: { host: "b.c.svc.cluster.local" } },
              { destination: { host: "shop.shop.svc.pasta.local", subset: "v1" } },
            ],
          },
        ],
      },
      { hosts: ["web"] },
      [`${AT.replace("a.com", "web.web.svc.pasta.local")} inside the mesh`],
    ],
    [
      "nothing of another domain's Service",
      {
        hosts: ["web.web.svc.cluster.local"],
        http: [{ route: [{ destination: { host: "shop.shop.svc.pasta.local", subset: "v1" } }] }],
      },
      { hosts: ["web"] },
      [],
    ],
    [
      "nothing of it, where each takes paths of its own",
      { hosts: ["a.com"], gateways: ["edge/shared"] },
      { hosts: ["a.com"], gateways: ["edge/shared"], http: API },
      [],
    ],
    [
      "nothing of it, where each takes paths of its own on several ports",
      { hosts: ["a.com"], gateways: ["edge/shared"], http: [{ ...HTTP[0], match: [{ port: 8081 }] }, ...HTTP] },
      {
        hosts: ["a.com"],
        gateways: ["edge/shared"],
        http: [{ ...API[0], match: [{ uri: { prefix: "/api" }, port: 8081 }] }, ...API],
      },
      [],
    ],
    [
      "every request of one of several ports",
      { hosts: ["a.com"], gateways: ["edge/shared"], http: [{ ...HTTP[0], match: [{ port: 8081 }] }, ...HTTP] },
      { hosts: ["a.com"], gateways: ["edge/shared"], http: [{ ...HTTP[0], match: [{ port: 8081 }] }, ...API] },
      [`${AT} at the same gateway, and both take every request`],
    ],
    [
      "nothing of it, where each takes every request of ports of its own",
      { hosts: ["a.com"], gateways: ["edge/shared"], http: [{ ...HTTP[0], match: [{ port: 8081 }] }] },
      { hosts: ["a.com"], gateways: ["edge/shared"], http: [{ ...HTTP[0], match: [{ port: 80 }] }] },
      [],
    ],
    [
      "the connections of a port beside requests that are split",
      { hosts: ["a.com"], gateways: ["edge/shared"], tcp: HTTP },
      { hosts: ["a.com"], gateways: ["edge/shared"], http: API, tcp: HTTP },
      [`${AT} at the same gateway, and both take its connections`],
    ],
    [
      "nothing of it, at another gateway",
      { hosts: ["a.com"], gateways: ["shop"] },
      { hosts: ["a.com"], gateways: ["web"] },
      [],
    ],
    ["nothing of it, with another host", { hosts: ["a.com"] }, { hosts: ["b.com"] }, []],
    ["nothing of it, in its own namespace only", { hosts: ["a.com"] }, { hosts: ["a.com"], exportTo: ["."] }, []],
  ];
  for (const [name, own, other, expected] of hosts) {
    it(name, () =>
      assert.deepEqual(
        told({ virtualServices: [virtualService("shop", own)] }, { virtualServices: [virtualService("web", other)] }),
        expected,
      ),
    );
  }

  it("the same host at Gateways of their own, for the same pods and port", () => {
    const routes = { hosts: ["a.com"] };
    const own = { virtualServices: [virtualService("shop", { ...routes, gateways: ["shop"] })] };
    const other = { virtualServices: [virtualService("web", { ...routes, gateways: ["web"] })] };
    const both = (server: object, selector?: object) =>
      told(
        { ...own, gateways: [gateway("shop", PORT_80)] },
        { ...other, gateways: [gateway("web", server, selector)] },
      );
    assert.deepEqual(both(PORT_80), [`${AT} at the same gateway, and both take every request`]);
    assert.deepEqual(both({ ...PORT_80, port: { number: 8080, protocol: "HTTP" } }), []);
    assert.deepEqual(both(PORT_80, { istio: "other" }), []);
  });

  const servers: [string, object, object, RegExp | undefined][] = [
    [
      "the same port in another protocol",
      PORT_443,
      { ...PORT_80, port: { number: 443, protocol: "HTTP" } },
      /port 443 .* with HTTPS and HTTP$/,
    ],
    ["the same host in TLS", PORT_443, { ...PORT_443, hosts: ["web/a.com"] }, /a\.com on port 443/],
    ["nothing but the port, with a host of its own", PORT_443, { ...PORT_443, hosts: ["b.com"] }, undefined],
    ["nothing but the port of HTTP", PORT_80, PORT_80, undefined],
  ];
  for (const [name, own, other, expected] of servers) {
    it(name, () => {
      const [text, ...more] = told({ gateways: [gateway("shop", own)] }, { gateways: [gateway("web", other)] });
      assert.deepEqual(more, []);
      assert.match(text ?? "", expected ?? /^$/);
    });
  }
});
