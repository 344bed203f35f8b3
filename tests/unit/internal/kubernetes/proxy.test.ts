import assert from "node:assert/strict";
import { type IncomingHttpHeaders, type Server, createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { KubernetesApi } from "../../../../src/internal/kubernetes/api";
import { listening } from "../http/listening";
import { NEVER, SecuredServer, base64, complaintOf, kubeconfigOf } from "./securedServer";

describe("a proxy before the API server", () => {
  let server: SecuredServer;
  let proxy: Server;
  let connects: { target: string; headers: IncomingHttpHeaders }[];
  let refusal: string | undefined;
  let opened: KubernetesApi[];

  beforeEach(async () => {
    [server, connects, refusal, opened] = [await SecuredServer.start(), [], undefined, []];
    proxy = createServer();
    proxy.on("connect", ({ url = "", headers }, socket, head) => {
      connects.push({ target: url, headers });
      if (refusal !== undefined) {
        socket.end(refusal);
        return;
      }
      const [host, port] = url.split(":");
      const onward = connect(Number(port), host, () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        onward.write(head);
        onward.pipe(socket).pipe(onward);
      });
      onward.on("error", () => socket.destroy());
      socket.on("error", () => onward.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  });
  afterEach(async () => {
    opened.forEach((api) => api.close());
    await server.close();
    await new Promise((resolve) => {
      proxy.close(resolve);
      proxy.closeAllConnections();
    });
  });

  const host = () => `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  async function api(cluster: object, user: object = { token: "t" }): Promise<KubernetesApi> {
    const made = await KubernetesApi.of({ kubeconfig: kubeconfigOf({ ...server.cluster, ...cluster }, user) });
    opened.push(made);
    return made;
  }

  it("makes connections that stay open, and sees nothing of what is sent", async () => {
    const made = await api({ "proxy-url": `http://${host()}` });
    await made.text("/version", NEVER);
    await made.text("/version", NEVER);
    assert.deepEqual(
      connects.map(({ target, headers }) => [target, headers.host, headers.authorization]),
      [[`127.0.0.1:${server.port}`, `127.0.0.1:${server.port}`, undefined]],
    );
    assert.equal(server.last.headers.authorization, "Bearer t");
    assert.equal(server.last.headers["proxy-authorization"], undefined);
  });

  it("is the environment's where the kubeconfig names none", async () => {
    for (const [env, used] of [
      [{ HTTPS_PROXY: `http://u:p@${host()}` }, 1],
      [{ HTTPS_PROXY: `http://${host()}`, NO_PROXY: "cluster.test" }, 0],
      [{ HTTP_PROXY: `http://${host()}` }, 0],
    ] as const) {
      connects = [];
      const kubeconfig = kubeconfigOf({ server: "https://api.cluster.test:6443" }, { token: "t" });
      const made = await KubernetesApi.of({ kubeconfig }, { env, serviceAccount: "/nowhere", terminal: false });
      opened.push(made);
      refusal = "HTTP/1.1 502 Bad gateway\r\n\r\n";
      assert.match(
        await complaintOf(made.text("/version", NEVER)),
        used === 1 ? /the proxy \S+ answered 502 to CONNECT$/ : /cannot be reached: .*(ENOTFOUND|EAI_AGAIN)/,
      );
      assert.deepEqual(
        connects.map(({ target, headers }) => [target, headers["proxy-authorization"]]),
        used === 1 ? [["api.cluster.test:6443", `Basic ${base64("u:p")}`]] : [],
      );
    }
  });

  it("is given its user and password", async () => {
    await (await api({ "proxy-url": `http://u:p%40ss@${host()}` })).text("/version", NEVER);
    assert.equal(connects[0].headers["proxy-authorization"], `Basic ${base64("u:p@ss")}`);
  });

  it("does not make up for a wrong certificate", async () => {
    const made = await api({ "proxy-url": `http://${host()}`, "tls-server-name": "other.test" });
    assert.match(await complaintOf(made.text("/version", NEVER)), /cannot be reached: .*other\.test/);
  });

  it("stands before servers of plain HTTP as well", async () => {
    const plain = await listening((_, response) => response.end("plain"));
    try {
      const made = await api({ server: plain.url, "proxy-url": `http://${host()}` });
      assert.equal(await made.text("/version", NEVER), "plain");
      assert.equal(connects.length, 1);
    } finally {
      await plain.close();
    }
  });

  it("that refuses is named without its password", async () => {
    refusal = "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n";
    const made = await api({ "proxy-url": `http://u:hunter2@${host()}` });
    assert.equal(
      await complaintOf(made.text("/version", NEVER)),
      `the API server at ${server.url} cannot be reached: the proxy ${host()} answered 407: it needs a user and a password that it accepts, given in its URL`,
    );
    refusal = "";
    assert.match(
      await complaintOf(made.text("/version", NEVER)),
      /cannot connect through the proxy \S+: socket hang up$/,
    );
  });

  it("is itself spoken to by TLS where its URL says so, and has to be trusted", async () => {
    const secured = await SecuredServer.start();
    try {
      const said = await complaintOf((await api({ "proxy-url": secured.url })).text("/version", NEVER));
      assert.match(said, /cannot connect through the proxy 127\.0\.0\.1:\d+: self-signed certificate(; |$)/);
    } finally {
      await secured.close();
    }
  });

  it("that is not there is named without its password", async () => {
    const said = await complaintOf(
      (await api({ "proxy-url": "http://u:hunter2@127.0.0.1:1" })).text("/version", NEVER),
    );
    assert.match(said, /cannot connect through the proxy 127\.0\.0\.1:1: connect ECONNREFUSED 127\.0\.0\.1:1$/);
  });
});
