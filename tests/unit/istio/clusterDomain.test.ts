import assert from "node:assert/strict";
import { checkOneDomain, clusterDomainCheck, domainInValues, withDomain } from "../../../src/istio/clusterDomain";
import { foreignServices } from "../../../src/istio/serviceHosts";
import { UNKNOWN } from "../../../src/validation/unknown";
import { type Expected, assertProblems, problemsOf } from "../problems";

describe("the domain of a cluster's Services", () => {
  for (const domain of ["cluster.local", "pasta.local", "k8s", "a-b.c1.example.com"]) {
    it(`may be ${domain}`, () =>
      assertProblems(
        problemsOf((findings) => clusterDomainCheck(domain, findings)),
        [],
      ));
  }
  for (const domain of ["", ".local", "local.", "a..b", "Cluster.local", "a b", "*.local", 5, null]) {
    it(`may not be ${JSON.stringify(domain)}`, () =>
      assertProblems(
        problemsOf((findings) => clusterDomainCheck(domain, findings), "clusterDomain"),
        [["clusterDomain", "is", "cluster.local"]],
      ));
  }

  const values = (clusterDomain: unknown) => ({
    global: { proxy: { clusterDomain, logLevel: "info" }, hub: "h" },
    pilot: {},
  });

  it("is read from Helm's values and put there, beside all others", () => {
    assert.equal(domainInValues(values("pasta.local")), "pasta.local");
    for (const none of [
      undefined,
      null,
      {},
      { global: null },
      { global: { proxy: [] } },
      values(""),
      values(UNKNOWN),
    ]) {
      assert.equal(domainInValues(none), undefined);
    }
    assert.deepEqual(withDomain(values("other"), "pasta.local"), values("pasta.local"));
    assert.deepEqual(withDomain(undefined, "a"), { global: { proxy: { clusterDomain: "a" } } });
    assert.equal(withDomain(undefined, undefined), undefined);
  });

  const pairs: [name: string, given: object, problems: Expected[]][] = [
    ["one alone", { clusterDomain: "a" }, []],
    ["the same", { clusterDomain: "a", istiodValues: values("a") }, []],
    ["one that is not known", { clusterDomain: UNKNOWN, istiodValues: values("a") }, []],
    [
      "two",
      { clusterDomain: "a", istiodValues: values("b") },
      [["clusterDomain", 'is "a", and istiodValues.global.proxy.clusterDomain is "b"', "leave one of them out"]],
    ],
  ];
  for (const [name, given, problems] of pairs) {
    it(`${problems.length === 0 ? "may" : "may not"} be ${name}`, () =>
      assertProblems(
        problemsOf((findings) => checkOneDomain(given, findings)),
        problems,
      ));
  }

  it("is that of the Services that routes name, or a warning is told", () => {
    const routes = [
      { service: { host: "articles", port: 80 } },
      { service: { host: "articles.news.svc.cluster.local", port: 80 } },
      { mirrors: [{ version: "v2" }, { service: { host: "copy.news.svc.pasta.local", port: 80 } }] },
      { service: { host: "api.example.com", port: 80 } },
    ];
    assert.deepEqual(
      foreignServices(routes, "pasta.local").map(({ path }) => path),
      ["routes[1].service.host"],
    );
    assert.deepEqual(
      foreignServices(routes, "cluster.local").map(({ path }) => path),
      ["routes[2].mirrors[1].service.host"],
    );
  });
});
