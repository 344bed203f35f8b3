import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { ApiServerUnreachableError, KubernetesApi } from "../../../../src/internal/kubernetes/api";
import { selfSigned } from "../../../e2e/support/certificate";
import { type AskedForward, type Forward, takePortForwards } from "./portForwards";
import { base64, kubeconfigOf, NEVER } from "./securedServer";

const LARGE = "counter 1\n".repeat(300_000);

describe("what a pod's port answers, through its kubelet", () => {
  let pod: Server;
  let server: Server;
  let api: KubernetesApi;
  let asked: AskedForward[];
  let forward: (asked: AskedForward) => Forward;
  const closing: Server[] = [];

  const portOf = (of: Server) => (of.address() as AddressInfo).port;
  async function listening(of: Server): Promise<Server> {
    closing.push(of);
    await new Promise<void>((resolve) => of.listen(0, "127.0.0.1", resolve));
    return of;
  }

  beforeEach(async () => {
    pod = await listening(
      createServer(({ url }, response) => {
        if (url === "/large") {
          response.end(LARGE); // without a length: in chunks
        } else if (url === "/never") {
          response.write("a beginning");
        } else if (url === "/cut") {
          response.writeHead(200, { "content-length": "100" }).write("half", () => response.destroy());
        } else {
          response.writeHead(url === "/missing" ? 404 : 200).end(`answer to ${url}`);
        }
      }),
    );
    asked = [];
    forward = () => ({ to: portOf(pod) });
    const certificate = selfSigned("api.test");
    server = await listening(createTlsServer({ ...certificate }));
    takePortForwards(server, (each) => {
      asked.push(each);
      return forward(each);
    });
    const cluster = {
      server: `https://127.0.0.1:${portOf(server)}`,
      "certificate-authority-data": base64(certificate.cert),
      "tls-server-name": "api.test",
    };
    api = await KubernetesApi.of({ kubeconfig: kubeconfigOf(cluster, { token: "hunter2" }) });
  });
  afterEach(async () => {
    api.close();
    await Promise.all(
      closing.splice(0).map(
        (each) =>
          new Promise<void>((resolve) => {
            each.close(() => resolve());
            each.closeAllConnections();
          }),
      ),
    );
  });

  const get = (path: string, signal = NEVER) =>
    api.forwardedText({ namespace: "istio-ingress", pod: "gateway-1", port: 15090, path }, signal);

  it("is had with the credentials of the kubeconfig", async () => {
    assert.equal(await get("/stats?filter=a%20b"), "answer to /stats?filter=a%20b");
    const [{ namespace, pod: name, port, request }] = asked;
    assert.deepEqual([namespace, name, port], ["istio-ingress", "gateway-1", 15090]);
    assert.equal(request.headers.authorization, "Bearer hunter2");
  });

  it("may be long, and many may be asked for at the same time", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => get("/large")));
    assert.ok(answers.every((answer) => answer === LARGE));
  });

  it("is an error where the API server refuses it, with what it says", async () => {
    forward = () => ({ status: 403, message: 'cannot create resource "pods/portforward"' });
    await assert.rejects(get("/"), {
      message:
        'the API server answered 403 to GET /api/v1/namespaces/istio-ingress/pods/gateway-1/portforward: cannot create resource "pods/portforward"',
    });
  });

  it("is an error where the kubelet cannot connect, with what it says", async () => {
    forward = () => ({ fails: "error forwarding port 15090 to pod gateway-1: connection refused" });
    await assert.rejects(get("/"), /error forwarding port 15090 to pod gateway-1: connection refused/);
  });

  it("is an error where the answer is none of 2xx, or is cut off", async () => {
    await assert.rejects(get("/missing"), /port 15090 of pod gateway-1 in istio-ingress answered 404/);
    await assert.rejects(get("/cut"), /aborted|hang up/);
  });

  it("is had with a new token where the old one has run out", async () => {
    let first = true;
    forward = () => (first ? ((first = false), { status: 401, message: "expired" }) : { to: portOf(pod) });
    assert.equal(await get("/"), "answer to /");
    assert.equal(asked.length, 2);
  });

  it("is not waited for when nobody wants it any more", async () => {
    const stop = new AbortController();
    const pending = get("/never", stop.signal);
    setTimeout(() => stop.abort(new Error("given up")), 100);
    await assert.rejects(pending);
    await assert.rejects(get("/", AbortSignal.abort(new Error("given up before"))), /given up before/);
  });

  it("is told apart from an API server that is not there", async () => {
    server.close();
    server.closeAllConnections();
    await assert.rejects(get("/"), ApiServerUnreachableError);
  });
});
