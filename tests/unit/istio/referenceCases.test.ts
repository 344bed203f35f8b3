import assert from "node:assert/strict";
import { PLAIN_HTTP, gateway } from "../../../src/istio/gateway";
import { baseDestinationRule, versionDestinationRule, virtualService } from "../../../src/istio/istioObjects";
import { checkHost } from "../../../src/validation/names";
import type { Plain } from "../../../src/istio/plain";
import { type RouteArgs, checkRoutes } from "../../../src/istio/route";
import { type TrafficPolicyArgs, checkTrafficPolicy } from "../../../src/istio/trafficPolicy";
import { type Weights, resolveWeights } from "../../../src/istio/weights";
import { assertProblems, problemsOf } from "../problems";

/** What a case expects of one VirtualService rule, without what ours adds to every one of them. */
interface Rule {
  match?: object[];
  rewrite?: object;
  fault?: object;
  split: Record<string, number>;
}

/** The rules that the arguments lead to, after every check that they must pass. */
function rulesOf(host: string, port: number, weights: Weights, routes: Plain<RouteArgs>[]): Rule[] {
  assertProblems(
    problemsOf((findings) => checkRoutes(routes, findings)),
    [],
  );
  let shares: Weights = {};
  assertProblems(
    problemsOf((findings) => void (shares = resolveWeights(Object.keys(weights), { weights }, findings) ?? {})),
    [],
  );
  const spec = virtualService(
    { hosts: [], internal: true },
    { host, ports: [{ name: "http", port, protocol: "http" }] },
    { routes, weights: shares },
  ) as { http: any[] };
  return spec.http.map(({ route, retries: _, ...rule }) => {
    for (const { destination } of route) {
      assert.deepEqual([destination.host, destination.port.number], [host, port]);
    }
    return {
      ...rule,
      split: Object.fromEntries(route.map(({ destination, weight }: any) => [destination.subset, weight])),
    };
  });
}

describe("the cases of Istio's samples", () => {
  const splits: [name: string, weights: Weights][] = [
    ["reviews: 90 to v1, 10 to v2", { v1: 90, v2: 10 }],
    ["reviews: 80 to v1, 20 to v2", { v1: 80, v2: 20 }],
    ["reviews: half to v1 and v3, v2 there without requests", { v1: 50, v2: 0, v3: 50 }],
    ["reviews: all to v3", { v1: 0, v2: 0, v3: 100 }],
    ["everything to the only version", { v1: 100 }],
  ];
  for (const [name, weights] of splits) {
    it(name, () => assert.deepEqual(rulesOf("reviews", 9080, weights, [{}]), [{ split: weights }]));
  }

  const matches: [name: string, port: number, routes: Plain<RouteArgs>[], rules: Omit<Rule, "split">[]][] = [
    [
      "productpage: three whole paths and two starts of paths",
      9080,
      [
        { match: ["/productpage", "/login", "/logout"].map((exact) => ({ uri: { exact } })) },
        { match: ["/static", "/api"].map((prefix) => ({ uri: { prefix } })) },
      ],
      [
        { match: [{ uri: { exact: "/productpage" } }, { uri: { exact: "/login" } }, { uri: { exact: "/logout" } }] },
        { match: [{ uri: { prefix: "/static" } }, { uri: { prefix: "/api" } }] },
      ],
    ],
    [
      "helloworld: one path, port 5000",
      5000,
      [{ match: [{ uri: { exact: "/hello" } }] }],
      [{ match: [{ uri: { exact: "/hello" } }] }],
    ],
    [
      "reviews: the requests of one user before everyone else's",
      9080,
      [{ match: [{ headers: { "end-user": { exact: "jason" } } }] }, {}],
      [{ match: [{ headers: { "end-user": { exact: "jason" } } }] }, {}],
    ],
    [
      "podinfo: a method and a start of a path that must both hold",
      80,
      [{ match: [{ uri: { prefix: "/podinfo" }, method: { exact: "GET" } }] }],
      [{ match: [{ uri: { prefix: "/podinfo" }, method: { exact: "GET" } }] }],
    ],
    [
      "a path by regular expression",
      80,
      [{ match: [{ uri: { regex: "/v[12]/.*" } }] }],
      [{ match: [{ uri: { regex: "/v[12]/.*" } }] }],
    ],
    [
      "hello-world: /v2 rewritten to /, everything else as it is",
      80,
      [{ match: [{ uri: { prefix: "/v2" } }], rewrite: { uri: "/" } }, {}],
      [{ match: [{ uri: { prefix: "/v2" } }], rewrite: { uri: "/" } }, {}],
    ],
    [
      "ratings: a fault for one user, as Istio spells it, before the rule for all",
      9080,
      [
        {
          match: [{ headers: { "end-user": { exact: "jason" } } }],
          extra: { fault: { abort: { percentage: { value: 100 }, httpStatus: 500 } } },
        },
        {},
      ],
      [
        {
          match: [{ headers: { "end-user": { exact: "jason" } } }],
          fault: { abort: { percentage: { value: 100 }, httpStatus: 500 } },
        },
        {},
      ],
    ],
  ];
  for (const [name, port, routes, rules] of matches) {
    it(name, () => {
      const split = { v1: 60, v2: 40 };
      assert.deepEqual(
        rulesOf("reviews", port, split, routes),
        rules.map((rule) => ({ ...rule, split })),
      );
    });
  }

  it("the gateway of bookinfo: every host, plain HTTP", () => {
    assert.deepEqual(gateway(PLAIN_HTTP, ["*"], { istio: "ingressgateway" }), {
      selector: { istio: "ingressgateway" },
      servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["*"] }],
    });
  });

  for (const simple of ["RANDOM", "ROUND_ROBIN", "LEAST_REQUEST"] as const) {
    it(`reviews: ${simple} for the service, another balancer for one of three subsets`, () => {
      const service: Plain<TrafficPolicyArgs> = { loadBalancer: simple };
      const own: Plain<TrafficPolicyArgs> = { loadBalancer: simple === "RANDOM" ? "ROUND_ROBIN" : "RANDOM" };
      for (const policy of [service, own]) {
        assertProblems(
          problemsOf((findings) => checkTrafficPolicy(policy, findings)),
          [],
        );
      }
      assert.deepEqual(baseDestinationRule("reviews", service), {
        host: "reviews",
        trafficPolicy: { loadBalancer: { simple } },
      });
      const rules = ["v1", "v2", "v3"].map((version) =>
        versionDestinationRule("reviews", version, version === "v2" ? own : undefined),
      );
      const subsets = rules.flatMap((rule) => (rule as { subsets: object[] }).subsets);
      assert.deepEqual(subsets, [
        { name: "v1", labels: { version: "v1" } },
        { name: "v2", labels: { version: "v2" }, trafficPolicy: { loadBalancer: { simple: own.loadBalancer } } },
        { name: "v3", labels: { version: "v3" } },
      ]);
    });
  }
});

describe("the cases of Istio's own validation", () => {
  const weights: [weights: Record<string, number>, istio: string, ours: string][] = [
    [{ v1: 25, v2: 75 }, "takes", "take"],
    [{ v1: 100, v2: 0 }, "takes", "take"],
    [{ v1: 5, v2: -1 }, "refuses", "refuse"],
    [{ v1: 0, v2: 0 }, "refuses", "refuse"],
    [{ v1: 550, v2: 500 }, "takes", "refuse"],
    [{ v1: 49, v2: 50 }, "takes", "refuse"],
    [{ v1: 0 }, "takes", "refuse"],
  ];
  for (const [given, istio, ours] of weights) {
    it(`weights ${Object.values(given).join("/")}: Istio ${istio} them, we ${ours} them`, () => {
      const problems = problemsOf((findings) => void resolveWeights(Object.keys(given), { weights: given }, findings));
      assert.equal(problems.length === 0, ours === "take");
    });
  }

  const hosts: [host: string, istio: string, ours: string][] = [
    ["*", "takes", "take"],
    ["*.foo.baz", "takes", "take"],
    ["foo.baz", "takes", "take"],
    ["foo.*", "refuses", "refuse"],
    ["default/baz", "refuses", "refuse"],
    ["*-foo.baz", "takes", "refuse"],
  ];
  for (const [host, istio, ours] of hosts) {
    it(`host ${host}: Istio ${istio} it, we ${ours} it`, () => {
      assert.equal(problemsOf((findings) => checkHost(host, findings)).length === 0, ours === "take");
    });
  }

  it("a policy without a field: refused by both", () =>
    assert.equal(problemsOf((findings) => checkTrafficPolicy({}, findings)).length, 1));
});
