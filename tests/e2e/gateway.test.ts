import assert from "node:assert/strict";
import { get as getPlain } from "node:http";
import type { RequestOptions } from "node:https";
import type { Stack } from "@pulumi/pulumi/automation";
import { CanaryApp, ServerTlsMode, SharedGateway, TlsMode } from "../../components";
import { sendMany } from "../../demo/load/generator";
import type { Answer } from "../../demo/load/request";
import { NETWORKING_API } from "../../src/istio/istioObjects";
import { type Caller, startCallers } from "./support/callers";
import { selfSigned, tlsSecret } from "./support/certificate";
import { askSecured } from "./support/client";
import { clusterGround } from "./support/cluster";
import { testEngine } from "./support/engine";
import { openInlineStack } from "./support/inlineStack";
import { GATEWAY_PORTS, type SharedMesh, sharedMesh } from "./support/mesh";
import { answeredDuring, assertCount } from "./support/pods";
import { assertSharesOf, untilAnswered } from "./support/traffic";
import { until } from "./support/workload";

const INGRESS = "istio-ingress";
/** One host for each way in which the gateway treats TLS. */
const HOSTS = {
  simple: "shop.example.com",
  mutual: "members.example.com",
  optional: "guests.example.com",
  mesh: "inside.example.com",
};

describe("one gateway for two apps", function () {
  this.timeout("20m");
  let mesh: SharedMesh;
  let stack: Stack;
  let caller: Caller;
  const certificates = {
    simple: selfSigned(HOSTS.simple),
    mutual: selfSigned(HOSTS.mutual),
    optional: selfSigned(HOSTS.optional),
  };
  // Each is its own authority.
  const client = selfSigned("client.example.com");
  const stranger = selfSigned("stranger.example.com");

  const versions = [
    { name: "v1", image: "docker.io/library/canary-demo:1.0" },
    { name: "v2", image: "docker.io/library/canary-demo:2.0" },
  ];

  before(async () => {
    const engine = await testEngine();
    mesh = await sharedMesh(engine);
    await (await clusterGround()).claim("shop");
    const { kubectl, address } = mesh;
    await kubectl.apply(tlsSecret(INGRESS, "simple", certificates.simple));
    await kubectl.apply(tlsSecret(INGRESS, "mutual", certificates.mutual, client));
    await kubectl.apply(tlsSecret(INGRESS, "optional", certificates.optional));
    await kubectl.apply({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { namespace: INGRESS, name: "clients" },
      stringData: { "ca.crt": client.cert },
    });
    ({ stranger: caller } = await startCallers(kubectl, { stranger: {} }));
    stack = await openInlineStack(engine, "gateway-shared", async () => {
      const shared = new SharedGateway("shared", {
        servers: [
          { port: 80, hosts: [HOSTS.simple], httpsRedirect: true },
          { port: 80, name: "http-news", hosts: ["news.example.com"] },
          { port: 443, hosts: [HOSTS.simple], tls: { credentialName: "simple", minProtocolVersion: "TLSV1_3" } },
          {
            port: 443,
            name: "https-members",
            hosts: [HOSTS.mutual],
            tls: { mode: ServerTlsMode.Mutual, credentialName: "mutual" },
          },
          {
            port: 443,
            name: "https-guests",
            hosts: [HOSTS.optional],
            tls: { mode: ServerTlsMode.OptionalMutual, credentialName: "optional", caCertCredentialName: "clients" },
          },
          { port: GATEWAY_PORTS.mesh, hosts: [HOSTS.mesh], tls: { mode: ServerTlsMode.IstioMutual } },
        ],
      });
      const rest = { gateway: { use: shared.reference }, mesh: { install: false, gateway: { address } } };
      new CanaryApp("shop", { ...rest, versions, weight: 20, hosts: Object.values(HOSTS) });
      new CanaryApp("news", { ...rest, versions: [versions[1]], hosts: ["news.example.com"] });
    });
    await stack.up();
    await untilAnswered({ url: `http://${address}/`, headers: { host: "news.example.com" } });
  });

  after(() =>
    mesh?.kubectl.run(
      "delete",
      "secret",
      "-n",
      INGRESS,
      "simple",
      "mutual",
      "optional",
      "clients",
      "--ignore-not-found",
    ),
  );

  /** One request over HTTPS that trusts only the certificate of its host. */
  const ask = (way: keyof typeof certificates, options: RequestOptions = {}) =>
    askSecured(mesh.address, HOSTS[way], certificates[way], options);

  const askMany = async (
    count: number,
    way: keyof typeof certificates,
    options: RequestOptions = {},
  ): Promise<Answer[]> => {
    const answers: Answer[] = [];
    for (let left = count; left > 0; left--) {
      answers.push(await ask(way, options));
    }
    return answers;
  };

  /** Asserts that the gateway ends the handshake with this alert; a closed connection may lose it. */
  const assertRefused = ({ status, error }: Answer, alert: RegExp) => {
    assert.equal(status, 0);
    assert.match(error ?? "", new RegExp(`${alert.source}|ECONNRESET|socket hang up`, "i"));
  };

  it("answers HTTPS with the certificate of its host, and shares the requests by the weights", async () => {
    await until("HTTPS is answered", async () => (await ask("simple")).status === 200);
    await assertSharesOf(() => askMany(300, "simple"), { "1.0": 80, "2.0": 20 });
  });

  it("refuses a version of TLS that is older than asked for", async () => {
    assert.match((await ask("simple", { maxVersion: "TLSv1.2" })).error ?? "", /protocol version/i);
    await until("another host takes it", async () => (await ask("optional", { maxVersion: "TLSv1.2" })).status === 200);
  });

  it("sends plain HTTP on to HTTPS", async () => {
    const { status, location } = await plain(mesh.address, HOSTS.simple, "/some/path?q=1");
    assert.deepEqual([status, location], [301, `https://${HOSTS.simple}/some/path?q=1`]);
  });

  it("sends each host to its own app", async () => {
    const news = await sendMany(20, { url: `http://${mesh.address}/`, headers: { host: "news.example.com" } });
    assert.deepEqual([...new Set(news.map(({ status, version }) => `${status} ${version}`))], ["200 2.0"]);
    assert.equal((await plain(mesh.address, "other.example.com", "/")).status, 404);
  });

  it("lets in only clients with a certificate of the given authority, with MUTUAL", async () => {
    await until("a client is let in", async () => (await ask("mutual", client)).status === 200);
    await assertSharesOf(() => askMany(200, "mutual", client), { "1.0": 80, "2.0": 20 });
    for (let count = 0; count < 5; count++) {
      assertRefused(await ask("mutual"), /certificate required/);
      assertRefused(await ask("mutual", stranger), /unknown ca|bad certificate/);
    }
  });

  it("lets in clients without a certificate, but none with one of another authority, with OPTIONAL_MUTUAL", async () => {
    await until("a client is let in", async () => (await ask("optional", client)).status === 200);
    await assertSharesOf(() => askMany(50, "optional", client).then(versionless), { any: 100 });
    await assertSharesOf(() => askMany(50, "optional").then(versionless), { any: 100 });
    for (let count = 0; count < 5; count++) {
      assertRefused(await ask("optional", stranger), /unknown ca|bad certificate/);
    }
  });

  describe("for callers that are proxies of the mesh, with ISTIO_MUTUAL", () => {
    const url = `http://istio-ingressgateway.${INGRESS}:${GATEWAY_PORTS.mesh}/`;
    const host = ["-H", `Host: ${HOSTS.mesh}`];
    const rule = {
      apiVersion: NETWORKING_API,
      kind: "DestinationRule",
      metadata: { namespace: INGRESS, name: "gateway-callers" },
    };

    before(() => {
      const tls = { mode: TlsMode.IstioMutual, sni: HOSTS.mesh };
      const trafficPolicy = { portLevelSettings: [{ port: { number: GATEWAY_PORTS.mesh }, tls }] };
      return mesh.kubectl.apply({
        ...rule,
        spec: { host: `istio-ingressgateway.${INGRESS}.svc.cluster.local`, trafficPolicy },
      });
    });

    after(() => mesh.kubectl.run("delete", "destinationrule", rule.metadata.name, "-n", INGRESS));

    it("lets in a caller of the mesh, and shares its requests by the weights", async () => {
      await until("the caller is let in", async () => (await caller.status(url, ...host)) === 200);
      const [, second] = await answeredDuring(mesh.kubectl, "shop", ["v1", "v2"], async () => {
        assert.deepEqual(await caller.load(200, url, ...host), { 200: 200 });
      });
      assertCount("v2", second, 20, 200);
    });

    it("refuses callers without a certificate of the mesh", async () => {
      const options = { port: GATEWAY_PORTS.mesh, rejectUnauthorized: false };
      for (const shown of [{}, client]) {
        assertRefused(
          await askSecured(mesh.address, HOSTS.mesh, client, { ...options, ...shown }),
          /certificate required|unknown ca|bad certificate|certificate unknown/,
        );
      }
    });
  });
});

/** The responses without their versions, where only their success counts. */
function versionless(answers: readonly Answer[]): Answer[] {
  return answers.map((answer) => ({ ...answer, version: answer.version === undefined ? undefined : "any" }));
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
