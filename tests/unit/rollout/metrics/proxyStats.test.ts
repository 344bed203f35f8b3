import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ApiServerUnreachableError, KubernetesApi } from "../../../../src/internal/kubernetes/api";
import type { ProxyPod } from "../../../../src/rollout/metrics/proxyPods";
import { ProxyStats } from "../../../../src/rollout/metrics/proxyStats";
import { takePortForwards } from "../../internal/kubernetes/portForwards";
import { kubeconfigOf, NEVER } from "../../internal/kubernetes/securedServer";

/** How one of the two ways to a proxy is. */
type Way = "open" | "blocked" | "silent" | "forbidden";

const POD: ProxyPod = { namespace: "istio-ingress", name: "gateway", life: "uid/0", ready: true };

describe("a proxy's statistics", function () {
  this.timeout("30s");
  let proxy: Server;
  let server: Server;
  let api: KubernetesApi;
  let stats: ProxyStats;
  let ways: { proxied: Way; forwarded: Exclude<Way, "silent"> };
  let taken: string[];

  const listen = (of: Server) => new Promise<void>((resolve) => of.listen(0, "127.0.0.1", resolve));
  const portOf = (of: Server) => (of.address() as AddressInfo).port;

  beforeEach(async () => {
    ways = { proxied: "open", forwarded: "open" };
    taken = [];
    proxy = createServer(({ url }, response) => response.end(`stats of ${url}`));
    await listen(proxy);
    server = createServer(({ url = "" }, response) => {
      taken.push("proxied");
      assert.match(url, /^\/api\/v1\/namespaces\/istio-ingress\/pods\/gateway:15090\/proxy\/stats/);
      switch (ways.proxied) {
        case "open":
          return response.end(`stats of ${url.replace(/.*proxy/, "")}`);
        case "blocked":
          return response
            .writeHead(503)
            .end(JSON.stringify({ message: "error trying to reach service: dial tcp 10.4.0.7:15090: i/o timeout" }));
        case "forbidden":
          return response.writeHead(403).end(JSON.stringify({ message: 'cannot get resource "pods/proxy"' }));
        case "silent":
          return undefined; // as where a firewall drops what the API server sends
      }
    });
    takePortForwards(server, () => {
      taken.push("forwarded");
      switch (ways.forwarded) {
        case "open":
          return { to: portOf(proxy) };
        case "blocked":
          return { fails: "error forwarding port 15090 to pod gateway: connection refused" };
        case "forbidden":
          return { status: 403, message: 'cannot get resource "pods/portforward"' };
      }
    });
    await listen(server);
    api = await KubernetesApi.of({ kubeconfig: kubeconfigOf({ server: `http://127.0.0.1:${portOf(server)}` }) });
    stats = new ProxyStats(api);
  });
  afterEach(async () => {
    api.close();
    for (const each of [server, proxy]) {
      each.close();
      each.closeAllConnections();
    }
  });

  const read = () => stats.text(POD, "/stats?filter=x", NEVER);

  it("are read by the API server itself where it gets there", async () => {
    assert.equal(await read(), "stats of /stats?filter=x");
    assert.deepEqual(taken, ["proxied"]);
    assert.equal(stats.isForwarding, false);
  });

  for (const proxied of ["blocked", "forbidden", "silent"] as const) {
    it(`are read through the kubelet where the API server's own way is ${proxied}, and there first the next time`, async () => {
      ways.proxied = proxied;
      assert.equal(await read(), "stats of /stats?filter=x");
      assert.equal(stats.isForwarding, true);
      assert.equal(await read(), "stats of /stats?filter=x");
      assert.deepEqual(taken, ["proxied", "forwarded", "forwarded"]);
    });
  }

  it("are read by the API server again where the kubelet's way is closed later", async () => {
    ways.proxied = "blocked";
    await read();
    ways = { proxied: "open", forwarded: "forbidden" };
    assert.equal(await read(), "stats of /stats?filter=x");
    assert.equal(stats.isForwarding, false);
  });

  for (const forwarded of ["blocked", "forbidden"] as const) {
    it(`are an error that says why neither way leads there, and what to do: ${forwarded}`, async () => {
      ways = { proxied: "blocked", forwarded };
      const { message } = await read().then(
        () => assert.fail("they were read"),
        (error: Error) => error,
      );
      assert.match(
        message,
        /answered 503 to GET .*pods\/gateway:15090\/proxy\/stats: error trying to reach service: .*i\/o timeout; by port-forward: /,
      );
      assert.match(message, forwarded === "blocked" ? /connection refused\. / : /answered 403 .*pods\/portforward"\. /);
      assert.match(message, /What can be done: .*pods\/portforward.*network policies, firewalls.*source\.prometheus/);
    });
  }

  describe("behind a proxy that lets no WebSockets through", () => {
    const drop = () => {
      server.removeAllListeners("upgrade");
      server.on("upgrade", (_, socket) => {
        taken.push("dropped");
        socket.destroy();
      });
    };

    it("are read by the API server itself again, though it was the kubelets that were asked last", async () => {
      ways.proxied = "blocked";
      await read();
      drop();
      ways.proxied = "open";
      assert.equal(await read(), "stats of /stats?filter=x");
      assert.deepEqual(taken, ["proxied", "forwarded", "dropped", "proxied"]);
      assert.equal(stats.isForwarding, false);
    });

    it("are an error that names both ways", async () => {
      drop();
      ways.proxied = "forbidden";
      await assert.rejects(read(), /cannot get resource "pods\/proxy"; by port-forward: .*What can be done: /);
    });
  });

  it("say no more than that the API server is away where it is, whichever way was taken last", async () => {
    ways.proxied = "blocked";
    await read();
    server.close();
    server.closeAllConnections();
    await assert.rejects(read(), ApiServerUnreachableError);
  });

  it("say no more than that the API server is away where it is", async () => {
    server.close();
    server.closeAllConnections();
    await assert.rejects(read(), ApiServerUnreachableError);
  });
});
