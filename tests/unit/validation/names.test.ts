import assert from "node:assert/strict";
import * as fc from "fast-check";
import { checkDnsLabel, checkHost, checkServiceName, isDnsLabel, takesIn } from "../../../src/validation/names";
import { UNKNOWN } from "../../../src/validation/unknown";
import { anything, dnsLabels } from "../arbitraries";
import { type Expected, assertProblems, problemsOf } from "../problems";

describe("a DNS label", () => {
  for (const label of ["a", "v1", "0", "my-app", "a--b", "x".repeat(63)]) {
    it(`may be ${label}`, () => {
      assert.ok(isDnsLabel(label));
      assertProblems(
        problemsOf((findings) => checkDnsLabel(label, findings), "appName"),
        [],
      );
    });
  }

  const wrong: [label: unknown, what: string][] = [
    ["", 'is ""'],
    ["MyApp", 'is "MyApp"'],
    ["my_app", 'is "my_app"'],
    ["my.app", 'is "my.app"'],
    ["-app", 'is "-app"'],
    ["app-", 'is "app-"'],
    ["app\n", 'is "app\\n"'],
    ["äpp", 'is "äpp"'],
    [5, "is 5"],
    [null, "is null"],
    [undefined, "is undefined"],
    [["app"], 'is ["app"]'],
  ];
  for (const [label, what] of wrong) {
    it(`may not be ${JSON.stringify(label)}`, () => {
      assert.ok(typeof label !== "string" || !isDnsLabel(label));
      assertProblems(
        problemsOf((findings) => checkDnsLabel(label, findings), "appName"),
        [["appName", what, "a DNS label is needed", "lower-case"]],
      );
    });
  }

  it("may have 63 characters, or fewer where something is put before it", () => {
    assert.ok(!isDnsLabel("x".repeat(64)));
    assertProblems(
      problemsOf((findings) => checkDnsLabel("x".repeat(64), findings), "a"),
      [["a", "64 characters long", "at most 63"]],
    );
    assertProblems(
      problemsOf((findings) => checkDnsLabel("abcdef", findings, 5), "a"),
      [["a", '"abcdef", 6 characters long', "at most 5"]],
    );
    assertProblems(
      problemsOf((findings) => checkDnsLabel("abcde", findings, 5)),
      [],
    );
  });

  it("is checked later if it is not known yet", () =>
    assertProblems(
      problemsOf((findings) => checkDnsLabel(UNKNOWN, findings)),
      [],
    ));

  it("is what the generated ones are", () => fc.assert(fc.property(dnsLabels(63), isDnsLabel)));
});

describe("a Service's name", () => {
  const problems = (name: unknown, longest?: number) =>
    problemsOf((findings) => checkServiceName(name, findings, longest), "appName");

  for (const name of ["a", "v1", "my-app", "x".repeat(63), UNKNOWN]) {
    it(`may be ${String(name)}`, () => assertProblems(problems(name), []));
  }

  for (const name of ["0", "1js"]) {
    it(`may not be ${name}`, () =>
      assertProblems(problems(name), [["appName", `is "${name}"`, "start with a letter"]]));
  }

  for (const name of ["My", "a.b", "-a", 1, null, undefined]) {
    it(`may not be ${String(name)}, which is no DNS label`, () =>
      assertProblems(problems(name), [["appName", "is ", "a DNS label is needed"]]));
  }

  it("may have fewer characters where something is put behind it", () =>
    assertProblems(problems("abcdef", 5), [["appName", "6 characters long"]]));
});

describe("a host name", () => {
  for (const host of [
    "*",
    "shop.example.com",
    "*.example.com",
    "*.com",
    "1.example.com",
    "a.1b",
    "10.0.0.1",
    "my-shop.example.com",
    UNKNOWN,
  ]) {
    it(`may be ${String(host)}`, () =>
      assertProblems(
        problemsOf((findings) => checkHost(host, findings)),
        [],
      ));
  }

  for (const host of ["shop", "localhost"]) {
    it(`may not be ${host}, which no Gateway may have`, () => {
      assertProblems(
        problemsOf((findings) => checkHost(host, findings), "hosts"),
        [["hosts", `is "${host}", without a dot`, "a whole host name"]],
      );
    });
  }

  for (const host of ["a.1", "*.1", "*.10.0.0.1", "1.2.3.256", "1.2.3.4.5", "999.1.1.1"]) {
    it(`may not be ${host}, which is no address either`, () => {
      assertProblems(
        problemsOf((findings) => checkHost(host, findings), "hosts"),
        [["hosts", `is "${host}", which ends with a number`, "an IPv4 address"]],
      );
    });
  }

  const refused: Expected = ["hosts[0]", "a host name is needed, such as shop.example.com"];
  const tooLong = [1, 2, 3, 4, 5].map(() => "x".repeat(60)).join(".");
  const texts = [
    "",
    "Shop.example.com",
    "shop.example.com.",
    ".com",
    "a..b",
    "*shop.com",
    "a.*.com",
    "*.",
    "**",
    "http://a",
    "a:80",
    "a b",
    "ns/a",
  ];
  for (const host of [...texts, tooLong, 5, null, ["a"], {}]) {
    it(`may not be ${JSON.stringify(host).slice(0, 40)}`, () => {
      assertProblems(
        problemsOf((findings) => checkHost(host, findings.field("hosts").field(0))),
        [refused],
      );
    });
  }

  it("may have 253 characters", () => {
    const longest = `${"x".repeat(63)}.`.repeat(3) + "x".repeat(61);
    assert.equal(longest.length, 253);
    assertProblems(
      problemsOf((findings) => checkHost(longest, findings)),
      [],
    );
    assertProblems(
      problemsOf((findings) => checkHost(`${longest}x`, findings), "host"),
      [["host", "a host name is needed"]],
    );
  });

  const pairs: [host: unknown, other: unknown, takes: boolean][] = [
    ["*", "shop.example.com", true],
    ["*", "*.example.com", true],
    ["*.example.com", "shop.example.com", true],
    ["*.example.com", "*.shop.example.com", true],
    ["shop.example.com", "shop.example.com", true],
    ["shop.example.com", "*.example.com", false],
    ["*.example.com", "example.com", false],
    ["*.example.com", "my-example.com", false],
    ["*.example.com", "shop.example.org", false],
    ["*", null, false],
    [5, 5, false],
  ];
  for (const [host, other, takes] of pairs) {
    it(`${String(host)} ${takes ? "takes" : "does not take"} in ${String(other)}`, () =>
      assert.equal(takesIn(host, other), takes));
  }

  it("is either sound or refused, whatever is given", () => {
    fc.assert(
      fc.property(anything(), (value) => {
        const problems = problemsOf((findings) => checkHost(value, findings));
        assert.ok(problems.length > 0 || typeof value === "string" || value === UNKNOWN);
      }),
    );
  });
});
