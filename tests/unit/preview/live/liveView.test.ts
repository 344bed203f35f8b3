import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { KubernetesApi } from "../../../../src/internal/kubernetes/api";
import { ChangeKind, type ObservedChanges, type ResourceChange } from "../../../../src/preview/change/resourceChange";
import { lookAtCluster } from "../../../../src/preview/live/liveView";
import { reportOf } from "../appChange";
import { RECORDED } from "./recorded";

const SIGNAL = new AbortController().signal;
const NETWORKING = "/apis/networking.istio.io/v1";

const kinds = (...resources: [name: string, kind: string][]) => ({
  resources: resources.map(([name, kind]) => ({ name, kind, namespaced: kind !== "Namespace" })),
});
const virtualService = (name: string) => ({
  apiVersion: "networking.istio.io/v1",
  kind: "VirtualService",
  metadata: { name, namespace: name },
  spec: { hosts: ["shop.example.com"], http: [{ route: [{ destination: { host: name } }] }] },
});

/** What an API server answers, by path; all else is not there. */
const ANSWERS: Record<string, object> = {
  "/api/v1": kinds(["namespaces", "Namespace"], ["services", "Service"], ["services/proxy", "Service"]),
  "/apis/apps/v1": kinds(["deployments", "Deployment"], ["deployments/scale", "Scale"]),
  [NETWORKING]: kinds(["virtualservices", "VirtualService"], ["gateways", "Gateway"]),
  "/apis/apps/v1/namespaces/shop/deployments/shop-v1": RECORDED.restarted,
  "/api/v1/namespaces/shop": { kind: "Namespace", metadata: { name: "shop" } },
  [`${NETWORKING}/virtualservices`]: { items: [virtualService("shop"), virtualService("web")] },
  [`${NETWORKING}/gateways`]: { items: [] },
};

const change = (kind: ChangeKind, object: any, more: Partial<ResourceChange> = {}): ResourceChange => ({
  urn: `${object.kind} ${object.metadata.name}`,
  type: `kubernetes:${object.apiVersion}:${object.kind}`,
  name: object.metadata.name,
  kind,
  after: object,
  ...(kind === ChangeKind.Update && { before: object }),
  ...more,
});
const { metadata, ...rest } = RECORDED.untouched;
const DEPLOYMENT = { ...rest, metadata: { name: metadata.name, namespace: metadata.namespace } };
const NAMESPACE = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
const SERVICE = { apiVersion: "v1", kind: "Service", metadata: { name: "shop", namespace: "shop" } };

describe("a look at the cluster, through its API server", () => {
  let server: Server;
  let refused: RegExp | undefined;
  const asked: string[] = [];

  before(async () => {
    server = createServer(({ url = "" }, response) => {
      asked.push(url);
      const status = refused?.test(url) ? 403 : url in ANSWERS ? 200 : 404;
      response.writeHead(status).end(JSON.stringify(status === 200 ? ANSWERS[url] : { message: "no" }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(() => server.close());
  beforeEach(() => {
    refused = undefined;
    asked.length = 0;
  });

  const openApi = () => {
    const { port } = server.address() as AddressInfo;
    const kubeconfig = JSON.stringify({
      "current-context": "c",
      clusters: [{ name: "c", cluster: { server: `http://127.0.0.1:${port}` } }],
      contexts: [{ name: "c", context: { cluster: "c" } }],
    });
    return KubernetesApi.of({ kubeconfig });
  };
  const changesOf = (...resources: ResourceChange[]): ObservedChanges => ({
    resources,
    drift: [],
    diagnostics: [],
    policies: [],
  });
  async function warningsOf(...resources: ResourceChange[]): Promise<[string, string][]> {
    const changes = changesOf(...resources);
    const live = await lookAtCluster(changes, openApi, SIGNAL);
    return reportOf(changes, [], live)
      .warnings.filter(({ code }) =>
        ["unverified", "kubectl-undone", "exists-already", "claimed-elsewhere"].includes(code),
      )
      .map(({ code, text }) => [code, text]);
  }

  it("warns of a restart that an update takes back, with the pods that are replaced", async () => {
    const [[code, text], ...more] = await warningsOf(change(ChangeKind.Update, DEPLOYMENT));
    assert.deepEqual([code, more], ["kubectl-undone", []]);
    assert.match(
      text,
      /^Deployment shop-v1: the up reverts what was changed with kubectl, and all its pods are replaced: spec\.template\.metadata\.annotations\.kubectl\.kubernetes\.io\/restartedAt \(by kubectl-rollout\), now 2026-03-01T12:00:00Z, goes\./,
    );
  });

  it("asks nothing about what stays as it is, or goes", async () => {
    assert.deepEqual(await warningsOf(change(ChangeKind.Same, DEPLOYMENT)), []);
    assert.deepEqual(
      await warningsOf(change(ChangeKind.Delete, DEPLOYMENT, { before: DEPLOYMENT, after: undefined })),
      [],
    );
    assert.deepEqual(
      asked.filter((path) => path.includes("deployments/")),
      [],
    );
  });

  it("warns of what is to be created and is there, unless it is imported", async () => {
    const created = [change(ChangeKind.Create, NAMESPACE), change(ChangeKind.Create, SERVICE)];
    const [[code, text], ...more] = await warningsOf(...created);
    assert.deepEqual([code, more], ["exists-already", []]);
    assert.match(text, /^Namespace shop: shop is on the cluster already and not in this stack/);
    assert.deepEqual(await warningsOf(change(ChangeKind.Create, NAMESPACE, { isImport: true })), []);
  });

  it("warns of a host that another stack's routes have, and not of the stack's own", async () => {
    const own = change(ChangeKind.Update, virtualService("shop"));
    const [[code, text], ...more] = await warningsOf(own);
    assert.deepEqual([code, more], ["claimed-elsewhere", []]);
    assert.match(
      text,
      /^VirtualService shop\/shop: VirtualService web\/web, which is not in this stack, has the host shop/,
    );
    assert.deepEqual(await warningsOf(own, change(ChangeKind.Same, virtualService("web"))), []);
  });

  it("says what it may not read", async () => {
    refused = /deployments\/|virtualservices$/;
    const codes = await warningsOf(
      change(ChangeKind.Update, DEPLOYMENT),
      change(ChangeKind.Update, virtualService("shop")),
    );
    assert.deepEqual(
      codes.map(([code]) => code),
      ["unverified", "unverified"],
    );
    assert.match(codes[0][1], /what others did to shop-v1 is not known \(the API server answered 403/);
    assert.match(
      codes[1][1],
      /whether other objects of the cluster have the same hosts and ports is not known \(.*403/,
    );
  });

  it("looks on each provider's own cluster, and says of one that is not known why", async () => {
    const providers: (string | undefined)[] = [];
    const one = change(ChangeKind.Update, DEPLOYMENT, { provider: "east" });
    const two = change(ChangeKind.Update, SERVICE, { provider: "west" });
    const live = await lookAtCluster(
      changesOf(one, two),
      async (provider) => {
        providers.push(provider);
        if (provider === "west") {
          throw new Error("the Kubernetes provider west is not in the state of the stack");
        }
        return openApi();
      },
      SIGNAL,
    );
    assert.deepEqual(providers, ["east", "west"]);
    assert.deepEqual(live.unread, ["the Kubernetes provider west is not in the state of the stack"]);
    assert.deepEqual(
      live.undone.map(({ change: { name } }) => name),
      ["shop-v1"],
    );
  });
});
