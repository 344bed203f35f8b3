import assert from "node:assert/strict";
import * as fc from "fast-check";
import { checkReachable } from "../../../src/istio/reachability";
import { UNKNOWN } from "../../../src/validation/unknown";
import { anything, roughly } from "../arbitraries";
import { type Expected, assertProblems, problemsOf } from "../problems";

function check(routes: readonly unknown[]): ReturnType<typeof problemsOf> {
  return problemsOf((findings) => checkReachable(routes, findings), "routes");
}

const one = (match: object) => ({ match: [match] });
const uri = (kind: string, text: string, more: object = {}) => one({ uri: { [kind]: text }, ...more });

describe("the order of routes", () => {
  const sound: [name: string, routes: unknown[]][] = [
    ["one that takes every request", [{}]],
    ["the more specific one first", [uri("exact", "/a/b"), uri("prefix", "/a"), {}]],
    ["paths beside each other", [uri("prefix", "/a"), uri("prefix", "/b"), uri("exact", "/c")]],
    ["a path of which the first is no start", [uri("prefix", "/ab"), uri("prefix", "/a")]],
    ["a path after one user's", [uri("prefix", "/", { headers: { user: { exact: "jason" } } }), uri("prefix", "/")]],
    [
      "one user's path after another's",
      [
        uri("prefix", "/a", { headers: { user: { exact: "a" } } }),
        uri("prefix", "/a", { headers: { user: { exact: "b" } } }),
      ],
    ],
    ["a path after one method's", [uri("prefix", "/a", { method: { exact: "GET" } }), uri("prefix", "/a/b")]],
    [
      "a path after one without a header",
      [uri("prefix", "/a", { withoutHeaders: { x: { regex: "*" } } }), uri("prefix", "/a")],
    ],
    [
      "a path after one of a parameter",
      [uri("prefix", "/a", { queryParams: { x: { exact: "1" } } }), uri("prefix", "/a")],
    ],
    ["a path after one port's", [uri("prefix", "/a", { port: 80 }), uri("prefix", "/a", { port: 81 })]],
    ["a path after one namespace's", [uri("prefix", "/a", { sourceNamespace: "web" }), uri("prefix", "/a")]],
    [
      "a path after one app's",
      [uri("prefix", "/a", { sourceLabels: { app: "web" } }), uri("prefix", "/a", { sourceLabels: { app: "shop" } })],
    ],
    [
      "a path after one gateway's",
      [uri("prefix", "/a", { gateways: ["mesh"] }), uri("prefix", "/a", { gateways: ["mesh", "shop"] })],
    ],
    ["a path in any case after one in one case", [uri("prefix", "/a"), uri("prefix", "/a", { ignoreUriCase: true })]],
    ["an expression after a start", [uri("prefix", "/a"), uri("regex", "/a.*")]],
    ["expressions beside each other", [uri("regex", "/a.*"), uri("regex", "/a")]],
    [
      "what is not known yet",
      [UNKNOWN, one({ uri: UNKNOWN }), uri("prefix", "/a"), { match: UNKNOWN }, { match: [UNKNOWN] }],
    ],
    ["a start that is not known yet", [one({ uri: { prefix: UNKNOWN } }), uri("prefix", "/")]],
    ["a port that is not known yet, twice", [one({ port: UNKNOWN }), one({ port: UNKNOWN })]],
    ["a match that is passed through", [{ extra: { match: [{ port: 80 }] } }, {}]],
  ];
  for (const [name, routes] of sound) {
    it(`may be ${name}`, () => assertProblems(check(routes), []));
  }

  const never = "can never count: routes[0].match[0] takes all";
  const twice = "takes what routes[0].match[0] takes already";
  const wrong: [name: string, routes: unknown[], problems: Expected[]][] = [
    [
      "every request before others",
      [{}, uri("exact", "/a"), {}],
      [["routes[1]", "can never be reached", "routes[0] takes every request"], ["routes[2]"]],
    ],
    ["a start before its whole path", [uri("prefix", "/a"), uri("exact", "/a/b")], [["routes[1].match[0]", never]]],
    ["a start before a longer one", [uri("prefix", "/a"), uri("prefix", "/ab")], [["routes[1].match[0]", never]]],
    ["every path before one", [uri("prefix", "/"), uri("regex", "/b.*")], [["routes[1].match[0]", never]]],
    ["every path before every request", [uri("prefix", "/"), one({ port: 80 })], [["routes[1].match[0]", never]]],
    ["nothing that must hold", [one({}), uri("exact", "/a")], [["routes[1].match[0]", never]]],
    [
      "the same path twice",
      [uri("exact", "/a"), uri("exact", "/a")],
      [["routes[1].match[0]", twice, "leave one of them out"]],
    ],
    [
      "the same path twice in one route",
      [{ match: [{ uri: { exact: "/a" } }, { uri: { exact: "/a" } }] }],
      [["routes[0].match[1]", twice]],
    ],
    [
      "a start before a longer one in one route",
      [{ match: [{ uri: { prefix: "/a" } }, { uri: { prefix: "/a/b" } }] }],
      [["routes[0].match[1]", never]],
    ],
    ["the same expression twice", [uri("regex", "/a.*"), uri("regex", "/a.*")], [["routes[1].match[0]", twice]]],
    [
      "the same under another name",
      [uri("exact", "/a", { statPrefix: "x" }), uri("exact", "/a")],
      [["routes[1].match[0]", twice]],
    ],
    [
      "any case before one case",
      [uri("prefix", "/A", { ignoreUriCase: true }), uri("exact", "/a/B")],
      [["routes[1].match[0]", never]],
    ],
    [
      "a header before two",
      [one({ headers: { a: { prefix: "x" } } }), one({ headers: { a: { exact: "xy" }, b: { exact: "1" } } })],
      [["routes[1].match[0]", never]],
    ],
    [
      "a header of any value before one value",
      [one({ headers: { a: { regex: ".*" } } }), one({ headers: { a: { exact: "x" } } })],
      [["routes[1].match[0]", never]],
    ],
    [
      "no value of a header before no header at all",
      [one({ withoutHeaders: { a: { exact: "x" } } }), one({ withoutHeaders: { a: { regex: "*" } } })],
      [["routes[1].match[0]", never]],
    ],
    [
      "all callers of an app before some",
      [one({ sourceLabels: { a: "1" } }), one({ sourceLabels: { a: "1", b: "2" } })],
      [["routes[1].match[0]", never]],
    ],
    [
      "two gateways before one",
      [one({ gateways: ["mesh", "shop"] }), one({ gateways: ["shop"] })],
      [["routes[1].match[0]", never]],
    ],
    [
      "a start before what is known in part",
      [uri("prefix", "/a"), one({ uri: { exact: "/a/b" }, headers: UNKNOWN })],
      [["routes[1].match[0]", never]],
    ],
    [
      "one of several matches",
      [uri("prefix", "/a"), { match: [{ uri: { exact: "/b" } }, { uri: { exact: "/a" } }] }],
      [["routes[1].match[1]", never]],
    ],
  ];
  for (const [name, routes, problems] of wrong) {
    it(`may not be ${name}`, () => assertProblems(check(routes), problems));
  }

  const text = fc.constantFrom("/", "/a", "/a/b", "/A", "/b");
  const condition = fc.oneof(fc.record({ exact: text }), fc.record({ prefix: text }));
  const match = fc.record(
    {
      uri: condition,
      ignoreUriCase: fc.boolean(),
      method: condition,
      headers: fc.dictionary(fc.constantFrom("x", "y"), condition),
      port: fc.constantFrom(1, 2),
    },
    { requiredKeys: [] },
  );
  const request = fc.record({
    path: text,
    method: text,
    headers: fc.dictionary(fc.constantFrom("x", "y"), text),
    port: fc.constantFrom(1, 2),
  });

  it("is refused only where the later match really takes nothing that is left", () => {
    const holds = (given: any, value: string | undefined, fold = false) => {
      const [wanted, actual] = [given.exact ?? given.prefix, value].map((each) => (fold ? each?.toLowerCase() : each));
      return actual !== undefined && (given.exact === undefined ? actual.startsWith(wanted) : actual === wanted);
    };
    const takes = (given: any, { path, method, headers, port }: any) =>
      (given.uri === undefined || holds(given.uri, path, given.ignoreUriCase)) &&
      (given.method === undefined || holds(given.method, method)) &&
      (given.port === undefined || given.port === port) &&
      Object.entries(given.headers ?? {}).every(([name, each]) => holds(each, headers[name]));
    fc.assert(
      fc.property(match, match, request, (first, second, asked) => {
        if (check([one(first), one(second)]).length > 0 && takes(second, asked)) {
          assert.ok(takes(first, asked));
        }
      }),
      { numRuns: 3000 },
    );
  });

  it("always has a match that repeats an earlier one refused", () => {
    fc.assert(fc.property(match, (given) => assert.equal(check([one(given), {}, one({ ...given })]).length, 1)));
    fc.assert(fc.property(match, (given) => assert.equal(check([one(given), one({ ...given })]).length, 1)));
  });

  it("is looked at without a throw, whatever is given", () => {
    const rough = roughly({
      match: fc.array(fc.oneof(roughly({ uri: anything(), headers: anything(), gateways: anything() }), anything())),
      extra: anything(),
    });
    fc.assert(
      fc.property(fc.array(fc.oneof(rough, anything())), (routes) => void check(routes)),
      { numRuns: 500 },
    );
  });
});
