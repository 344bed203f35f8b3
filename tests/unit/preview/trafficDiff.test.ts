import assert from "node:assert/strict";
import { routesOf } from "../../../src/preview/traffic/currentRoutes";
import { trafficDiff } from "../../../src/preview/traffic/trafficDiff";
import { SHOP, appChange, appReport } from "./appChange";

const spec = (http: object[]) =>
  routesOf({ metadata: { name: "shop", namespace: "shop" }, spec: { hosts: ["shop.example.com"], http } });
const to = (subset: string, weight?: number) => ({
  destination: { host: "shop", subset },
  ...(weight === undefined ? {} : { weight }),
});

describe("what a VirtualService does with requests", () => {
  const requests: [string, object[] | undefined, string][] = [
    ["no match", undefined, "every request"],
    ["an empty match", [{}], "every request"],
    ["an exact path", [{ uri: { exact: "/a" } }], "path /a"],
    ["a prefix in any case", [{ uri: { prefix: "/a" }, ignoreUriCase: true }], "path /a*, in any case"],
    ["a regex", [{ uri: { regex: "/a|/b" } }], "path ~ /a|/b"],
    [
      "a header and a method",
      [{ headers: { "end-user": { exact: "jason" } }, method: { exact: "GET" } }],
      "header end-user jason, method GET",
    ],
    ["a header that is there", [{ headers: { beta: {} } }], "header beta"],
    ["a header that is not there", [{ withoutHeaders: { beta: {} } }], "without header beta"],
    ["two matches", [{ uri: { exact: "/a" } }, { uri: { exact: "/b" } }], "path /a or path /b"],
    ["a name only", [{ name: "all" }], "every request"],
    [
      "callers and ports",
      [{ sourceLabels: { app: "web" }, sourceNamespace: "web", port: 8080 }],
      "caller's label app web, from namespace web, port 8080",
    ],
    ["a field of a later Istio", [{ moonPhase: "full" }], 'moonPhase "full"'],
  ];
  for (const [name, match, told] of requests) {
    it(`takes, with ${name}, «${told}»`, () => assert.equal(spec([{ match, route: [to("v1")] }])[0].requests, told));
  }

  const shares: [string, object[], Record<string, number>][] = [
    ["a lone destination", [to("v1")], { v1: 100 }],
    ["a lone destination of weight 0", [to("v1", 0)], { v1: 100 }],
    ["whole percents", [to("v1", 75), to("v2", 25)], { v1: 75, v2: 25 }],
    ["a ratio", [to("v1", 1), to("v2", 3)], { v1: 25, v2: 75 }],
    ["a missing weight", [to("v1"), to("v2", 100)], { v1: 0, v2: 100 }],
    [
      "services",
      [
        { destination: { host: "a", port: { number: 80 } }, weight: 40 },
        { destination: { host: "b" }, weight: 60 },
      ],
      { "a:80": 40, b: 60 },
    ],
  ];
  for (const [name, route, expected] of shares) {
    it(`shares ${name}`, () =>
      assert.deepEqual(
        Object.fromEntries(spec([{ route }])[0].shares.map((share) => [share.to, share.percent])),
        expected,
      ));
  }

  it("answers by itself", () => {
    assert.deepEqual(
      spec([{ redirect: { uri: "/new", authority: "b.example.com" } }, { directResponse: { status: 503 } }]).map(
        ({ answer }) => answer,
      ),
      ["redirect to b.example.com/new", "answer 503"],
    );
  });

  it("is read from TLS and TCP routes, too", () => {
    const routes = routesOf({
      metadata: { name: "db" },
      spec: {
        hosts: ["db"],
        tls: [{ match: [{ port: 443, sniHosts: ["db"] }], route: [to("v1")] }],
        tcp: [{ route: [to("v1", 60), to("v2", 40)] }],
      },
    });
    assert.deepEqual(
      routes.map(({ requests: taken, shares: split }) => [taken, split.map(({ percent }) => percent)]),
      [
        ["port 443, TLS to db", [100]],
        ["every connection", [60, 40]],
      ],
    );
  });

  for (const broken of [
    {},
    { spec: null },
    { spec: { hosts: "x", http: "y" } },
    { spec: { http: [null, 3, { route: [{}] }] } },
  ]) {
    it(`is read from ${JSON.stringify(broken)} without failing`, () => assert.ok(Array.isArray(routesOf(broken))));
  }
});

describe("how an app's traffic changes", () => {
  const moved = async (before: number, after: number) =>
    trafficDiff((await appChange({ ...SHOP, weight: before }, { ...SHOP, weight: after })).resources).map(
      (route) => route.moved,
    );

  it("by a weight, is by as many points as the weight", async () =>
    assert.deepEqual([await moved(25, 50), await moved(50, 0), await moved(30, 30)], [[25], [50], [0]]));

  it("is told in a sentence", async () => {
    assert.deepEqual((await appReport(SHOP, { ...SHOP, weight: 50 })).headline, [
      "shop.example.com and shop.shop.svc.cluster.local: 25% of the requests move from v1 (75% → 50%) to v2 (25% → 50%)",
    ]);
  });

  it("is nothing where nothing changes", async () => {
    const report = await appReport(SHOP, SHOP);
    assert.deepEqual([report.outcome, report.headline, report.resources], ["no-change", [], []]);
  });

  it("shows a route that comes before the one that was there, and leaves that one as it is", async () => {
    const beta = { match: [{ headers: { beta: { exact: "yes" } } }], version: "v2" };
    const { routes } = await appReport(SHOP, { ...SHOP, routes: [beta, {}] });
    assert.deepEqual(
      routes.map(({ requests, change }) => [requests, change]),
      [
        ["header beta yes", "create"],
        ["every request", "same"],
      ],
    );
  });

  it("shows a third version with its share, and the others' losses", async () => {
    const versions = [...SHOP.versions, { name: "v3", image: "example.com/shop:3.0" }];
    const report = await appReport(SHOP, { ...SHOP, weight: undefined, weights: { v1: 70, v2: 20, v3: 10 }, versions });
    assert.deepEqual(report.routes[0].shares, [
      { to: "v1", before: 75, after: 70 },
      { to: "v2", before: 25, after: 20 },
      { to: "v3", before: 0, after: 10 },
    ]);
    assert.deepEqual(report.versions, [{ name: "v3", change: "create", images: ["example.com/shop:3.0"] }]);
  });
});
