import * as fc from "fast-check";
import { type Entrances, checkEntrances } from "../../../src/istio/entrances";
import { UNKNOWN } from "../../../src/validation/unknown";
import { anything, roughly } from "../arbitraries";
import { type Expected, assertProblems, problemsOf } from "../problems";

const OWN: Entrances = { gateway: "shop", internal: true };
const OUTSIDE: Entrances = { gateway: "shop", internal: false };
const SHARED: Entrances = { gateway: "edge/shared", internal: true };
const INSIDE: Entrances = { internal: true };

const check = (routes: readonly unknown[], entrances: Entrances) =>
  problemsOf((findings) => checkEntrances(routes, entrances, "prod", findings), "routes");

describe("the Gateways that a match names", () => {
  const at = "routes[0].match[0].gateways";
  const cases: [name: string, gateways: unknown, entrances: Entrances, problems: Expected[]][] = [
    ["the app's own", ["shop"], OWN, []],
    ["the app's own with its namespace", ["prod/shop"], OWN, []],
    ["the mesh", ["mesh", "shop"], OWN, []],
    ["a shared one", ["edge/shared"], SHARED, []],
    [
      "one of the app's own namespace that is shared, by its name",
      ["shared"],
      { gateway: "prod/shared", internal: false },
      [],
    ],
    ["some that are not known yet", [UNKNOWN], OWN, []],
    ["a list that is not known yet", UNKNOWN, OWN, []],
    [
      "another one",
      ["edge"],
      OWN,
      [[`${at}[0]`, 'is "edge", through which no request reaches the app', "shop and mesh are those"]],
    ],
    ["the own one of another namespace", ["shop", "test/shop"], OWN, [[`${at}[1]`, 'is "test/shop"']]],
    ["a shared one without its namespace", ["shared"], SHARED, [[`${at}[0]`, 'is "shared"', "edge/shared and mesh"]]],
    ["the app's name where the Gateway is shared", ["shop"], SHARED, [[`${at}[0]`, 'is "shop"']]],
    ["the mesh where callers inside are not routed", ["mesh"], OUTSIDE, [[`${at}[0]`, 'is "mesh"', "shop is the one"]]],
    ["the app's name where it has no hosts", ["shop"], INSIDE, [[`${at}[0]`, 'is "shop"', "mesh is the one"]]],
  ];
  for (const [name, gateways, entrances, problems] of cases) {
    it(`${problems.length > 0 ? "may not" : "may"} be ${name}`, () =>
      assertProblems(check([{ match: [{ gateways }] }], entrances), problems));
  }

  it("are looked at in every match of every route", () => {
    const routes = [{}, { match: [{}, { gateways: ["a"] }] }, { match: [{ gateways: ["shop", "b"] }] }];
    assertProblems(check(routes, OWN), [["routes[1].match[1].gateways[0]"], ["routes[2].match[0].gateways[1]"]]);
  });

  it("are looked at without a throw, whatever is given", () => {
    const rough = roughly({ match: fc.array(fc.oneof(roughly({ gateways: fc.array(anything()) }), anything())) });
    fc.assert(fc.property(fc.array(fc.oneof(rough, anything())), (routes) => void check(routes, OWN)));
  });
});
