import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { Plain } from "../../../src/istio/plain";
import type { RouteArgs } from "../../../src/istio/route";
import { checkRouting, renderHttp } from "../../../src/istio/routing";
import { type StickyArgs, stickinessOf } from "../../../src/istio/sticky";
import { namedSubsets, servedSubsets } from "../../../src/istio/subsets";
import { UNKNOWN } from "../../../src/validation/unknown";
import { anything, roughly, sharedVersions } from "../arbitraries";
import { type Expected, assertProblems, problemsOf } from "../problems";

const OWN = { host: "shop", port: 80 };

function check(sticky: unknown, routes: unknown = [{}]): ReturnType<typeof problemsOf> {
  const routing = { sticky: sticky as Plain<StickyArgs>, routes: routes as Plain<RouteArgs>[] };
  return problemsOf((findings) => checkRouting(routing, { versions: ["v1", "v2"] }, findings));
}

/** What the tests look at of a rule. */
interface Rule {
  name?: string;
  match?: { uri?: object; headers?: { cookie?: { regex: string } } }[];
  headers?: { response?: { add?: Record<string, string> } };
  timeout?: string;
  route: {
    destination: { subset: string };
    weight?: number;
    headers?: { response: { add: Record<string, string> } };
  }[];
}

function rules(
  sticky: Plain<StickyArgs>,
  shares: Record<string, number> = { v1: 75, v2: 25 },
  routes: Plain<RouteArgs>[] = [{}],
): Rule[] {
  return renderHttp(routes, OWN, shares, stickinessOf("shop", sticky)) as Rule[];
}

const cookieOf = (rule: Rule, index = 0) => rule.route[index].headers?.response.add["set-cookie"];

describe("stickiness", () => {
  it("has a rule for each version's users, then the weights, which give the cookie", () => {
    const destination = (subset: string) => ({ host: "shop", subset, port: { number: 80 } });
    const usual = { retries: { attempts: 2, retryOn: "connect-failure,refused-stream,reset-before-request" } };
    const add = (version: string) => ({
      response: { add: { "set-cookie": `shop-version=${version}; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax` } },
    });
    assert.deepEqual(rules({}), [
      {
        ...usual,
        match: [{ headers: { cookie: { regex: "(.*;\\s*)?shop-version=v1(;.*)?" } } }],
        route: [{ destination: destination("v1") }],
      },
      {
        ...usual,
        match: [{ headers: { cookie: { regex: "(.*;\\s*)?shop-version=v2(;.*)?" } } }],
        route: [{ destination: destination("v2") }],
      },
      {
        ...usual,
        route: [
          { destination: destination("v1"), weight: 75, headers: add("v1") },
          { destination: destination("v2"), weight: 25, headers: add("v2") },
        ],
      },
    ]);
  });

  it("finds the cookie among others, and no other one for it", () => {
    const [{ match = [] }] = rules({ cookieName: "a.b" });
    const expression = new RegExp(`^(?:${match[0].headers?.cookie?.regex})$`);
    for (const header of ["a.b=v1", "x=1; a.b=v1", "a.b=v1; x=1", "x=1;a.b=v1;y=2"]) {
      assert.ok(expression.test(header), header);
    }
    for (const header of ["", "a.b=v2", "a.b=v10", "aab=v1", "xa.b=v1", "x=a.b=v1", "a.b=v1x; x=1"]) {
      assert.ok(!expression.test(header), header);
    }
  });

  it("keeps every match of a route, and all else about it", () => {
    const match = [{ uri: { prefix: "/a" }, headers: { "x-a": { exact: "1" } } }, { uri: { exact: "/b" } }];
    const [first, second, weighted] = rules({}, undefined, [{ name: "hello", match, timeout: "1s" }]);
    assert.deepEqual([first.name, second.name, weighted.name], ["hello-v1", "hello-v2", "hello"]);
    const cookie = { regex: "(.*;\\s*)?shop-version=v1(;.*)?" };
    assert.deepEqual(first.match, [
      { uri: { prefix: "/a" }, headers: { "x-a": { exact: "1" }, cookie } },
      { uri: { exact: "/b" }, headers: { cookie } },
    ]);
    assert.deepEqual(weighted.match, match);
    assert.deepEqual([first.timeout, second.timeout], ["1s", "1s"]);
  });

  it("says all about the cookie that is asked for", () => {
    const sticky = {
      cookieName: "__Secure-v",
      maxAgeSeconds: 60,
      path: "/shop",
      domain: "example.com",
      secure: true,
      httpOnly: false,
      sameSite: "None",
    } as const;
    assertProblems(check(sticky), []);
    assert.equal(
      cookieOf(rules(sticky)[2], 1),
      "__Secure-v=v2; Path=/shop; Domain=example.com; Max-Age=60; Secure; SameSite=None",
    );
  });

  it("is for shared routes alone, by their own shares where they have them", () => {
    const routes: Plain<RouteArgs>[] = [
      { match: [{ uri: { prefix: "/v2" } }], version: "v2" },
      { match: [{ uri: { prefix: "/news" } }], service: { host: "news", port: 80 } },
      { match: [{ uri: { prefix: "/old" } }], redirect: { uri: "/" } },
      { match: [{ uri: { prefix: "/own" } }], weights: { v1: 100, v2: 0 } },
      {},
    ];
    assertProblems(check({}, routes), []);
    const plain = renderHttp(routes, OWN, { v1: 75, v2: 25 });
    const found = rules({}, { v1: 75, v2: 25 }, routes);
    assert.deepEqual(found.slice(0, 4), plain.slice(0, 4));
    assert.equal(found.length, 7);
  });

  it("loses the users of a version at weight 0, and gives no cookie where one has everything", () => {
    assert.deepEqual(rules({}, { v1: 100, v2: 0 }), renderHttp([{}], OWN, { v1: 100, v2: 0 }));
    const matched = rules({}, { v1: 50, v2: 0, v3: 50 }).flatMap(({ match = [], route }) =>
      match.length > 0 ? [route[0].destination.subset] : [],
    );
    assert.deepEqual(matched, ["v1", "v3"]);
  });

  it("ends by taking the cookie away, the app's own headers beside it, while the weights decide", () => {
    const routes: Plain<RouteArgs>[] = [{ name: "hello", headers: { response: { add: { via: "shop" } } } }];
    const [first, last, ...rest] = rules({ ending: true, secure: true }, { v1: 75, v2: 25 }, routes);
    assert.deepEqual(rest, []);
    assert.equal(first.name, "hello-unstick");
    assert.deepEqual(first.match, [{ headers: { cookie: { regex: "(.*;\\s*)?shop-version=[^;]*(;.*)?" } } }]);
    assert.deepEqual(first.headers, {
      response: {
        add: { via: "shop", "set-cookie": "shop-version=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax" },
      },
    });
    assert.deepEqual(first.route, last.route);
    assert.deepEqual([last], renderHttp(routes, OWN, { v1: 75, v2: 25 }));
  });

  it("is off where it is told to be", () => {
    assert.deepEqual(rules({ enabled: false }), renderHttp([{}], OWN, { v1: 75, v2: 25 }));
    assert.equal(stickinessOf("shop", undefined), undefined);
  });

  const sound: [name: string, sticky: unknown, routes?: unknown][] = [
    ["all defaults", {}],
    ["what is not known yet", UNKNOWN],
    [
      "fields that are not known yet",
      { enabled: UNKNOWN, cookieName: UNKNOWN, sameSite: UNKNOWN, secure: UNKNOWN, path: UNKNOWN, ending: UNKNOWN },
    ],
    [
      "a cookie match of what is not shared",
      {},
      [{ match: [{ headers: { cookie: { regex: ".*a=b.*" } } }], version: "v2" }, {}],
    ],
    ["routes that are not known yet", {}, [UNKNOWN]],
    [
      "a cookie match while it is off",
      { enabled: false },
      [{ match: [{ headers: { cookie: { regex: ".*a=b.*" } } }] }],
    ],
  ];
  for (const [name, sticky, routes] of sound) {
    it(`may be ${name}`, () => assertProblems(check(sticky, routes), []));
  }

  const wrong: [name: string, sticky: unknown, routes: unknown, problems: Expected[]][] = [
    ["a switch", true, undefined, [["sticky", "is true", "enabled, cookieName"]]],
    ["a misspelt field", { maxAge: 5 }, undefined, [["sticky.maxAge", "is an unknown argument"]]],
    ["a name with a space", { cookieName: "a b" }, undefined, [["sticky.cookieName", 'is "a b"']]],
    ["a name with %", { cookieName: "a%b" }, undefined, [["sticky.cookieName", 'is "a%b"']]],
    ["no time at all", { maxAgeSeconds: 0 }, undefined, [["sticky.maxAgeSeconds", "is 0", "34560000"]]],
    ["a path that is none", { path: "a;b" }, undefined, [["sticky.path", 'is "a;b"']]],
    ["every domain", { domain: "*" }, undefined, [["sticky.domain", 'is "*"']]],
    ["None over HTTP", { sameSite: "None" }, undefined, [["sticky.sameSite", "without secure"]]],
    ["a name that must be secure", { cookieName: "__Host-a" }, undefined, [["sticky.cookieName", "without secure"]]],
    [
      "a host's name for a path",
      { cookieName: "__Host-a", secure: true, path: "/a" },
      undefined,
      [["sticky.cookieName", "beside path"]],
    ],
    ["an end of what is off", { enabled: false, ending: true }, undefined, [["sticky.ending", "enabled is false"]]],
    [
      "a route that looks at cookies itself",
      {},
      [{ match: [{ uri: { exact: "/" } }, { headers: { cookie: { exact: "a=b" } } }] }],
      [["routes[0].match[1].headers.cookie", "beside sticky"]],
    ],
    [
      "a match that is passed through",
      {},
      [{ extra: { match: [], route: [] } }],
      [["routes[0].extra.match"], ["routes[0].extra.route"]],
    ],
    ["nothing to be sticky", {}, [{ version: "v1" }], [["sticky", "no route is shared"]]],
  ];
  for (const [name, sticky, routes, problems] of wrong) {
    it(`may not be ${name}`, () => assertProblems(check(sticky, routes), problems));
  }

  it("sends requests to those versions that get them without it, and names the same", () => {
    fc.assert(
      fc.property(sharedVersions(), fc.boolean(), ({ shares }, ending) => {
        const [plain, stuck] = [{}, { enabled: true, ending }].map((sticky, index) => ({
          http: renderHttp([{}], OWN, shares, index === 0 ? undefined : stickinessOf("shop", sticky)),
        }));
        assert.deepEqual([...servedSubsets(stuck)].sort(), [...servedSubsets(plain)].sort());
        assert.deepEqual([...namedSubsets(stuck)].sort(), [...namedSubsets(plain)].sort());
      }),
    );
  });

  it("leaves the weights alone, and is the same every time", () => {
    fc.assert(
      fc.property(sharedVersions(), ({ shares }) => {
        const last = rules({}, shares).at(-1) as Rule;
        assert.deepEqual(
          Object.fromEntries(last.route.map(({ destination, weight }) => [destination.subset, weight])),
          shares,
        );
        assert.deepEqual(rules({}, shares), rules({}, { ...shares }));
      }),
    );
  });

  it("is either sound or refused, whatever is given", () => {
    const sticky = roughly({
      enabled: fc.boolean(),
      cookieName: fc.string(),
      maxAgeSeconds: fc.nat(),
      path: fc.string(),
      domain: fc.domain(),
      ending: fc.boolean(),
    });
    const route = roughly({
      match: fc.array(roughly({ headers: anything() })),
      extra: anything(),
      version: fc.constant("v1"),
    });
    fc.assert(
      fc.property(
        fc.oneof(sticky, anything()),
        fc.oneof(fc.array(fc.oneof(route, anything())), anything()),
        (each, routes) => void check(each, routes),
      ),
      { numRuns: 500 },
    );
  });
});
