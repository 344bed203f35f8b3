import assert from "node:assert/strict";
import * as fc from "fast-check";
import { virtualService } from "../../../src/istio/istioObjects";
import type { Plain } from "../../../src/istio/plain";
import type { RouteArgs } from "../../../src/istio/route";
import { stickinessOf } from "../../../src/istio/sticky";
import { weightedRules, withWeights } from "../../../src/istio/weightedRules";
import type { Weights } from "../../../src/istio/weights";
import { percents, versionNames } from "../arbitraries";

const PORTS = [
  { name: "http", port: 80, protocol: "http" },
  { name: "http-admin", port: 81, protocol: "http" },
  { name: "grpc", port: 82, protocol: "grpc" },
  { name: "tcp", port: 83, protocol: "tcp" },
  { name: "tls", port: 84, protocol: "tls" },
] as const;

const REACH = { hosts: ["shop.example.com"], gateway: "shop/shop", internal: true };

/** How an app's VirtualService is rendered: with these routes, ports and stickiness. */
const renderings = versionNames(2, 5).chain((versions) => {
  const weights = percents(versions.length).map((parts): Weights =>
    Object.fromEntries(versions.map((name, index) => [name, parts[index]])),
  );
  return fc
    .record({
      before: weights,
      after: weights,
      ports: fc.shuffledSubarray([...PORTS], { minLength: 1 }),
      sticky: fc.constantFrom(undefined, {}, { ending: true }, { enabled: false }),
      // Routes of their own stand before the one for all others, now and then with the very weights of the app.
      own: fc.subarray(["pinned", "same", "other", "redirected"] as const),
      other: weights,
    })
    .map(({ before, after, ports, sticky, own, other }) => {
      const routes: Plain<RouteArgs>[] = own.map((kind, index) => ({
        match: [{ uri: { prefix: `/${index}` } }],
        ...(kind === "pinned" && { version: versions[0] }),
        ...(kind === "same" && { weights: before }),
        ...(kind === "other" && { weights: other }),
        ...(kind === "redirected" && { redirect: { uri: "/" } }),
      }));
      const render = (shares: Weights) =>
        virtualService(
          REACH,
          { host: "shop", ports, versions },
          { routes: [...routes, {}], weights: shares, sticky: stickinessOf("shop", sticky) },
        );
      return { before, after, render, sticky };
    });
});

const served = (weights: Weights) =>
  Object.keys(weights)
    .filter((name) => weights[name] > 0)
    .sort()
    .join();

describe("the rules that follow the weights", () => {
  it("give the spec that is rendered for other weights, or none where users are sticky and other versions serve", () => {
    let [told, refused] = [0, 0];
    fc.assert(
      fc.property(renderings, ({ before, after, render, sticky }) => {
        const found = withWeights(render(before), weightedRules(render, before), before, after);
        if (typeof found === "string") {
          refused++;
          assert.match(found, /users are sticky/);
          assert.ok(sticky !== undefined && served(before) !== served(after));
        } else {
          told++;
          assert.deepEqual(found, render(after));
        }
      }),
      { numRuns: 1000 },
    );
    assert.ok(told > 500 && refused > 10, `${told} were told, ${refused} refused`);
  });

  it("are found again in what JSON keeps of them", () => {
    fc.assert(
      fc.property(renderings, ({ before, after, render }) => {
        const kept = JSON.parse(JSON.stringify(weightedRules(render, before)));
        assert.deepEqual(
          withWeights(JSON.parse(JSON.stringify(render(before))), kept, before, after),
          withWeights(render(before), weightedRules(render, before), before, after),
        );
      }),
    );
  });

  const shop = (weights: Weights) =>
    virtualService(
      REACH,
      { host: "shop", ports: PORTS.slice(0, 1) },
      { routes: [{ match: [{ uri: { prefix: "/a" } }], version: "v1" }, {}], weights },
    ) as { http: { route: object[] }[] };
  const [V1, V2] = [
    { v1: 100, v2: 0 },
    { v1: 0, v2: 100 },
  ];
  const RULES = weightedRules(shop, V1);

  it("are told by their places", () => {
    assert.deepEqual(RULES, { rules: { http: [1] }, dependsOnServed: false });
  });

  const spec = shop(V1);
  const refusals: [name: string, spec: unknown, before: Weights, after: Weights, why: RegExp][] = [
    ["no spec", undefined, V1, V2, /its spec is not known/],
    ["other versions", spec, V1, { v1: 0, v3: 100 }, /the versions are not the same/],
    [
      "weights that are not those of before",
      spec,
      V2,
      V1,
      /http rules do not have the weights of the last `pulumi up`/,
    ],
    ["a rule less", { ...spec, http: spec.http.slice(0, 1) }, V1, V2, /http rules do not have the weights/],
    [
      "a destination more",
      {
        ...spec,
        http: [spec.http[0], { route: [...spec.http[1].route, { destination: { subset: "v3" }, weight: 0 }] }],
      },
      V1,
      V2,
      /http rules do not have the weights/,
    ],
    ["a rule that is no rule", { ...spec, http: [spec.http[0], null] }, V1, V2, /http rules do not have the weights/],
  ];
  for (const [name, given, before, after, why] of refusals) {
    it(`are not changed where there is ${name}`, () => {
      assert.match(String(withWeights(given, RULES, before, after)), why);
    });
  }
});
