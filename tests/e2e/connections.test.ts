import assert from "node:assert/strict";
import { Agent } from "node:http";
import { connect } from "node:tls";
import type { Stack } from "@pulumi/pulumi/automation";
import { CanaryApp, ServerProtocol, ServerTlsMode, ServiceProtocol } from "../../components";
import { type Answer, send } from "../../demo/load/request";
import { type Caller, startCallers } from "./support/callers";
import { type Certificate, selfSigned, tlsSecret } from "./support/certificate";
import { askSecured } from "./support/client";
import { testEngine } from "./support/engine";
import { FORTIO_IMAGE } from "./support/fortioImage";
import { openInlineStack } from "./support/inlineStack";
import { GATEWAY_PORTS, type SharedMesh, sharedMesh } from "./support/mesh";
import { upOperations } from "./support/operations";
import { answeredDuring, assertCount } from "./support/pods";
import { assertSharesOf, pause, untilAnswered } from "./support/traffic";
import { until } from "./support/workload";

const BYTES = "bytes.example.com";
const SEALED = "sealed.example.com";

describe("apps whose connections are shared, through the gateway and inside the mesh", function () {
  this.timeout("20m");
  let weight = 20;
  let mesh: SharedMesh;
  let stack: Stack;
  let caller: Caller;
  const terminated = selfSigned(BYTES);
  const own: Record<string, Certificate> = { v1: selfSigned(SEALED), v2: selfSigned(SEALED) };

  before(async () => {
    const engine = await testEngine();
    mesh = await sharedMesh(engine);
    const { kubectl, address } = mesh;
    ({ stranger: caller } = await startCallers(kubectl, { stranger: {} }));
    await kubectl.apply({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "sealed", labels: { "istio-injection": "enabled" } },
    });
    await kubectl.apply(tlsSecret("istio-ingress", "bytes", terminated));
    for (const [version, certificate] of Object.entries(own)) {
      await kubectl.apply(tlsSecret("sealed", `certificate-${version}`, certificate));
    }
    stack = await openInlineStack(engine, "connections", async () => {
      const rest = { mesh: { install: false, gateway: { address } } };
      const decrypted = { port: GATEWAY_PORTS.tls, protocol: ServerProtocol.Tls, tls: { credentialName: "bytes" } };
      new CanaryApp("bytes", {
        ...rest,
        versions: ["1.0", "2.0"].map((tag, index) => ({
          name: `v${index + 1}`,
          image: `docker.io/library/canary-demo:${tag}`,
        })),
        weight,
        hosts: [BYTES],
        gateway: { servers: [{ port: GATEWAY_PORTS.tcp, protocol: ServerProtocol.Tcp }, decrypted] },
        service: { port: GATEWAY_PORTS.tcp, targetPort: 8080, protocol: ServiceProtocol.Tcp },
      });
      new CanaryApp("sealed", {
        ...rest,
        versions: Object.keys(own).map((name) => ({ name, podSpec: serverOfTls(`certificate-${name}`) })),
        weight: 30,
        hosts: [SEALED],
        namespace: { create: false },
        gateway: {
          servers: [
            { port: GATEWAY_PORTS.tls, protocol: ServerProtocol.Tls, tls: { mode: ServerTlsMode.Passthrough } },
          ],
        },
        service: { port: 443, targetPort: 8443, protocol: ServiceProtocol.Tls },
      });
    });
    await stack.up();
  });

  after(() => mesh?.kubectl.run("delete", "secret", "bytes", "-n", "istio-ingress", "--ignore-not-found"));

  /** A number of connections, one after the other. */
  const many = async (count: number, one: () => Promise<Answer>): Promise<Answer[]> => {
    const answers: Answer[] = [];
    for (let left = count; left > 0; left--) {
      answers.push(await one());
    }
    return answers;
  };

  describe("of TCP", () => {
    const plainBytes = () => send(`http://${mesh.address}:${GATEWAY_PORTS.tcp}/`, new Agent({ keepAlive: false })); // a connection for each request

    it("have those that the gateway takes as they are shared by the weights, 80 to 20", async () => {
      await untilAnswered({ url: `http://${mesh.address}:${GATEWAY_PORTS.tcp}/` });
      await assertSharesOf(() => many(400, plainBytes), { "1.0": 80, "2.0": 20 });
    });

    it("have those shared that the gateway decrypts", async () => {
      const decrypted = () => askSecured(mesh.address, BYTES, terminated, { port: GATEWAY_PORTS.tls });
      await until("TLS is answered", async () => (await decrypted()).status === 200);
      await assertSharesOf(() => many(300, decrypted), { "1.0": 80, "2.0": 20 });
    });

    it("have those of callers inside the mesh shared", async () => {
      const url = `http://bytes.bytes:${GATEWAY_PORTS.tcp}/`;
      await until("the caller is answered", async () => (await caller.status(url)) === 200);
      const [, second] = await answeredDuring(mesh.kubectl, "bytes", ["v1", "v2"], async () => {
        assert.deepEqual(await caller.load(400, url), { 200: 400 });
      });
      assertCount("v2", second, 20, 400);
    });

    it("have them shared anew after one update", async () => {
      weight = 50;
      assert.deepEqual(
        (await upOperations(stack)).map(({ op, name }) => `${op} ${name}`),
        ["update bytes-routes"],
      );
      await pause(1000);
      await assertSharesOf(() => many(400, plainBytes), { "1.0": 50, "2.0": 50 });
    });
  });

  describe("that decrypt TLS themselves", () => {
    it("show their own certificates through the gateway, and have the connections shared by the weights", async () => {
      await until(
        "a certificate is shown",
        async () => (await certificateOf(mesh.address, GATEWAY_PORTS.tls, SEALED)) !== undefined,
      );
      const byVersion = async (): Promise<Answer> => {
        const shown = await certificateOf(mesh.address, GATEWAY_PORTS.tls, SEALED);
        const version = Object.keys(own).find((name) => own[name].cert === shown);
        return { sentAt: 0, doneAt: 0, status: version === undefined ? 0 : 200, version };
      };
      await assertSharesOf(() => many(300, byVersion), { v1: 70, v2: 30 });
    });

    it("have the connections of callers inside the mesh shared, by the server name they ask for", async () => {
      const host = "sealed.sealed.svc.cluster.local";
      const load = (count: number) => caller.load(count, `https://${host}/fortio/`, "-k");
      await until("the caller is answered", async () => (await load(2))["200"] === 2);
      const before = await caller.connections(host, 443, ["v1", "v2"]);
      assert.deepEqual(await load(300), { 200: 300 });
      const opened = (await caller.connections(host, 443, ["v1", "v2"])).map((count, index) => count - before[index]);
      assert.ok(opened[0] + opened[1] >= 300, `${opened} connections`);
      assertCount("v2", opened[1], 30, opened[0] + opened[1]);
    });
  });
});

/** The certificate, as PEM, that a client with a server name (SNI) gets; undefined if there is none. */
function certificateOf(host: string, port: number, servername: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, servername, rejectUnauthorized: false, timeout: 10_000 }, () => {
      resolve(socket.getPeerX509Certificate()?.toString());
      socket.destroy();
    });
    socket.on("timeout", () => socket.destroy(new Error("no answer within 10 s")));
    socket.on("error", () => resolve(undefined));
  });
}

/** A pod that serves TLS with the certificate of a Secret. */
function serverOfTls(secretName: string): object {
  const flags = [
    "-http-port",
    "8443",
    "-cert",
    "/certificate/tls.crt",
    "-key",
    "/certificate/tls.key",
    "-grpc-port",
    "disabled",
    "-tcp-port",
    "disabled",
    "-udp-port",
    "disabled",
    "-redirect-port",
    "disabled",
  ];
  const volumeMounts = [{ name: "certificate", mountPath: "/certificate" }];
  const readinessProbe = { tcpSocket: { port: 8443 }, periodSeconds: 1 };
  return {
    containers: [
      {
        name: "fortio",
        image: FORTIO_IMAGE,
        imagePullPolicy: "Never",
        args: ["server", ...flags],
        volumeMounts,
        readinessProbe,
      },
    ],
    volumes: [{ name: "certificate", secret: { secretName } }],
  };
}
