import assert from "node:assert/strict";
import type { Stack } from "@pulumi/pulumi/automation";
import { CanaryApp, type CanaryAppArgs, type RouteArgs, type StickyArgs } from "../../components";
import { type FullAnswer, ask, askMany } from "./support/client";
import { testEngine } from "./support/engine";
import { openInlineStack } from "./support/inlineStack";
import { type SharedMesh, sharedMesh } from "./support/mesh";
import { upOperations } from "./support/operations";
import { answeredWhile } from "./support/pods";
import { assertCount, pause, untilAnswered } from "./support/traffic";

const HOST = "routed.example.com";
const NAMESPACE = "routed";
const ORIGIN = "https://pages.example.com";

const at = (path: string) => [{ uri: { exact: path } }];

const ROUTES: RouteArgs[] = [
  { match: [{ headers: { "end-user": { exact: "jason" } } }], version: "v2" },
  {
    match: [{ queryParams: { beta: { exact: "1" } }, withoutHeaders: { "x-no-beta": { regex: "*" } } }],
    version: "v2",
  },
  { match: at("/delayed"), version: "v1", fault: { delay: { fixedDelay: "400ms", percentage: 10 } } },
  { match: at("/aborted"), version: "v1", fault: { abort: { httpStatus: 418, percentage: 10 } } },
  { match: at("/mirrored"), version: "v1", mirrors: [{ version: "v2" }] },
  { match: at("/part-mirrored"), version: "v1", mirrors: [{ version: "v2", percentage: 20 }] },
  {
    match: at("/moved"),
    redirect: { uri: "/there", authority: "new.example.com", scheme: "https", redirectCode: 308 },
  },
  { match: at("/closed"), directResponse: { status: 503, body: "closed for today" } },
  {
    match: at("/pages"),
    version: "v1",
    cors: {
      allowOrigins: [{ exact: ORIGIN }],
      allowMethods: ["GET", "PUT"],
      allowHeaders: ["x-token"],
      maxAge: "1m",
      allowCredentials: true,
    },
  },
  {
    match: at("/headers"),
    version: "v1",
    headers: {
      request: { set: { "x-request-id": "set-by-the-route" } },
      response: { set: { "x-set": "100%%" }, add: { "x-added": "%PROTOCOL%" }, remove: ["x-version"] },
    },
  },
  { match: [{ uri: { prefix: "/prefix/" } }], version: "v1", rewrite: { uri: "/" } },
  {
    match: [{ uri: { prefix: "/Any/" }, ignoreUriCase: true }],
    version: "v1",
    rewrite: { uriRegexRewrite: { match: "^/[^/]+/([^/]+)/(.*)$", rewrite: "/\\2/\\1" } },
  },
  { match: at("/limited"), version: "v1", timeout: "300ms" },
  { match: at("/retried"), version: "v1", retries: { attempts: 3, retryOn: "503", backoff: "1ms" } },
  { match: at("/not-retried"), version: "v1", retries: { attempts: 0 } },
  { match: at("/other"), service: { host: "other", port: 8081 } },
  { match: at("/own-shares"), weights: { v1: 10, v2: 90 } },
  { match: at("/shared") },
];

describe("routes and sticky users, as clients see them", function () {
  this.timeout("20m");
  let mesh: SharedMesh;
  let stack: Stack;
  let asked: Pick<CanaryAppArgs, "weight" | "sticky">;
  let url: string;
  const headers = { host: HOST };

  const get = (path: string, more: Record<string, string> = {}, method?: string) =>
    ask(`${url}${path}`, { ...headers, ...more }, method);
  const getMany = (count: number, path: string, more: Record<string, string> = {}) =>
    askMany(count, `${url}${path}`, { ...headers, ...more });
  const change = async (to: typeof asked) => {
    asked = to;
    const done = await upOperations(stack);
    await pause(1500);
    return done;
  };

  before(async () => {
    const engine = await testEngine();
    mesh = await sharedMesh(engine);
    url = `http://${mesh.address}`;
    stack = await openInlineStack(engine, NAMESPACE, async () => {
      const versions = ["1.0", "2.0"].map((tag, index) => ({
        name: `v${index + 1}`,
        image: `docker.io/library/canary-demo:${tag}`,
      }));
      new CanaryApp(NAMESPACE, {
        versions,
        hosts: [HOST],
        mesh: { install: false },
        routes: asked.sticky === undefined ? ROUTES : [{ match: at("/shared") }],
        ...asked,
      });
    });
    asked = { weight: 25 };
    await stack.up();
    await mesh.kubectl.run(
      "expose",
      "deployment",
      `${NAMESPACE}-v2`,
      "-n",
      NAMESPACE,
      "--name=other",
      "--port=8081",
      "--target-port=8080",
    );
    await untilAnswered({ url: `${url}/shared`, headers });
    await untilAnswered({ url: `${url}/other`, headers });
  });

  const answeredDuring = (version: string, work: () => Promise<unknown>) =>
    answeredWhile(mesh.kubectl, NAMESPACE, version, work);

  const versions = (answers: readonly FullAnswer[]) => [...new Set(answers.map(({ version }) => version))].sort();

  it("send chosen users to one version, all others by the weights", async () => {
    assert.deepEqual(versions(await getMany(50, "/shared", { "end-user": "jason" })), ["2.0"]);
    assert.deepEqual(versions(await getMany(50, "/shared?beta=1")), ["2.0"]);
    assert.deepEqual(versions(await getMany(100, "/shared?beta=1", { "x-no-beta": "" })), ["1.0", "2.0"]);
    await assertCount(
      25,
      400,
      async () => (await getMany(400, "/shared")).filter(({ version }) => version === "2.0").length,
    );
  });

  it("share by weights of their own", () =>
    assertCount(
      90,
      400,
      async () => (await getMany(400, "/own-shares")).filter(({ version }) => version === "2.0").length,
    ));

  it("send to another Service, without versions", async () =>
    assert.deepEqual(versions(await getMany(20, "/other")), ["2.0"]));

  it("answer 404 where none matches", async () => assert.equal((await get("/elsewhere")).status, 404));

  it("delay a tenth of the requests", async () => {
    await assertCount(10, 300, async () => {
      const answers = await getMany(300, "/delayed");
      assert.deepEqual(
        answers.filter(({ status }) => status !== 200),
        [],
      );
      return answers.filter(({ milliseconds }) => milliseconds >= 400).length;
    });
  });

  it("abort a tenth of the requests", () =>
    assertCount(10, 400, async () => (await getMany(400, "/aborted")).filter(({ status }) => status === 418).length));

  it("copy all requests for another version, or a part of them, which clients do not notice", async () => {
    let answers: FullAnswer[] = [];
    assert.equal(await answeredDuring("v2", async () => void (answers = await getMany(100, "/mirrored"))), 100);
    assert.deepEqual(versions(answers), ["1.0"]);
    await assertCount(20, 300, () => answeredDuring("v2", () => getMany(300, "/part-mirrored")));
  });

  it("redirect", async () => {
    const { status, headers: received, version } = await get("/moved");
    assert.deepEqual([status, received.location, version], [308, "https://new.example.com/there", undefined]);
  });

  it("answer themselves", async () => {
    const { status, body, version } = await get("/closed");
    assert.deepEqual([status, body, version], [503, "closed for today", undefined]);
  });

  it("answer the preflights of one origin's pages, and let them read answers", async () => {
    const preflight = await get("/pages", { origin: ORIGIN, "access-control-request-method": "PUT" }, "OPTIONS");
    assert.equal(preflight.status, 200);
    assert.equal(preflight.version, undefined);
    const told = ["origin", "methods", "headers", "credentials"].map(
      (name) => preflight.headers[`access-control-allow-${name}`],
    );
    assert.deepEqual(
      [...told, preflight.headers["access-control-max-age"]],
      [ORIGIN, "GET,PUT", "x-token", "true", "60"],
    );
    const [allowed, other] = await Promise.all(
      [ORIGIN, "https://evil.example.com"].map((origin) => get("/pages", { origin })),
    );
    assert.deepEqual(
      [allowed, other].map(({ headers: received }) => received["access-control-allow-origin"]),
      [ORIGIN, undefined],
    );
  });

  it("change headers of requests and answers", async () => {
    const { body, headers: received } = await get("/headers");
    assert.equal(JSON.parse(body).requestId, "set-by-the-route");
    assert.deepEqual(
      ["x-set", "x-added", "x-version"].map((name) => received[name]),
      ["100%", "HTTP/1.1", undefined],
    );
  });

  it("rewrite the start of a path, and parts of it by an expression in any case", async () => {
    const pathOf = async (path: string) => JSON.parse((await get(path)).body).path;
    assert.equal(await pathOf("/prefix/a/b?c=d"), "/a/b");
    assert.equal(await pathOf("/ANY/first/second/third"), "/second/third/first");
  });

  it("give up after their timeout", async () => {
    const slow = await get("/limited?delay=2s");
    assert.equal(slow.status, 504);
    // Neither at once nor when the version would have answered: timers of two processes differ by a bit.
    assert.ok(slow.milliseconds > 200 && slow.milliseconds < 2000, `${slow.milliseconds} ms`);
    assert.equal((await get("/limited?delay=10ms")).status, 200);
  });

  it("try again as often as told, or never", async () => {
    const attempts = (path: string) => answeredDuring("v1", async () => assert.equal((await get(path)).status, 503));
    assert.equal(await attempts("/retried?status=503"), 4);
    assert.equal(await attempts("/not-retried?status=503"), 1);
  });

  const STICKY: StickyArgs = { maxAgeSeconds: 600 };
  const cookieIn = ({ headers: received }: FullAnswer) =>
    (received["set-cookie"] ?? []).map((each) => each.split(";")[0]);
  const cookies = ["v1", "v2"].map((version) => `${NAMESPACE}-version=${version}`);

  it("give new users a cookie by the weights, and keep them where they are", async () => {
    await change({ weight: 25, sticky: STICKY });
    await assertCount(25, 400, async () => {
      const answers = await getMany(400, "/shared");
      for (const answer of answers) {
        assert.deepEqual(cookieIn(answer), [cookies[answer.version === "1.0" ? 0 : 1]]);
      }
      return answers.filter(({ version }) => version === "2.0").length;
    });
    for (const [index, version] of ["1.0", "2.0"].entries()) {
      const answers = await getMany(100, "/shared", { cookie: `theme=dark; ${cookies[index]}; a=b` });
      assert.deepEqual([versions(answers), answers.flatMap(cookieIn)], [[version], []]);
    }
  });

  it("change nothing at the next up, and two numbers for a weight; who was there stays, who is new follows", async () => {
    assert.deepEqual(await change({ weight: 25, sticky: STICKY }), []);
    const [update, ...more] = await change({ weight: 80, sticky: STICKY });
    assert.deepEqual([update.op, update.name, more.length], ["update", `${NAMESPACE}-routes`, 0]);
    assert.deepEqual(update.changed, ["spec.http[2].route[0].weight", "spec.http[2].route[1].weight"]);
    assert.deepEqual(versions(await getMany(100, "/shared", { cookie: cookies[0] })), ["1.0"]);
    await assertCount(
      80,
      400,
      async () => (await getMany(400, "/shared")).filter(({ version }) => version === "2.0").length,
    );
  });

  it("move everyone when a version is at weight 0", async () => {
    await change({ weight: 100, sticky: STICKY });
    const answers = await getMany(100, "/shared", { cookie: cookies[0] });
    assert.deepEqual([versions(answers), answers.flatMap(cookieIn)], [["2.0"], []]);
  });

  it("end when told to: cookies are deleted, and users follow the weights", async () => {
    await change({ weight: 50, sticky: { ...STICKY, ending: true } });
    await assertCount(50, 300, async () => {
      const answers = await getMany(300, "/shared", { cookie: cookies[0] });
      for (const { headers: received } of answers) {
        assert.match(String(received["set-cookie"]), /^routed-version=; .*Max-Age=0/);
      }
      return answers.filter(({ version }) => version === "2.0").length;
    });
    assert.deepEqual((await getMany(20, "/shared")).flatMap(cookieIn), []);
  });
});
