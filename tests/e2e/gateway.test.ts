import assert from "node:assert/strict";
import { Agent, get as getPlain } from "node:http";
import { type RequestOptions, get } from "node:https";
import { connect } from "node:tls";
import type { Stack } from "@pulumi/pulumi/automation";
import { type AccessRuleArgs, CanaryApp, type CanaryAppArgs, IstioMesh, MtlsMode, ServerProtocol, ServerTlsMode, ServiceProtocol, SharedGateway } from "../../components";
import type { Engine } from "../../engine/engine";
import { sendMany } from "../../load/generator";
import { type Answer, send } from "../../load/request";
import { type Certificate, selfSigned } from "./support/certificate";
import { type Caller, endCallers, startCallers } from "./support/callers";
import { FORTIO_IMAGE, importFortio } from "./support/fortioImage";
import { openInlineStack } from "./support/inlineStack";
import { Kubectl } from "./support/kubectl";
import { upOperations } from "./support/operations";
import { requireEngine, testTarget } from "./support/program";
import { assertSharesOf, pause, untilAnswered } from "./support/traffic";

const TCP_PORT = 9000;
const TLS_PORT = 9443;

describe("gateways, and who may call an app", function () {
  this.timeout("20m");
  let engine: Engine;
  let kubectl: Kubectl;
  let address: string;
  const stacks: Stack[] = [];

  const image = (version: string) => `docker.io/library/canary-demo:${version}`;
  const versions = [
    { name: "v1", image: image("1.0") },
    { name: "v2", image: image("2.0") },
  ];
  const open = async (name: string, program: () => Promise<void>): Promise<Stack> => {
    const stack = await openInlineStack(engine, name, program);
    stacks.push(stack);
    return stack;
  };

  before(async function () {
    engine = await requireEngine(this);
    const { mesh, kubeconfig, kubectl: program } = await testTarget();
    kubectl = new Kubectl(program, kubeconfig);
    const { gatewayValues, gateway, ...rest } = mesh as { gatewayValues: { service: object }; gateway: { address: string } };
    address = gateway.address;
    const ports = [
      { name: "status-port", port: 15021 },
      { name: "http2", port: 80 },
      { name: "https", port: 443 },
      { name: "tcp", port: TCP_PORT },
      { name: "tls", port: TLS_PORT },
    ].map(({ name, port }) => ({ name, port, targetPort: port, protocol: "TCP" }));
    const values = { ...gatewayValues, service: { ...gatewayValues.service, ports } };
    const stack = await open("gateway-mesh", async () => void new IstioMesh("istio", { ...rest, gatewayValues: values }));
    await Promise.all([stack.up(), importFortio()]);
  });

  after(async () => {
    for (const stack of stacks.reverse()) {
      await stack.destroy();
    }
    await kubectl?.run("delete", "namespace", "sealed", "--ignore-not-found");
    await (kubectl && endCallers(kubectl));
  });

  /** An app in the mesh that is there. */
  const app = (name: string, args: Omit<CanaryAppArgs, "mesh">) => new CanaryApp(name, { ...args, mesh: { install: false, gateway: { address } } });

  /** Makes a Secret of a certificate. */
  const secret = (namespace: string, name: string, { cert, key }: Certificate) =>
    kubectl.apply({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { namespace, name },
      type: "kubernetes.io/tls",
      stringData: { "tls.crt": cert, "tls.key": key },
    });

  describe("one gateway for two apps", () => {
    const certificate = selfSigned("shop.example.com");

    before(async () => {
      await secret("istio-ingress", "shop-certificate", certificate);
      const stack = await open("gateway-shared", async () => {
        const shared = new SharedGateway("shared", {
          servers: [
            { port: 80, hosts: ["shop.example.com"], httpsRedirect: true },
            { port: 80, name: "http-news", hosts: ["news.example.com"] },
            { port: 443, hosts: ["shop.example.com"], tls: { credentialName: "shop-certificate", minProtocolVersion: "TLSV1_3" } },
          ],
        });
        const gateway = { use: shared.reference };
        app("shop", { versions, weight: 20, hosts: ["shop.example.com"], gateway });
        app("news", { versions: [versions[1]], hosts: ["news.example.com"], gateway });
      });
      await stack.up();
      await untilAnswered({ url: `http://${address}/`, headers: { host: "news.example.com" } });
    });

    it("answers HTTPS with the certificate of its host, and shares the requests by the weights", async () => {
      await until(async () => (await secured(address, certificate)).status === 200);
      const sample = async () => {
        const answers: Answer[] = [];
        for (let count = 0; count < 300; count++) {
          answers.push(await secured(address, certificate));
        }
        return answers;
      };
      await assertSharesOf(sample, { "1.0": 80, "2.0": 20 });
    });

    it("refuses a version of TLS that is older than asked for", async () => {
      assert.match((await secured(address, certificate, { maxVersion: "TLSv1.2" })).error ?? "", /protocol version/i);
    });

    it("sends plain HTTP on to HTTPS", async () => {
      const { status, location } = await plain(address, "shop.example.com", "/some/path?q=1");
      assert.deepEqual([status, location], [301, "https://shop.example.com/some/path?q=1"]);
    });

    it("sends each host to its own app", async () => {
      const news = await sendMany(20, { url: `http://${address}/`, headers: { host: "news.example.com" } });
      assert.deepEqual([...new Set(news.map(({ status, version }) => `${status} ${version}`))], ["200 2.0"]);
      assert.equal((await plain(address, "other.example.com", "/")).status, 404);
    });
  });

  describe("an app of TCP", () => {
    let weight = 20;
    let stack: Stack;
    const connections = async (): Promise<Answer[]> => {
      const agent = new Agent({ keepAlive: false }); // a connection for each request
      const answers: Answer[] = [];
      for (let count = 0; count < 400; count++) {
        answers.push(await send(`http://${address}:${TCP_PORT}/`, agent));
      }
      return answers;
    };

    before(async () => {
      stack = await open("gateway-tcp", async () => {
        const gateway = { servers: [{ port: TCP_PORT, protocol: ServerProtocol.Tcp }] };
        app("bytes", { versions, weight, hosts: ["bytes.example.com"], gateway, service: { port: TCP_PORT, targetPort: 8080, protocol: ServiceProtocol.Tcp } });
      });
      await stack.up();
      await untilAnswered({ url: `http://${address}:${TCP_PORT}/` });
    });

    it("has its connections shared by the weights, 80 to 20", () => assertSharesOf(connections, { "1.0": 80, "2.0": 20 }));

    it("has them shared anew after one update", async () => {
      weight = 50;
      assert.deepEqual((await upOperations(stack)).map(({ op, name }) => `${op} ${name}`), ["update bytes-routes"]);
      await pause(1000);
      await assertSharesOf(connections, { "1.0": 50, "2.0": 50 });
    });
  });

  describe("an app that decrypts TLS itself", () => {
    const HOST = "sealed.example.com";
    const certificates: Record<string, Certificate> = { v1: selfSigned(HOST), v2: selfSigned(HOST) };
    const byVersion = async (): Promise<Answer[]> => {
      const answers: Answer[] = [];
      for (let count = 0; count < 300; count++) {
        const shown = await certificateOf(address, TLS_PORT, HOST);
        const version = Object.keys(certificates).find((name) => certificates[name].cert === shown);
        answers.push({ sentAt: 0, doneAt: 0, status: version === undefined ? 0 : 200, version });
      }
      return answers;
    };

    it("shows its own certificates through the gateway, and has its connections shared by the weights", async () => {
      await kubectl.run("create", "namespace", "sealed");
      await kubectl.run("label", "namespace", "sealed", "istio-injection=enabled");
      for (const [version, certificate] of Object.entries(certificates)) {
        await secret("sealed", `certificate-${version}`, certificate);
      }
      const stack = await open("gateway-tls", async () => {
        const sealed = ["v1", "v2"].map((name) => ({ name, podSpec: serverOfTls(`certificate-${name}`) }));
        app("sealed", {
          versions: sealed,
          weight: 30,
          hosts: [HOST],
          namespace: { create: false },
          gateway: { servers: [{ port: TLS_PORT, protocol: ServerProtocol.Tls, tls: { mode: ServerTlsMode.Passthrough } }] },
          service: { port: 443, targetPort: 8443, protocol: ServiceProtocol.Tls },
        });
      });
      await stack.up();
      await until(async () => (await certificateOf(address, TLS_PORT, HOST)) !== undefined);
      await assertSharesOf(byVersion, { v1: 70, v2: 30 });
    });
  });

  describe("an app that takes not everyone", () => {
    const fromOutside = () => ({ url: `http://${address}/`, headers: { host: "vault.example.com" } });
    let mtls: MtlsMode | undefined;
    let access: AccessRuleArgs[] | undefined;
    let stack: Stack;

    /** A request in plain text, from outside the mesh, straight to a pod: by the API server's proxy. */
    const inPlainText = async () => {
      const pod = await kubectl.run("get", "pods", "-n", "vault", "-o", "jsonpath={.items[0].metadata.name}");
      return kubectl.run("get", "--raw", `/api/v1/namespaces/vault/pods/${pod}:8080/proxy/`);
    };

    const url = (path: string) => `http://vault.vault${path}`;
    let reader: Caller;
    let stranger: Caller;

    before(async () => {
      stack = await open("gateway-guarded", async () => {
        app("vault", { versions: [versions[0]], hosts: ["vault.example.com"], mtls, access });
      });
      await stack.up();
      await untilAnswered(fromOutside());
      [reader, stranger] = await startCallers(kubectl, "reader", "stranger");
    });

    /** Whether every one of many requests gets 403: a sidecar has several connections, and those that are open keep the old rules for a while. */
    const isRefused = async (caller: Caller, path: string) => (await caller.load(url(path), { count: 40, keepAlive: false })).statuses["403"] === 40;

    it("takes plain text as long as nothing is said", async () => assert.match(await inPlainText(), /"version":"1.0"/));

    it("refuses plain text with STRICT, and takes the gateway's requests", async () => {
      mtls = MtlsMode.Strict;
      assert.deepEqual((await upOperations(stack)).map(({ op, name }) => `${op} ${name}`), ["create vault-mtls"]);
      await until(async () => inPlainText().then(() => false, (error) => /connection reset|EOF/i.test(String(error))));
      await assertSharesOf(() => sendMany(50, fromOutside()), { "1.0": 100 });
      assert.equal(await stranger.status(url("/")), 200);
    });

    it("lets in the gateway alone, with access", async () => {
      access = [{ gateway: true }];
      assert.deepEqual((await upOperations(stack)).map(({ op, name }) => `${op} ${name}`), ["create vault-access"]);
      await until(() => isRefused(stranger, "/"));
      await until(() => isRefused(reader, "/read/1"));
      await assertSharesOf(() => sendMany(50, fromOutside()), { "1.0": 100 });
    });

    it("lets in a ServiceAccount too, with a method and paths", async () => {
      access = [{ gateway: true }, { serviceAccounts: ["callers/reader"], methods: ["GET"], paths: ["/read/*"] }];
      assert.deepEqual((await upOperations(stack)).map(({ op, name }) => `${op} ${name}`), ["update vault-access"]);
      await until(async () => (await reader.status(url("/read/1"))) === 200);
      assert.equal(await reader.status(url("/write/1")), 403);
      assert.equal(await reader.status(url("/read/1"), "-X", "POST"), 403);
      assert.ok(await isRefused(stranger, "/read/1"));
      await assertSharesOf(() => sendMany(50, fromOutside()), { "1.0": 100 });
    });

    it("refuses whoever has no certificate of the mesh with 403, where plain text is taken", async () => {
      mtls = MtlsMode.Permissive;
      await stack.up();
      await until(async () => inPlainText().then(() => false, (error) => /RBAC: access denied|forbidden/i.test(String(error))));
    });
  });
});

/** Waits until something holds, 90 s at the most: a proxy closes connections that have old rules within 45 s. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 90_000; !(await holds()); await pause(100)) {
    assert.ok(performance.now() < end, `within 90 s, it did not come true that ${holds}`);
  }
}

/** One request over HTTPS to the host of a certificate, which is the only authority that is trusted. */
function secured(address: string, { cert }: Certificate, options: RequestOptions = {}): Promise<Answer> {
  const name = "shop.example.com";
  return new Promise((resolve) => {
    const request = get({ host: address, servername: name, headers: { host: name }, ca: cert, agent: false, timeout: 10_000, ...options }, (incoming) => {
      incoming.resume();
      const version = [incoming.headers["x-version"]].flat()[0];
      incoming.on("end", () => resolve({ sentAt: 0, doneAt: 0, status: incoming.statusCode ?? 0, version }));
    });
    request.on("timeout", () => request.destroy(new Error("no answer within 10 s")));
    request.on("error", (error) => resolve({ sentAt: 0, doneAt: 0, status: 0, error: error.message }));
  });
}

/** One request over HTTP, without following where it is sent on to. */
function plain(address: string, host: string, path: string): Promise<{ status?: number; location?: string }> {
  return new Promise((resolve, reject) => {
    const request = getPlain({ host: address, path, headers: { host }, agent: false, timeout: 10_000 }, (incoming) => {
      incoming.resume();
      incoming.on("end", () => resolve({ status: incoming.statusCode, location: incoming.headers.location }));
    });
    request.on("timeout", () => request.destroy(new Error("no answer within 10 s")));
    request.on("error", reject);
  });
}

/** The certificate, as PEM, that is shown to a client who asks for a server name; undefined if there is none. */
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

/** A pod that answers TLS with the certificate of a Secret. */
function serverOfTls(secretName: string): object {
  const flags = ["-http-port", "8443", "-cert", "/certificate/tls.crt", "-key", "/certificate/tls.key", "-grpc-port", "disabled", "-tcp-port", "disabled", "-udp-port", "disabled", "-redirect-port", "disabled"];
  const volumeMounts = [{ name: "certificate", mountPath: "/certificate" }];
  const readinessProbe = { tcpSocket: { port: 8443 }, periodSeconds: 1 };
  return {
    containers: [{ name: "fortio", image: FORTIO_IMAGE, imagePullPolicy: "Never", args: ["server", ...flags], volumeMounts, readinessProbe }],
    volumes: [{ name: "certificate", secret: { secretName } }],
  };
}
