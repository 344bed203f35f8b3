import assert from "node:assert/strict";
import type { Stack } from "@pulumi/pulumi/automation";
import { type AccessRuleArgs, CanaryApp, MtlsMode } from "../../components";
import { sendMany } from "../../demo/load/generator";
import { type Caller, startCallers } from "./support/callers";
import { testEngine } from "./support/engine";
import { openInlineStack } from "./support/inlineStack";
import { type SharedMesh, sharedMesh } from "./support/mesh";
import { upOperations } from "./support/operations";
import { assertSharesOf, pause, untilAnswered } from "./support/traffic";
import { until } from "./support/workload";

/** How long every proxy may take to follow a change, in milliseconds. */
const FOLLOW_MS = 1500;

describe("an app that restricts its callers", function () {
  this.timeout("20m");
  let mesh: SharedMesh;
  let callers: Record<"reader" | "stranger", Caller>;
  let stack: Stack;
  let mtls: MtlsMode | undefined;
  let access: AccessRuleArgs[] | undefined;

  const fromOutside = () => sendMany(50, { url: `http://${mesh.address}/`, headers: { host: "vault.example.com" } });
  const url = (path: string) => `http://vault.vault${path}`;
  const changes = async () => (await upOperations(stack)).map(({ op, name }) => `${op} ${name}`);

  before(async () => {
    const engine = await testEngine();
    mesh = await sharedMesh(engine);
    stack = await openInlineStack(engine, "access", async () => {
      const versions = [{ name: "v1", image: "docker.io/library/canary-demo:1.0" }];
      new CanaryApp("vault", {
        versions,
        hosts: ["vault.example.com"],
        mtls,
        access,
        mesh: { install: false, gateway: { address: mesh.address } },
      });
    });
    [callers] = await Promise.all([startCallers(mesh.kubectl, { reader: {}, stranger: {} }), stack.up()]);
    await untilAnswered({ url: `http://${mesh.address}/`, headers: { host: "vault.example.com" } });
  });

  /** A request in plain text, from outside the mesh, straight to a pod, through the API server's proxy. */
  const inPlainText = async () => {
    const pod = await mesh.kubectl.run("get", "pods", "-n", "vault", "-o", "jsonpath={.items[0].metadata.name}");
    return mesh.kubectl.run("get", "--raw", `/api/v1/namespaces/vault/pods/${pod}:8080/proxy/`);
  };
  const refusedInPlainText = (how: RegExp) => async () =>
    inPlainText().then(
      () => false as const,
      (error) => how.test(String(error)),
    );

  /** Whether every one of many requests gets 403. */
  const isRefused = async (caller: Caller, path: string) => (await caller.load(40, url(path)))["403"] === 40;

  /**
   * Opens several connections between a caller's proxy and the pod, and leaves them idle; returns how many it has
   * opened by then.
   */
  const openConnections = async (caller: Caller, path: string) => {
    assert.deepEqual(await caller.load(16, `${url(path)}?delay=300ms`, "-c", "8"), { 200: 16 });
    return (await caller.connections("vault.vault.svc.cluster.local", 80, ["v1"]))[0];
  };

  it("accepts plain text by default", async () => assert.match(await inPlainText(), /"version":"1.0"/));

  it("refuses plain text with STRICT, but accepts the gateway's requests", async () => {
    mtls = MtlsMode.Strict;
    assert.deepEqual(await changes(), ["create vault-mtls"]);
    await until("plain text is refused", refusedInPlainText(/connection reset|EOF/i));
    await assertSharesOf(fromOutside, { "1.0": 100 });
    assert.equal(await callers.stranger.status(url("/")), 200);
  });

  it("lets in the gateway alone, with access", async () => {
    const open = await openConnections(callers.stranger, "/");
    access = [{ gateway: true }];
    assert.deepEqual(await changes(), ["create vault-access"]);
    await pause(FOLLOW_MS);
    const { 200: byOldRules = 0 } = await callers.stranger.load(60, url("/"));
    assert.ok(byOldRules <= open, `${byOldRules} requests were let in over ${open} connections that were open before`);
    await until("strangers are refused", () => isRefused(callers.stranger, "/"));
    await until("readers are refused", () => isRefused(callers.reader, "/read/1"));
    await assertSharesOf(fromOutside, { "1.0": 100 });
  });

  it("lets in a ServiceAccount too, with a method and paths", async () => {
    access = [{ gateway: true }, { serviceAccounts: ["callers/reader"], methods: ["GET"], paths: ["/read/*"] }];
    assert.deepEqual(await changes(), ["update vault-access"]);
    const { reader, stranger } = callers;
    await until("readers are let in", async () => (await reader.load(40, url("/read/1")))["200"] === 40);
    assert.equal(await reader.status(url("/write/1")), 403);
    assert.equal(await reader.status(url("/read/1"), "-X", "POST"), 403);
    assert.ok(await isRefused(stranger, "/read/1"));
    await assertSharesOf(fromOutside, { "1.0": 100 });
  });

  it("answers 403 to callers without a certificate of the mesh, where plain text is accepted", async () => {
    mtls = MtlsMode.Permissive;
    await stack.up();
    await until("plain text is taken, and gets 403", refusedInPlainText(/RBAC: access denied|forbidden/i));
  });
});
