import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { request } from "../../../../src/internal/http/request";
import { sendWithRetry } from "../../../../src/internal/http/sendWithRetry";
import { selfSigned } from "../../../e2e/support/certificate";
import { bodyOf, type Listening, listening } from "./listening";
import { ProxyServer } from "./proxyServer";

const CREDENTIALS = "ann:hunter2@";
const IN_URL = "ann:hunter2%40@";
const AUTHORIZATION = `Basic ${Buffer.from(CREDENTIALS).toString("base64")}`;

describe("requests through a proxy", () => {
  let target: Listening;
  let received: { line: string; headers: IncomingHttpHeaders; body: string }[];
  let proxy: ProxyServer;
  let proxyHost: string;

  const started = async (credentials?: string): Promise<void> => {
    proxy = new ProxyServer(credentials);
    proxyHost = await proxy.start();
  };
  /** To a host that this machine does not know. */
  const targetUrl = (more = "/path?q=1", protocol = "http:", user = "") =>
    new URL(`${protocol}//${user}app.invalid:${new URL(target.url).port}${more}`);
  const send = (url: URL, env: Record<string, string>, retries = 0, signal?: AbortSignal) =>
    sendWithRetry(
      { url, method: "POST", body: "hello", headers: { "x-from": "canary" } },
      { retries, firstPauseMs: 1 },
      { env, signal },
    );

  beforeEach(async () => {
    received = [];
    target = await listening(async (incoming, outgoing) => {
      received.push({
        line: `${incoming.method} ${incoming.url}`,
        headers: incoming.headers,
        body: await bodyOf(incoming),
      });
      outgoing.writeHead(200).end("hello yourself");
    });
  });
  afterEach(async () => {
    await proxy.stop();
    await target.close();
  });

  describe("to http", () => {
    it("ask it for the whole URL, and arrive as they are", async () => {
      await started();
      const { status, body } = await send(targetUrl("/path?q=1", "http:", "bob:pass@"), {
        HTTP_PROXY: `http://${proxyHost}`,
      });
      assert.deepEqual([status, body], [200, "hello yourself"]);
      assert.deepEqual(
        proxy.asked.map((asked) => `${asked.method} ${asked.target} ${asked.headers["proxy-authorization"]}`),
        [`POST ${targetUrl().href} undefined`],
      );
      const [{ line, headers, body: sent }] = received;
      assert.deepEqual(
        [line, headers.host, headers["x-from"], headers.authorization, sent],
        ["POST /path?q=1", targetUrl().host, "canary", `Basic ${Buffer.from("bob:pass").toString("base64")}`, "hello"],
      );
    });

    it("bring the user and password that it wants, which the target does not get", async () => {
      await started(CREDENTIALS);
      const { status } = await send(targetUrl(), { http_proxy: `http://${IN_URL}${proxyHost}` });
      assert.equal(status, 200);
      assert.equal(proxy.asked[0].headers["proxy-authorization"], AUTHORIZATION);
      assert.ok(!JSON.stringify(received).includes(AUTHORIZATION.slice(6)));
    });

    it("are sent again where it answers 502, or hangs up", async () => {
      await started();
      proxy.refusals = [502, "hangUp"];
      const { status } = await send(targetUrl(), { HTTP_PROXY: `http://${proxyHost}` }, 2);
      assert.deepEqual([status, proxy.asked.length, received.length], [200, 3, 1]);
    });
  });

  for (const protocol of ["http:", "https:"]) {
    describe(`to ${protocol} that fail`, () => {
      const env = (address: string) => ({ HTTP_PROXY: address, HTTPS_PROXY: address });

      it("say that the proxy wants another user and password, once, and show neither", async () => {
        await started("somebody:else");
        await assert.rejects(
          send(targetUrl("/", protocol), env(`http://${IN_URL}${proxyHost}`), 3),
          (error: Error) =>
            error.message.includes(`the proxy ${proxyHost} answered 407: it needs a user and a password`) &&
            !/hunter2/.test(`${error.stack} ${JSON.stringify(error)}`),
        );
        assert.equal(proxy.asked.length, 1);
      });

      it("say that the proxy cannot be reached, after all retries, and show no password", async () => {
        await started();
        await proxy.stop();
        await assert.rejects(send(targetUrl("/", protocol), env(`http://${IN_URL}${proxyHost}`), 1), (error: Error) => {
          assert.match(error.message, new RegExp(`cannot connect through the proxy ${proxyHost}: .*ECONNREFUSED`));
          assert.doesNotMatch(`${error.stack} ${JSON.stringify(error)}`, /hunter2/);
          return (error as Error & { attempts: number }).attempts === 2;
        });
        await started();
      });

      it("are given up with the connection to the proxy", async () => {
        await started();
        proxy.refusals = ["none"];
        const stop = new AbortController();
        const sent = send(targetUrl("/", protocol), env(`http://${proxyHost}`), 3, stop.signal);
        while (proxy.asked.length === 0) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        stop.abort(new Error("enough"));
        await assert.rejects(sent, /^Error: enough$/);
        while (proxy.open > 0) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      });

      it("name the variable that holds no proxy's URL, and not what it holds", async () => {
        await started();
        await assert.rejects(
          send(targetUrl("/", protocol), env(`socks5://${IN_URL}${proxyHost}`)),
          (error: Error) =>
            error.message.includes(`the variable ${protocol === "https:" ? "HTTPS" : "HTTP"}_PROXY does not hold`) &&
            !/hunter2/.test(`${error.stack}`),
        );
      });
    });
  }

  it("to https are sent again where no tunnel is opened, unless the proxy forbids it", async () => {
    await started();
    proxy.refusals = [503, 403];
    await assert.rejects(
      send(targetUrl("/", "https:"), { HTTPS_PROXY: `http://${proxyHost}` }, 3),
      new RegExp(`the proxy ${proxyHost} answered 403 to CONNECT`),
    );
    assert.equal(proxy.asked.length, 2);
  });

  it("are none where NO_PROXY has the host, and for this machine", async () => {
    await started();
    const env = { HTTP_PROXY: `http://${proxyHost}`, NO_PROXY: "0.0.0.0" };
    // An address of this machine that is not its loopback.
    const url = new URL(`http://0.0.0.0:${new URL(target.url).port}/`);
    assert.equal((await send(url, env)).status, 200);
    assert.equal((await send(new URL(target.url), { ...env, NO_PROXY: "" })).status, 200);
    assert.deepEqual([proxy.asked.length, received.length], [0, 2]);
    assert.equal((await send(url, { ...env, NO_PROXY: "" })).status, 200);
    assert.equal(proxy.asked.length, 1);
  });

  it("are none of a single request, such as those to the API server", async () => {
    await started();
    const before = process.env.HTTP_PROXY;
    process.env.HTTP_PROXY = `http://${proxyHost}`;
    try {
      const url = new URL(`http://0.0.0.0:${new URL(target.url).port}/`);
      assert.equal((await request({ url }, new AbortController().signal)).status, 200);
      assert.equal(proxy.asked.length, 0);
      assert.equal((await sendWithRetry({ url }, { retries: 0 })).status, 200);
      assert.equal(proxy.asked.length, 1, "the process's environment is the default");
    } finally {
      if (before === undefined) {
        delete process.env.HTTP_PROXY;
      } else {
        process.env.HTTP_PROXY = before;
      }
    }
  });

  describe("to https", () => {
    let secureTarget: Server;
    let securePort: number;
    let folder: string;
    let seen: { url?: string; headers: IncomingHttpHeaders }[];

    before(async () => {
      const certificate = selfSigned("app.invalid");
      folder = await mkdtemp(join(tmpdir(), "canary-proxy-"));
      await writeFile(join(folder, "authority.pem"), certificate.cert);
      secureTarget = createServer(certificate, ({ url, headers }, outgoing) => {
        seen.push({ url, headers });
        outgoing.end("hello over TLS");
      });
      await new Promise<void>((resolve) => secureTarget.listen(0, "127.0.0.1", resolve));
      securePort = (secureTarget.address() as AddressInfo).port;
    });
    after(async () => {
      secureTarget.close();
      secureTarget.closeAllConnections();
      await rm(folder, { recursive: true });
    });
    beforeEach(() => (seen = []));

    /** What a process of its own is answered that knows the proxy, and trusts the target's certificate or not. */
    async function answers(proxyUrl: string, isTrusted: boolean, ...urls: string[]): Promise<string[]> {
      proxy.port = securePort;
      const env = {
        PATH: process.env.PATH,
        HTTPS_PROXY: proxyUrl,
        ...(isTrusted ? { NODE_EXTRA_CA_CERTS: join(folder, "authority.pem") } : {}),
      };
      const script = ["--require", "tsx/cjs", join(__dirname, "proxiedProcess.ts"), ...urls];
      return JSON.parse((await promisify(execFile)(process.execPath, script, { env })).stdout) as string[];
    }

    it("open a tunnel, in which nothing but the target is spoken to", async () => {
      await started();
      assert.deepEqual(
        await answers(
          `http://${proxyHost}`,
          true,
          "https://app.invalid/path?q=1",
          `https://bob:pass@app.invalid:8443/`,
          "https://other.invalid/",
        ),
        [
          "200 hello over TLS",
          "200 hello over TLS",
          "NoAnswerError: Hostname/IP does not match certificate's altnames: Host: other.invalid. is not in the cert's altnames: DNS:app.invalid",
        ],
      );
      assert.deepEqual(
        proxy.asked.map(({ method, target: host, headers }) => `${method} ${host} ${headers["proxy-authorization"]}`),
        [
          "CONNECT app.invalid:443 undefined",
          "CONNECT app.invalid:8443 undefined",
          "CONNECT other.invalid:443 undefined",
        ],
        "an error of the certificate is not tried again",
      );
      assert.deepEqual(
        seen.map(({ url, headers }) => [url, headers.host, headers.authorization]),
        [
          ["/path?q=1", "app.invalid", undefined],
          ["/", "app.invalid:8443", `Basic ${Buffer.from("bob:pass").toString("base64")}`],
        ],
      );
    });

    it("bring the user and password to the proxy alone, and trust no certificate for its sake", async () => {
      await started(CREDENTIALS);
      assert.deepEqual(await answers(`http://${IN_URL}${proxyHost}`, true, "https://app.invalid/"), [
        "200 hello over TLS",
      ]);
      assert.equal(proxy.asked[0].headers["proxy-authorization"], AUTHORIZATION);
      assert.equal(seen[0].headers["proxy-authorization"], undefined);
      const [said, ...more] = await answers(`http://${IN_URL}${proxyHost}`, false, "https://app.invalid/");
      assert.deepEqual(more, []);
      assert.match(said, /^NoAnswerError: self-signed certificate(; |$)/); // Node 24 adds advice
      assert.equal(seen.length, 1);
    });
  });
});
