import assert from "node:assert/strict";
import { inspect } from "node:util";
import { tcpRoute } from "../../../src/istio/connectionRoute";
import * as fc from "fast-check";
import type { Plain } from "../../../src/istio/plain";
import { SAFE_RETRIES } from "../../../src/istio/retries";
import { EVERY_REQUEST, type RouteArgs, checkRoutes, renderRoute } from "../../../src/istio/route";
import { UNKNOWN } from "../../../src/validation/unknown";
import { anything, roughly, sharedVersions } from "../arbitraries";
import { type Expected, assertProblems, problemsOf } from "../problems";

const DESTINATION = { host: "shop.shop.svc.cluster.local", port: 80 };

function check(routes: unknown): ReturnType<typeof problemsOf> {
  return problemsOf((findings) => checkRoutes(routes as Plain<RouteArgs>[], findings, ["v1", "v2"]), "routes");
}

/** Everything in a value, down to its leaves. */
const text = (value: unknown) => inspect(value, { depth: null });

describe("a route", () => {
  const split = [
    { destination: { host: "shop.shop.svc.cluster.local", subset: "v1", port: { number: 80 } }, weight: 75 },
    { destination: { host: "shop.shop.svc.cluster.local", subset: "v2", port: { number: 80 } }, weight: 25 },
  ];
  const only = (subset: string) => ({
    destination: { host: "shop.shop.svc.cluster.local", subset, port: { number: 80 } },
  });
  const usual = {
    retries: { attempts: 2, retryOn: "connect-failure,refused-stream,reset-before-request" },
    route: split,
  };

  const rendered: [name: string, route: Plain<RouteArgs>, object: object][] = [
    ["every request", {}, usual],
    [
      "a path",
      { match: [{ uri: { exact: "/api/v1/hello" } }] },
      { match: [{ uri: { exact: "/api/v1/hello" } }], ...usual },
    ],
    [
      "a path that is rewritten",
      { match: [{ uri: { prefix: "/v2" } }], rewrite: { uri: "/" } },
      { match: [{ uri: { prefix: "/v2" } }], rewrite: { uri: "/" }, ...usual },
    ],
    [
      "another Host header",
      { rewrite: { authority: "shop.example.com" } },
      { rewrite: { authority: "shop.example.com" }, ...usual },
    ],
    ["a name and a limit of time", { name: "hello", timeout: "10s" }, { name: "hello", timeout: "10s", ...usual }],
    [
      "other retries, with our conditions",
      { retries: { attempts: 5, perTryTimeout: "2s" } },
      { ...usual, retries: { ...SAFE_RETRIES, attempts: 5, perTryTimeout: "2s" } },
    ],
    [
      "other conditions",
      { retries: { attempts: 1, retryOn: "5xx" } },
      { ...usual, retries: { attempts: 1, retryOn: "5xx" } },
    ],
    [
      "as many retries as an int32 holds",
      { retries: { attempts: 2147483647 } },
      { ...usual, retries: { ...SAFE_RETRIES, attempts: 2 ** 31 - 1 } },
    ],
    ["no retries", { retries: { attempts: 0 } }, { ...usual, retries: { attempts: 0 } }],
    [
      "Istio's own fields",
      { extra: { corsPolicy: { allowOrigins: [{ exact: "*" }] } } },
      { ...usual, corsPolicy: { allowOrigins: [{ exact: "*" }] } },
    ],
    ["Istio's own field instead of ours", { timeout: "1s", extra: { timeout: "2s" } }, { timeout: "2s", ...usual }],
    ["one version", { version: "v2" }, { ...usual, route: [only("v2")] }],
    [
      "shares of its own",
      { weights: { v2: 90, v1: 10 } },
      {
        ...usual,
        route: [
          { ...only("v1"), weight: 10 },
          { ...only("v2"), weight: 90 },
        ],
      },
    ],
    [
      "another Service",
      { service: { host: "articles", port: 8081 } },
      { ...usual, route: [{ destination: { host: "articles", port: { number: 8081 } } }] },
    ],
    [
      "a redirect",
      { redirect: { uri: "/b", authority: "b.com", scheme: "https", port: 8443, redirectCode: 308 } },
      { redirect: { uri: "/b", authority: "b.com", scheme: "https", port: 8443, redirectCode: 308 } },
    ],
    [
      "a redirect to the same port",
      { redirect: { scheme: "https", derivePort: "FROM_REQUEST_PORT" } },
      { redirect: { scheme: "https", derivePort: "FROM_REQUEST_PORT" } },
    ],
    [
      "an answer of its own",
      { directResponse: { status: 503, body: "closed" } },
      { directResponse: { status: 503, body: { string: "closed" } } },
    ],
    ["an answer without a text", { directResponse: { status: 204 } }, { directResponse: { status: 204 } }],
    [
      "a delay for a tenth",
      { fault: { delay: { fixedDelay: "5s", percentage: 10 } } },
      { ...usual, fault: { delay: { fixedDelay: "5s", percentage: { value: 10 } } } },
    ],
    [
      "errors for all and half",
      { fault: { abort: { grpcStatus: "UNAVAILABLE", percentage: 0.5 }, delay: { fixedDelay: "1ms" } } },
      {
        ...usual,
        fault: {
          delay: { fixedDelay: "1ms", percentage: { value: 100 } },
          abort: { grpcStatus: "UNAVAILABLE", percentage: { value: 0.5 } },
        },
      },
    ],
    [
      "copies for a version and another Service",
      { mirrors: [{ version: "v2" }, { service: { host: "audit.sec.svc.cluster.local", port: 80 }, percentage: 0 }] },
      {
        ...usual,
        mirrors: [
          { ...only("v2"), percentage: { value: 100 } },
          { destination: { host: "audit.sec.svc.cluster.local", port: { number: 80 } }, percentage: { value: 0 } },
        ],
      },
    ],
    [
      "other origins",
      {
        cors: {
          allowOrigins: [{ prefix: "https://", exact: undefined }],
          allowMethods: ["GET", "*"],
          maxAge: "24h",
          allowCredentials: true,
          unmatchedPreflights: "IGNORE",
        },
      },
      {
        ...usual,
        corsPolicy: {
          allowOrigins: [{ prefix: "https://" }],
          allowMethods: ["GET", "*"],
          maxAge: "24h",
          allowCredentials: true,
          unmatchedPreflights: "IGNORE",
        },
      },
    ],
    [
      "other headers",
      {
        headers: {
          request: { set: { "X-A": "100%%" }, remove: ["x-b"] },
          response: { add: { via: "%PROTOCOL% shop", "x-h": "%REQ(X-A:Y)%" } },
        },
      },
      {
        ...usual,
        headers: {
          request: { set: { "X-A": "100%%" }, remove: ["x-b"] },
          response: { add: { via: "%PROTOCOL% shop", "x-h": "%REQ(X-A:Y)%" } },
        },
      },
    ],
    [
      "a path rewritten by an expression",
      { rewrite: { uriRegexRewrite: { match: "^/([^/]+)/(.*)$", rewrite: "/\\2/\\1" } } },
      { ...usual, rewrite: { uriRegexRewrite: { match: "^/([^/]+)/(.*)$", rewrite: "/\\2/\\1" } } },
    ],
    [
      "all about retries",
      {
        retries: {
          attempts: 1,
          retryOn: "5xx,503,reset",
          retryRemoteLocalities: true,
          retryIgnorePreviousHosts: false,
          backoff: "10ms",
        },
      },
      {
        ...usual,
        retries: {
          attempts: 1,
          retryOn: "5xx,503,reset",
          retryRemoteLocalities: true,
          retryIgnorePreviousHosts: false,
          backoff: "10ms",
        },
      },
    ],
    [
      "fields that are not set",
      {
        name: undefined,
        match: [{ uri: undefined, method: { exact: "GET" } }],
        rewrite: { uri: "/", authority: undefined },
      },
      { match: [{ method: { exact: "GET" } }], rewrite: { uri: "/" }, ...usual },
    ],
  ];
  for (const [name, route, object] of rendered) {
    it(`takes ${name}`, () => {
      assertProblems(check([route]), []);
      assert.deepEqual(renderRoute(route, DESTINATION, { v1: 75, v2: 25 }), object);
    });
  }

  it("has names of digits in the versions' order, too, oldest first", () => {
    const own = { ...DESTINATION, versions: ["9234567", "v2", "1234567"] };
    const shares = { 9234567: 90, v2: 5, 1234567: 5 };
    const destinations = [
      renderRoute({}, own, shares),
      renderRoute({ weights: shares }, own, shares),
      tcpRoute(own, shares),
    ] as { route?: unknown }[];
    for (const { route } of destinations) {
      assert.deepEqual(
        (route as typeof split).map(({ destination, weight }) => [destination.subset, weight]),
        [
          ["9234567", 90],
          ["v2", 5],
          ["1234567", 5],
        ],
      );
    }
  });

  it("has one destination per version in the versions' order, those without requests too", () => {
    const { route } = renderRoute({}, DESTINATION, { v1: 50, v2: 0, v3: 50 }) as { route: typeof split };
    assert.deepEqual(
      route.map(({ destination, weight }) => [destination.subset, weight]),
      [
        ["v1", 50],
        ["v2", 0],
        ["v3", 50],
      ],
    );
  });

  it("takes every request where none is named", () => assertProblems(check(EVERY_REQUEST), []));

  const open: [name: string, routes: unknown][] = [
    ["a route", [UNKNOWN]],
    [
      "its fields",
      [{ name: UNKNOWN, match: UNKNOWN, rewrite: UNKNOWN, timeout: UNKNOWN, retries: UNKNOWN, extra: UNKNOWN }],
    ],
    ["fields of its fields", [{ match: [UNKNOWN], rewrite: { uri: UNKNOWN }, retries: { attempts: UNKNOWN } }]],
  ];
  for (const [name, routes] of open) {
    it(`is checked later where it is not known yet: ${name}`, () => assertProblems(check(routes), []));
  }

  const wrong: [name: string, routes: unknown, problems: Expected[]][] = [
    ["no list", { match: [] }, [["routes", 'is {"match":[]}', "a list with at least one route"]]],
    ["an empty list", [], [["routes", "is []", "leave it out"]]],
    ["null", null, [["routes", "is null"]]],
    [
      "a text in the list",
      ["/api"],
      [["routes[0]", 'is "/api"', "name, match, version, weights, service, port, redirect, directResponse, rewrite"]],
    ],
    ["a hole in the list", [, {}], [["routes[0]", "is undefined"]]],
    ["a hole in a match", [{ match: [,] }], [["routes[0].match[0]", "is undefined"]]],
    ["null in the list", [{}, null], [["routes[1]", "is null"]]],
    ["a misspelt field", [{ matches: [] }], [["routes[0].matches", "is an unknown argument"]]],
    [
      "a match that is no list",
      [{ match: { uri: { exact: "/" } } }],
      [["routes[0].match", "a list with at least one match"]],
    ],
    ["an empty match", [{ match: [] }], [["routes[0].match", "is []", "leave it out"]]],
    ["null for a match", [{ match: null }], [["routes[0].match", "is null"]]],
    ["a wrong match", [{}, { match: [{}, { uri: { exact: "a" } }] }], [["routes[1].match[1].uri", 'is "a"']]],
    ["a name that is empty", [{ name: "" }], [["routes[0].name", 'is ""', "a name"]]],
    ["a name that is a number", [{ name: 1 }], [["routes[0].name", "is 1"]]],
    [
      "a rewrite that changes nothing",
      [{ rewrite: {} }],
      [["routes[0].rewrite", "sets nothing", "uri, uriRegexRewrite, authority"]],
    ],
    [
      "a rewrite that is null",
      [{ rewrite: null }],
      [["routes[0].rewrite", "is null", "uri, uriRegexRewrite, authority"]],
    ],
    ["a rewrite that is a text", [{ rewrite: "/" }], [["routes[0].rewrite", 'is "/"']]],
    [
      "a misspelt rewrite",
      [{ rewrite: { uri: "/", host: "a" } }],
      [["routes[0].rewrite.host", "is an unknown argument"]],
    ],
    ["a rewrite to nothing", [{ rewrite: { uri: "" } }], [["routes[0].rewrite.uri", 'is ""']]],
    ["a rewrite to a number", [{ rewrite: { authority: 5 } }], [["routes[0].rewrite.authority", "is 5"]]],
    ["no limit that is one", [{ timeout: "0s" }], [["routes[0].timeout", 'is "0s"', "at least 1ms"]]],
    ["a limit without unit", [{ timeout: 10 }], [["routes[0].timeout", "is 10"]]],
    [
      "retries that are null",
      [{ retries: null }],
      [["routes[0].retries", "is null", "attempts, perTryTimeout, retryOn, retryRemote"]],
    ],
    ["retries that are a number", [{ retries: 3 }], [["routes[0].retries", "is 3"]]],
    [
      "retries without attempts",
      [{ retries: {} }],
      [["routes[0].retries.attempts", "is missing", "a whole number of attempts"]],
    ],
    [
      "more attempts than an int32 holds",
      [{ retries: { attempts: 2 ** 31 } }],
      [["routes[0].retries.attempts", "is 2147483648"]],
    ],
    ["attempts below 0", [{ retries: { attempts: -1 } }], [["routes[0].retries.attempts", "is -1"]]],
    [
      "misspelt retries",
      [{ retries: { attempts: 1, retryon: "5xx" } }],
      [["routes[0].retries.retryon", "is an unknown argument"]],
    ],
    [
      "a limit of each attempt that is none",
      [{ retries: { attempts: 1, perTryTimeout: "2" } }],
      [["routes[0].retries.perTryTimeout", 'is "2"']],
    ],
    [
      "conditions that are a list",
      [{ retries: { attempts: 1, retryOn: ["5xx"] } }],
      [["routes[0].retries.retryOn", 'is ["5xx"]', "by commas"]],
    ],
    [
      "a text in extra",
      [{ extra: "fault" }],
      [["routes[0].extra", 'is "fault"', "an object of fields as the API spells them"]],
    ],
    [
      "a version that is not there",
      [{ version: "v3" }],
      [["routes[0].version", 'is "v3"', "declared versions v1, v2"]],
    ],
    [
      "shares of a version that is not there",
      [{ weights: { v1: 50, v3: 50 } }],
      [["routes[0].weights.v3"], ["routes[0].weights.v2", "is missing"]],
    ],
    ["shares that are no whole", [{ weights: { v1: 50, v2: 49 } }], [["routes[0].weights", "sums to 99"]]],
    ["shares that are a number", [{ weights: 50 }], [["routes[0].weights", "is 50"]]],
    [
      "a version and shares",
      [{ version: "v1", weights: { v1: 100, v2: 0 } }],
      [["routes[0]", "has version and weights", "only one of"]],
    ],
    [
      "a version and another Service",
      [{ version: "v1", service: { host: "a", port: 1 } }],
      [["routes[0]", "has version and service"]],
    ],
    [
      "another Service and a port",
      [{ service: { host: "a", port: 1 }, port: "http" }],
      [["routes[0]", "service and port"]],
    ],
    [
      "a redirect to a port",
      [{ redirect: { uri: "/" }, port: "http" }],
      [["routes[0].port", "is set beside redirect"]],
    ],
    ["a port by its number", [{ port: 80 }], [["routes[0].port", "is 80", "the name of a port"]]],
    ["a Service without a port", [{ service: { host: "a" } }], [["routes[0].service.port", "is missing"]]],
    [
      "an address for a Service",
      [{ service: { host: "10.0.0.1", port: 80 } }],
      [["routes[0].service.host", 'is "10.0.0.1"', "the name of a Service"]],
    ],
    [
      "every Service",
      [{ service: { host: "*", port: 80 } }],
      [["routes[0].service.host", 'is "*"', "the name of a Service"]],
    ],
    ["a redirect to where it is", [{ redirect: { redirectCode: 302 } }], [["routes[0].redirect", "sets nothing"]]],
    [
      "a redirect that Envoy does not know",
      [{ redirect: { uri: "/", redirectCode: 304 } }],
      [["routes[0].redirect.redirectCode", "is 304", "308"]],
    ],
    [
      "a redirect to two ports",
      [{ redirect: { port: 1, derivePort: "FROM_REQUEST_PORT" } }],
      [["routes[0].redirect", "port and derivePort"]],
    ],
    [
      "a redirect to another scheme",
      [{ redirect: { scheme: "ftp" } }],
      [["routes[0].redirect.scheme", 'is "ftp"', "http, https"]],
    ],
    [
      "a redirect of what is sent on",
      [{ redirect: { uri: "/" }, version: "v1", rewrite: { uri: "/" }, fault: { abort: { httpStatus: 500 } } }],
      [["routes[0].version", "beside redirect"], ["routes[0].rewrite"], ["routes[0].fault"]],
    ],
    [
      "two answers",
      [{ redirect: { uri: "/" }, directResponse: { status: 200 } }],
      [["routes[0]", "has redirect and directResponse"]],
    ],
    [
      "an answer to what is sent on",
      [{ directResponse: { status: 200 }, timeout: "1s", mirrors: [{ version: "v1" }], retries: { attempts: 1 } }],
      [["routes[0].timeout", "beside directResponse"], ["routes[0].retries"], ["routes[0].mirrors"]],
    ],
    [
      "an answer without a status",
      [{ directResponse: { body: "x" } }],
      [["routes[0].directResponse.status", "is missing"]],
    ],
    [
      "an answer that is too long",
      [{ directResponse: { status: 200, body: "x".repeat(102_401) } }],
      [["routes[0].directResponse.body", "102401 bytes"]],
    ],
    ["no fault that is one", [{ fault: {} }], [["routes[0].fault", "sets nothing", "delay, abort"]]],
    ["a delay of nothing", [{ fault: { delay: {} } }], [["routes[0].fault.delay.fixedDelay", "is missing"]]],
    [
      "more faults than requests",
      [{ fault: { delay: { fixedDelay: "1s", percentage: 101 } } }],
      [["routes[0].fault.delay.percentage", "is 101", "from 0 to 100"]],
    ],
    [
      "an error of two kinds",
      [{ fault: { abort: { httpStatus: 500, grpcStatus: "INTERNAL" } } }],
      [["routes[0].fault.abort", "has httpStatus and grpcStatus"]],
    ],
    ["an error of no kind", [{ fault: { abort: { percentage: 1 } } }], [["routes[0].fault.abort", "has none of"]]],
    [
      "errors that are none",
      [{ fault: { abort: { httpStatus: 600 } } }, { fault: { abort: { grpcStatus: "14" } } }],
      [["routes[0].fault.abort.httpStatus"], ["routes[1].fault.abort.grpcStatus"]],
    ],
    ["no copies", [{ mirrors: [] }], [["routes[0].mirrors", "at least 1"]]],
    [
      "copies for nobody",
      [{ mirrors: [{ percentage: 5 }] }],
      [["routes[0].mirrors[0]", "has none of version, service"]],
    ],
    [
      "copies for a version that is not there",
      [{ mirrors: [{ version: "v9" }] }],
      [["routes[0].mirrors[0].version", 'is "v9"']],
    ],
    [
      "less than no copies",
      [{ mirrors: [{ version: "v1", percentage: -1 }] }],
      [["routes[0].mirrors[0].percentage", "is -1"]],
    ],
    ["methods that are none", [{ cors: { allowMethods: ["get"] } }], [["routes[0].cors.allowMethods[0]", 'is "get"']]],
    [
      "an origin without its kind",
      [{ cors: { allowOrigins: ["*"] } }],
      [["routes[0].cors.allowOrigins[0]", 'is "*"', "exactly one of"]],
    ],
    ["parts of seconds", [{ cors: { maxAge: "1.5s" } }], [["routes[0].cors.maxAge", 'is "1.5s"', "whole seconds"]]],
    ["no headers", [{ headers: { request: {} } }], [["routes[0].headers.request", "sets nothing"]]],
    [
      "headers that cannot be changed",
      [{ headers: { request: { set: { Host: "a" } }, response: { remove: [":status"], add: { "a b": "c" } } } }],
      [
        ["routes[0].headers.request.set.Host", "rewrite.authority"],
        ['routes[0].headers.response.add["a b"]'],
        ["routes[0].headers.response.remove[0]"],
      ],
    ],
    [
      "values that Envoy would not take",
      [{ headers: { request: { set: { a: "100%", b: "x\ny", c: 5, d: "%unknown%" } } } }],
      ["a", "b", "c", "d"].map((name): Expected => [`routes[0].headers.request.set.${name}`]),
    ],
    [
      "two rewrites of the path",
      [{ rewrite: { uri: "/", uriRegexRewrite: { match: "a", rewrite: "b" } } }],
      [["routes[0].rewrite", "uri and uriRegexRewrite"]],
    ],
    [
      "a group that is not there",
      [{ rewrite: { uriRegexRewrite: { match: "(a)[(]", rewrite: "\\2" } } }],
      [["routes[0].rewrite.uriRegexRewrite.rewrite", "1 group", "no \\2"]],
    ],
    [
      "an escape that is none",
      [{ rewrite: { uriRegexRewrite: { match: "a", rewrite: "\\n" } } }],
      [["routes[0].rewrite.uriRegexRewrite.rewrite", "number of a group"]],
    ],
    [
      "a broken expression",
      [{ rewrite: { uriRegexRewrite: { match: "(", rewrite: "b" } } }],
      [["routes[0].rewrite.uriRegexRewrite.match", "RE2"]],
    ],
    [
      "conditions of no retries",
      [{ retries: { attempts: 0, retryOn: "5xx" } }],
      [["routes[0].retries", "has retryOn beside attempts 0"]],
    ],
    [
      "conditions that are none",
      [{ retries: { attempts: 1, retryOn: "5xx, reset" } }],
      [["routes[0].retries.retryOn", 'with " reset"', "connect-failure"]],
    ],
    [
      "several mistakes at once",
      [{ timeout: 1, retries: {} }, { name: "" }],
      [["routes[0].timeout"], ["routes[0].retries.attempts"], ["routes[1].name"]],
    ],
  ];
  for (const [name, routes, problems] of wrong) {
    it(`may not have ${name}`, () => assertProblems(check(routes), problems));
  }

  const uri = roughly({ exact: fc.constant("/a"), prefix: fc.constant("/b") });
  const match = roughly({ uri, headers: fc.dictionary(fc.constant("x"), roughly({ exact: fc.string() })) });
  const route = roughly({
    name: fc.string(),
    match: fc.array(match, { maxLength: 2 }),
    rewrite: roughly({ uri: fc.string(), authority: fc.string() }),
    timeout: fc.constantFrom("1s", "0s"),
    retries: roughly({ attempts: fc.nat(), perTryTimeout: fc.constant("1s"), retryOn: fc.string() }),
    version: fc.constantFrom("v1", "v9"),
    weights: fc.record({ v1: fc.constant(40), v2: fc.constantFrom(60, 61) }),
    service: roughly({ host: fc.domain(), port: fc.nat() }),
    redirect: roughly({ uri: fc.string(), port: fc.nat() }),
    directResponse: roughly({ status: fc.nat({ max: 700 }), body: fc.string() }),
    fault: roughly({
      delay: roughly({ fixedDelay: fc.constant("1s"), percentage: fc.double() }),
      abort: roughly({ httpStatus: fc.nat() }),
    }),
    mirrors: fc.array(roughly({ version: fc.constant("v1"), percentage: fc.nat() }), { maxLength: 2 }),
    cors: roughly({ allowOrigins: fc.array(uri), allowMethods: fc.array(fc.string()), maxAge: fc.constant("1s") }),
    headers: roughly({
      request: roughly({ set: fc.dictionary(fc.string(), fc.string()), remove: fc.array(fc.string()) }),
    }),
    extra: fc.dictionary(fc.string(), fc.jsonValue()),
  });

  it("is either refused or rendered, always the same, whatever is given", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.array(route, { maxLength: 3 }), anything()),
        sharedVersions(2, 2),
        (given, { shares }) => {
          const routes = given as Plain<RouteArgs>[];
          if (check(routes).length > 0 || text(routes).includes(String(UNKNOWN))) {
            return;
          }
          const render = () => text(routes.map((each) => renderRoute(each, DESTINATION, shares)));
          const before = text(routes);
          assert.equal(render(), render());
          assert.equal(text(routes), before, "nothing that was given is changed");
        },
      ),
      { numRuns: 300 },
    );
  });
});
