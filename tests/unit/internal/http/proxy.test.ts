import assert from "node:assert/strict";
import { type Environment, proxyFor } from "../../../../src/internal/http/proxy";

const PROXY = "http://proxy.example:3128";

/** Where a URL's requests go, as `host:port`; undefined for straight there. */
function routeOf(url: string, env: Environment): string | undefined {
  const proxy = proxyFor(new URL(url), env);
  return proxy && `${proxy.protocol}${proxy.hostname}:${proxy.port}`;
}

describe("the proxy of a request", () => {
  for (const [url, env, expected] of [
    ["https://a.example/", { HTTPS_PROXY: PROXY }, "http:proxy.example:3128"],
    ["https://a.example/", { https_proxy: PROXY }, "http:proxy.example:3128"],
    ["https://a.example/", { https_proxy: "http://lower.example:1", HTTPS_PROXY: PROXY }, "http:lower.example:1"],
    ["https://a.example/", { https_proxy: "", HTTPS_PROXY: PROXY }, "http:proxy.example:3128"],
    ["https://a.example/", { HTTP_PROXY: PROXY }, undefined],
    ["http://a.example/", { HTTP_PROXY: PROXY }, "http:proxy.example:3128"],
    ["http://a.example/", { http_proxy: PROXY }, "http:proxy.example:3128"],
    ["http://a.example/", { HTTPS_PROXY: PROXY }, undefined],
    ["http://a.example/", { HTTP_PROXY: "" }, undefined],
    ["http://a.example/", {}, undefined],
    ["http://a.example/", { HTTP_PROXY: "proxy.example:3128" }, "http:proxy.example:3128"],
    ["http://a.example/", { HTTP_PROXY: "http://proxy.example" }, "http:proxy.example:80"],
    ["http://a.example/", { HTTP_PROXY: "https://proxy.example/" }, "https:proxy.example:443"],
    ["http://a.example/", { HTTP_PROXY: "http://[2001:db8::1]:3128" }, "http:2001:db8::1:3128"],
  ] as [string, Environment, string | undefined][]) {
    it(`of ${url} with ${JSON.stringify(env)} is ${expected}`, () => assert.equal(routeOf(url, env), expected));
  }

  for (const url of [
    "http://localhost:8080/",
    "http://LOCALHOST./",
    "http://prometheus.localhost/",
    "http://127.0.0.1/",
    "http://127.8.9.10:1/",
    "http://[::1]:9090/",
    "http://[::ffff:127.0.0.1]/",
  ]) {
    it(`of ${url}, this machine, is none`, () => assert.equal(routeOf(url, { HTTP_PROXY: PROXY }), undefined));
  }
  for (const url of ["http://localhost.example/", "http://notlocalhost/", "http://128.0.0.1/", "http://[::2]/"]) {
    it(`of ${url}, another machine, is used`, () => assert.ok(routeOf(url, { HTTP_PROXY: PROXY })));
  }

  for (const [list, url, isExcluded] of [
    ["*", "https://a.example/", true],
    ["b.example, *", "https://a.example/", true],
    ["a.example", "https://a.example/", true],
    ["A.Example", "https://a.example/", true],
    ["a.example.", "https://a.example/", true],
    ["a.example", "https://a.example./", true],
    ["example", "https://a.example/", true],
    [".example", "https://a.example/", true],
    ["*.example", "https://a.example/", true],
    [".a.example", "https://a.example/", true],
    ["b.example  a.example", "https://a.example/", true],
    ["b.example,,a.example,", "https://a.example/", true],
    ["xample", "https://a.example/", false],
    ["b.a.example", "https://a.example/", false],
    ["a.example", "https://xa.example/", false],
    ["a.example:443", "https://a.example/", true],
    ["a.example:443", "https://a.example:8443/", false],
    ["a.example:8443", "https://a.example:8443/", true],
    [".example:80", "http://a.example/", true],
    [".example:80", "https://a.example/", false],
    ["10.1.2.3", "https://10.1.2.3/", true],
    ["10.1.2.3:443", "https://10.1.2.3/", true],
    ["2.3", "https://10.1.2.3/", false],
    [".3", "https://10.1.2.3/", false],
    ["10.1.2.30", "https://10.1.2.3/", false],
    ["2001:db8::1", "https://[2001:db8::1]/", true],
    ["2001:DB8:0:0::1", "https://[2001:db8::1]/", true],
    ["[2001:db8::1]", "https://[2001:db8::1]/", true],
    ["[2001:db8::1]:443", "https://[2001:db8::1]/", true],
    ["[2001:db8::1]:80", "https://[2001:db8::1]/", false],
    ["2001:db8::2", "https://[2001:db8::1]/", false],
    ["[", "https://a.example/", false],
    [".", "https://a.example/", false],
    ["", "https://a.example/", false],
  ] as const) {
    it(`of ${url} is ${isExcluded ? "none" : "used"} where NO_PROXY is "${list}"`, () => {
      for (const variable of ["NO_PROXY", "no_proxy"]) {
        const env = { HTTPS_PROXY: PROXY, HTTP_PROXY: PROXY, [variable]: list };
        assert.equal(routeOf(url, env) === undefined, isExcluded, variable);
      }
    });
  }

  it("gets the user and password of its URL, decoded", () => {
    const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
    for (const [url, expected] of [
      ["http://ann:p%40ss%3A@proxy.example", basic("ann:p@ss:")],
      ["ann:pass@proxy.example:3128", basic("ann:pass")],
      ["http://ann@proxy.example", basic("ann:")],
      ["http://ann:100%@proxy.example", basic("ann:100%")],
      ["http://proxy.example", undefined],
    ] as const) {
      assert.equal(proxyFor(new URL("http://a.example"), { HTTP_PROXY: url })?.authorization, expected, url);
    }
  });

  for (const wrong of [
    "socks5://ann:hunter2@proxy.example",
    "http://ann:hunter2@",
    "http://ann:hunter2@a:99999",
    "::",
  ]) {
    it(`that is ${wrong} is refused by its variable's name, without what it holds`, () =>
      assert.throws(
        () => proxyFor(new URL("https://a.example"), { https_proxy: wrong }),
        (error: Error) =>
          /variable https_proxy does not hold the URL of an HTTP proxy/.test(error.message) &&
          !/hunter2/.test(`${error.stack}`),
      ));
  }
});
