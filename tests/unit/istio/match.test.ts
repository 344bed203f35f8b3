import assert from "node:assert/strict";
import * as fc from "fast-check";
import { match } from "../../../src/istio/match";
import { UNKNOWN } from "../../../src/validation/unknown";
import { anything, roughly } from "../arbitraries";
import { type Expected, assertProblems, problemsOf } from "../problems";

function check(given: unknown): ReturnType<typeof problemsOf> {
  return problemsOf((findings) => match(given, findings), "match[0]");
}

describe("a match", () => {
  const sound: [name: string, match: unknown][] = [
    ["every request", {}],
    ["one path", { uri: { exact: "/api/v1/hello" } }],
    ["paths with one start", { uri: { prefix: "/v2" } }],
    ["paths of one form", { uri: { regex: "/v[12]/.*" } }],
    ["a path in any case", { uri: { exact: "/Login" }, ignoreUriCase: true }],
    ["one user", { headers: { "end-user": { exact: "jason" } } }],
    ["a cookie", { headers: { cookie: { regex: "^(.*?;)?(user=jason)(;.*)?$" } } }],
    ["a method and a path", { method: { exact: "GET" }, uri: { prefix: "/podinfo" } }],
    ["a path that is not known yet", { uri: { exact: UNKNOWN } }],
    ["headers of which one is not known yet", { headers: { "end-user": UNKNOWN, accept: { prefix: "text/" } } }],
    ["headers that are not known yet", { headers: UNKNOWN }],
    ["what is not known yet", UNKNOWN],
    ["requests without a header", { withoutHeaders: { "x-debug": { regex: "*" } } }],
    [
      "requests without some values of a header",
      { withoutHeaders: { "x-debug": { exact: "on" }, via: { regex: ".+cdn" } } },
    ],
    ["a parameter of the query", { queryParams: { debug: { exact: "1" }, "a b[]": { regex: ".*" } } }],
    ["a scheme and a host", { scheme: { exact: "https" }, authority: { prefix: "shop." } }],
    ["a port", { port: 8080 }],
    [
      "callers in the mesh",
      { sourceNamespace: "web", sourceLabels: { app: "web", "example.com/tier": "", stage: UNKNOWN } },
    ],
    ["gateways", { gateways: ["mesh", "shop", "edge/public", UNKNOWN] }],
    ["a name for metrics", { statPrefix: "hello" }],
    [
      "fields that are not set",
      { uri: { exact: undefined, prefix: "/" }, method: undefined, headers: undefined, ignoreUriCase: undefined },
    ],
  ];
  for (const [name, given] of sound) {
    it(`may take ${name}`, () => assertProblems(check(given), []));
  }

  const ONE_OF = "exactly one of exact, prefix and regex";
  const wrong: [name: string, match: unknown, problems: Expected[]][] = [
    [
      "null",
      null,
      [
        [
          "match[0]",
          "is null",
          "an object with fields out of uri, ignoreUriCase, headers, withoutHeaders, queryParams, method",
        ],
      ],
    ],
    ["a text", "/api", [["match[0]", 'is "/api"']]],
    ["a misspelt field", { url: { exact: "/" } }, [["match[0].url", "is an unknown argument", "uri"]]],
    ["a path without its kind", { uri: "/api" }, [["match[0].uri", 'is "/api"', ONE_OF]]],
    ["a path of no kind", { uri: {} }, [["match[0].uri", "is {}", ONE_OF]]],
    ["a path of an unknown kind", { uri: { suffix: "/a" } }, [["match[0].uri", '{"suffix":"/a"}', ONE_OF]]],
    [
      "a path of two kinds",
      { uri: { exact: "/a", prefix: "/b" } },
      [["match[0].uri", '{"exact":"/a","prefix":"/b"}', ONE_OF]],
    ],
    ["a path that is empty", { uri: { prefix: "" } }, [["match[0].uri", '{"prefix":""}', "not empty"]]],
    [
      "a path that is a number",
      { uri: { exact: 5 } },
      [["match[0].uri.exact", "is 5, a number", 'write it in quotes, "5"']],
    ],
    ["a path that is null", { uri: null }, [["match[0].uri", "is null", ONE_OF]]],
    [
      "a path that does not start with /",
      { uri: { exact: "api" } },
      [["match[0].uri", 'is "api"', "a path starts with /"]],
    ],
    [
      "a start that does not start with /",
      { uri: { prefix: "api/" } },
      [["match[0].uri", 'is "api/"', "a path starts with /"]],
    ],
    ["a method without its kind", { method: "GET" }, [["match[0].method", 'is "GET"', ONE_OF]]],
    [
      "a switch that is a text",
      { uri: { exact: "/" }, ignoreUriCase: "yes" },
      [["match[0].ignoreUriCase", 'is "yes"', "true or false"]],
    ],
    ["headers that are null", { headers: null }, [["match[0].headers", "is null", "by header names"]]],
    ["headers that are a number", { headers: 5 }, [["match[0].headers", "is 5", "by header names"]]],
    ["headers that are a text", { headers: "end-user" }, [["match[0].headers", 'is "end-user"', "by header names"]]],
    [
      "headers that are a list",
      { headers: ["end-user"] },
      [["match[0].headers", 'is ["end-user"]', "by header names"]],
    ],
    [
      "a header without its kind",
      { headers: { "end-user": "jason" } },
      [["match[0].headers.end-user", 'is "jason"', ONE_OF]],
    ],
    [
      "a header that is to be nothing",
      { headers: { "end-user": undefined } },
      [["match[0].headers.end-user", "is undefined", "a value is needed"]],
    ],
    [
      "a header in upper case",
      { headers: { "End-User": { exact: "jason" } } },
      [["match[0].headers.End-User", "is not a header name", "lower case"]],
    ],
    [
      "a header with a name of 257 characters",
      { headers: { ["a".repeat(257)]: { exact: "x" } } },
      [[`match[0].headers.${"a".repeat(257)}`, "is not a header name", "at most 256"]],
    ],
    [
      "a header with a colon",
      { headers: { ":path": { exact: "/" } } },
      [['match[0].headers[":path"]', "is not a header name"]],
    ],
    [
      "a header without a name",
      { headers: { "": { exact: "x" } } },
      [['match[0].headers[""]', "is not a header name"]],
    ],
    [
      "no case beside an expression",
      { uri: { regex: "/a" }, ignoreUriCase: true },
      [["match[0].ignoreUriCase", "regular expression", "(?i)"]],
    ],
    ["no case of no path", { ignoreUriCase: true }, [["match[0].ignoreUriCase", "is set without uri"]]],
    [
      "an absence that excludes everything",
      { withoutHeaders: { a: { regex: ".*" } } },
      [["match[0].withoutHeaders.a.regex", 'is ".*"', 'write "*"']],
    ],
    ["an absence of nothing", { withoutHeaders: { a: {} } }, [["match[0].withoutHeaders.a", "is {}", ONE_OF]]],
    [
      "an absence in upper case",
      { withoutHeaders: { A: { exact: "x" } } },
      [["match[0].withoutHeaders.A", "is not a header name"]],
    ],
    [
      "a star for a header that is there",
      { headers: { a: { regex: "*" } } },
      [["match[0].headers.a.regex", 'is "*"', "RE2"]],
    ],
    [
      "a claim of a token, which Istio takes at gateways alone",
      { headers: { "@request.auth.claims": { exact: "x" } } },
      [['match[0].headers["@request.auth.claims"]', "is not a header name"]],
    ],
    [
      "a parameter without a name",
      { queryParams: { "": { exact: "x" } } },
      [['match[0].queryParams[""]', "is not a parameter name"]],
    ],
    [
      "a parameter without its kind",
      { queryParams: { debug: "1" } },
      [["match[0].queryParams.debug", 'is "1"', ONE_OF]],
    ],
    ["a port that is none", { port: 0 }, [["match[0].port", "is 0", "a port from 1 to 65535"]]],
    ["a namespace that is none", { sourceNamespace: "Web" }, [["match[0].sourceNamespace", 'is "Web"', "a DNS label"]]],
    [
      "a label's value that is none",
      { sourceLabels: { app: "a b" } },
      [["match[0].sourceLabels.app", 'is "a b"', "a text of at most 63 letters"]],
    ],
    [
      "a label's name that is none",
      { sourceLabels: { "a/b/c": "x" } },
      [['match[0].sourceLabels["a/b/c"]', 'is "a/b/c"', "a name such as team"]],
    ],
    ["no gateway", { gateways: [] }, [["match[0].gateways", "is []", "at least 1"]]],
    [
      "gateways that are none",
      { gateways: ["a/b/c", "A", ""] },
      [["match[0].gateways[0]"], ["match[0].gateways[1]"], ["match[0].gateways[2]"]],
    ],
    ["an empty name for metrics", { statPrefix: " " }, [["match[0].statPrefix", 'is " "']]],
    [
      "a regular expression in a header",
      { headers: { cookie: { regex: "(" } } },
      [["match[0].headers.cookie.regex", 'is "("', "RE2"]],
    ],
    [
      "several mistakes at once",
      { uri: "a", method: {}, headers: { X: { exact: "x" }, y: 1 }, extra: {} },
      [["match[0].extra"], ["match[0].uri"], ["match[0].headers.X"], ["match[0].headers.y"], ["match[0].method"]],
    ],
  ];
  for (const [name, given, problems] of wrong) {
    it(`may not have ${name}`, () => assertProblems(check(given), problems));
  }

  // Each of these was given to Go's regexp package, which has the same syntax.
  const flags = ["(?i)^/api", "/a(?i)b", "(?i-s)x", "(?-i)x", "(?s:.)", "(?i-s:x)"];
  const re2 = ["^/v[12]/.*", "(?P<name>x)", "(?<name>x)", "(?:a|b)?", "[[:alpha:]]+", "\\pL+", "/v1\\-beta", "\\_"];
  for (const expression of [
    ...flags,
    ...re2,
    "x{2,3}",
    "/users/{id}",
    "[\\]]",
    "\\\\1",
    "]",
    "}",
    "a\\z",
    "\\x{10FFFF}",
    "\\bfoo\\b",
  ]) {
    it(`may be the regular expression ${expression}`, () => assertProblems(check({ uri: { regex: expression } }), []));
  }
  for (const expression of ["(", ")", "*", "a**", "a++", "[b-a]", "[", "a{2,1}", "\\", "(?P<n", "(?z)", "(?-)"]) {
    it(`may not be the broken expression ${expression}`, () => {
      const problems = check({ uri: { regex: expression } });
      assertProblems(problems, [
        ["match[0].uri.regex", `is ${JSON.stringify(expression)}`, "a regular expression in RE2 syntax is needed ("],
      ]);
    });
  }
  it("is told what is broken in an expression", () => {
    const [{ what, allowed }] = check({ uri: { regex: "(" } });
    assert.deepEqual([what, allowed], ['is "("', "a regular expression in RE2 syntax is needed (Unterminated group)"]);
  });
  for (const expression of ["(?=x)", "(?!x)", "(?<=x)y", "(?<!x)y"]) {
    it(`may not look around as in ${expression}`, () => {
      assertProblems(check({ uri: { regex: expression } }), [
        ["match[0].uri.regex", `is "${expression}"`, "RE2 has no look-around"],
      ]);
    });
  }
  for (const expression of ["(a)\\1", "(?<n>a)\\k<n>"]) {
    it(`may not refer back as in ${expression}`, () => {
      assertProblems(check({ uri: { regex: expression } }), [
        ["match[0].uri.regex", `is ${JSON.stringify(expression)}`, "RE2 has no back references"],
      ]);
    });
  }

  it("is either sound or refused, whatever is given", () => {
    const condition = roughly({ exact: fc.string(), prefix: fc.string(), regex: fc.string() });
    const headers = fc.dictionary(fc.string(), condition);
    const more = {
      scheme: condition,
      authority: condition,
      withoutHeaders: headers,
      queryParams: headers,
      port: fc.nat(),
      gateways: fc.array(fc.string()),
    };
    const rough = roughly({
      uri: condition,
      method: condition,
      headers,
      ignoreUriCase: fc.boolean(),
      ...more,
      other: anything(),
    });
    fc.assert(
      fc.property(fc.oneof(rough, anything()), (given) => assert.ok(Array.isArray(check(given)))),
      { numRuns: 300 },
    );
  });
});
