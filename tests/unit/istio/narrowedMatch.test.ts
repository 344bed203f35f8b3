import assert from "node:assert/strict";
import * as fc from "fast-check";
import { Inexpressible, NEVER, narrowed } from "../../../src/istio/narrowedMatch";
import type { MatchArgs } from "../../../src/istio/match";
import type { Plain } from "../../../src/istio/plain";
import type { StringMatchArgs } from "../../../src/istio/stringMatch";

type Match = Plain<MatchArgs>;

const BETA = { headers: { "x-beta": { exact: "1" } } };

describe("the requests that two matches take", () => {
  const both: [name: string, first: Match, second: Match, expected: Match | typeof NEVER][] = [
    ["all conditions of both", BETA, { uri: { exact: "/a" }, port: 80 }, { ...BETA, uri: { exact: "/a" }, port: 80 }],
    [
      "headers of both",
      BETA,
      { headers: { "x-a": { exact: "2" } } },
      { headers: { "x-beta": { exact: "1" }, "x-a": { exact: "2" } } },
    ],
    ["one condition that both have", BETA, BETA, BETA],
    ["the exact path below a prefix", { uri: { prefix: "/a" } }, { uri: { exact: "/ab" } }, { uri: { exact: "/ab" } }],
    ["the longer prefix", { uri: { prefix: "/a/b" } }, { uri: { prefix: "/a" } }, { uri: { prefix: "/a/b" } }],
    ["none for different paths", { uri: { exact: "/a" } }, { uri: { exact: "/b" } }, NEVER],
    ["none for a path outside a prefix", { uri: { exact: "/b" } }, { uri: { prefix: "/a" } }, NEVER],
    ["none for different values of a header", BETA, { headers: { "x-beta": { exact: "2" } } }, NEVER],
    [
      "what an expression for everything leaves",
      { uri: { regex: ".*" } },
      { uri: { prefix: "/a" } },
      { uri: { prefix: "/a" } },
    ],
    ["the same expression", { uri: { regex: "/a+" } }, { uri: { regex: "/a+" } }, { uri: { regex: "/a+" } }],
    [
      "a path whose case does not count, if only one names a path",
      { uri: { exact: "/a" }, ignoreUriCase: true },
      BETA,
      { ...BETA, uri: { exact: "/a" }, ignoreUriCase: true },
    ],
    ["none for different ports", { port: 80 }, { port: 443 }, NEVER],
    ["none for different labels", { sourceLabels: { app: "a" } }, { sourceLabels: { app: "b" } }, NEVER],
    [
      "labels of both",
      { sourceLabels: { app: "a" } },
      { sourceLabels: { tier: "b" } },
      { sourceLabels: { app: "a", tier: "b" } },
    ],
    ["the gateways of both", { gateways: ["mesh", "a"] }, { gateways: ["a", "b"] }, { gateways: ["a"] }],
    ["none without a common gateway", { gateways: ["mesh"] }, { gateways: ["a"] }, NEVER],
    ["the first one's name for metrics", { statPrefix: "a" }, { statPrefix: "b" }, { statPrefix: "a" }],
  ];
  for (const [name, first, second, expected] of both) {
    it(`are ${name}`, () => assert.deepEqual(narrowed(first, second), expected));
  }

  const inexpressible: [name: string, first: Match, second: Match, field: string][] = [
    ["an expression and a prefix of one path", { uri: { regex: "/a+" } }, { uri: { prefix: "/a" } }, "uri"],
    [
      "two expressions for one header",
      { headers: { a: { regex: "b+" } } },
      { headers: { a: { regex: "b*c" } } },
      "headers.a",
    ],
    [
      "paths of which only one ignores case",
      { uri: { exact: "/a" }, ignoreUriCase: true },
      { uri: { exact: "/a" } },
      "uri",
    ],
    [
      "different paths without case",
      { uri: { exact: "/a" }, ignoreUriCase: true },
      { uri: { exact: "/A" }, ignoreUriCase: true },
      "uri",
    ],
    [
      "two absences of one header",
      { withoutHeaders: { a: { exact: "1" } } },
      { withoutHeaders: { a: { exact: "2" } } },
      "withoutHeaders.a",
    ],
  ];
  for (const [name, first, second, field] of inexpressible) {
    it(`cannot be told by one match for ${name}`, () => {
      const result = narrowed(first, second);
      assert.ok(result instanceof Inexpressible, JSON.stringify(result));
      assert.equal(result.field, field);
    });
  }

  it("are those that both take, whatever they are", () => {
    fc.assert(
      fc.property(matches(), matches(), requests(), (first, second, request) => {
        const result = narrowed(first, second);
        fc.pre(!(result instanceof Inexpressible));
        assert.equal(
          result !== NEVER && takes(result, request),
          takes(first, request) && takes(second, request),
          JSON.stringify(result),
        );
      }),
      { numRuns: 5000 },
    );
  });
});

interface Request {
  path: string;
  method: string;
  port: number;
  namespace: string;
  gateway: string;
  headers: Record<string, string>;
  labels: Record<string, string>;
}

const PATHS = ["/", "/a", "/ab", "/abc", "/b", "/B"];
const VALUES = ["a", "ab", "b"];

function requests(): fc.Arbitrary<Request> {
  const some = fc.dictionary(fc.constantFrom("x", "y"), fc.constantFrom(...VALUES), { noNullPrototype: true });
  return fc.record({
    path: fc.constantFrom(...PATHS),
    method: fc.constantFrom("GET", "POST"),
    port: fc.constantFrom(80, 443),
    namespace: fc.constantFrom("n", "m"),
    gateway: fc.constantFrom("mesh", "g"),
    headers: some,
    labels: some,
  });
}

function matches(): fc.Arbitrary<Match> {
  const text = (values: string[]): fc.Arbitrary<Plain<StringMatchArgs>> =>
    fc.oneof(
      fc.constantFrom(...values).map((exact) => ({ exact })),
      fc.constantFrom(...values).map((prefix) => ({ prefix })),
      fc.constantFrom(".*", "/?a.*").map((regex) => ({ regex })),
    );
  const headers = fc.dictionary(fc.constantFrom("x", "y"), text(VALUES), { minKeys: 1, noNullPrototype: true });
  const all = {
    uri: text(PATHS),
    ignoreUriCase: fc.boolean(),
    method: text(["GET", "POST"]),
    port: fc.constantFrom(80, 443),
    sourceNamespace: fc.constantFrom("n", "m"),
    gateways: fc.uniqueArray(fc.constantFrom("mesh", "g"), { minLength: 1 }),
    headers,
    withoutHeaders: headers,
    sourceLabels: fc.dictionary(fc.constantFrom("x", "y"), fc.constantFrom(...VALUES), {
      minKeys: 1,
      noNullPrototype: true,
    }),
  };
  const sound = ({ uri, ignoreUriCase, ...rest }: Match): Match => ({
    ...rest,
    ...(uri && { uri, ...(ignoreUriCase !== undefined && uri.regex === undefined && { ignoreUriCase }) }),
  });
  return (fc.record(all, { requiredKeys: [], noNullPrototype: true }) as fc.Arbitrary<Match>).map(sound);
}

function takes(match: Match, request: Request): boolean {
  const fold = (text: string) => (match.ignoreUriCase === true ? text.toLowerCase() : text);
  const folded = (condition: Plain<StringMatchArgs>) =>
    Object.fromEntries(Object.entries(condition).map(([kind, text]) => [kind, fold(text as string)]));
  const meets = (condition: Plain<StringMatchArgs>, text: string | undefined) =>
    text !== undefined &&
    (condition.exact !== undefined
      ? text === condition.exact
      : condition.prefix !== undefined
        ? text.startsWith(condition.prefix)
        : new RegExp(`^(?:${condition.regex})$`).test(text));
  return (
    (match.uri === undefined || meets(folded(match.uri), fold(request.path))) &&
    (match.method === undefined || meets(match.method, request.method)) &&
    (match.port === undefined || match.port === request.port) &&
    (match.sourceNamespace === undefined || match.sourceNamespace === request.namespace) &&
    (match.gateways === undefined || match.gateways.includes(request.gateway)) &&
    Object.entries(match.headers ?? {}).every(([name, condition]) => meets(condition, request.headers[name])) &&
    Object.entries(match.withoutHeaders ?? {}).every(([name, condition]) => !meets(condition, request.headers[name])) &&
    Object.entries(match.sourceLabels ?? {}).every(([name, value]) => request.labels[name] === value)
  );
}
