import assert from "node:assert/strict";
import type { StackResource } from "../../../../src/config/stackExport";
import { KubernetesApi } from "../../../../src/internal/kubernetes/api";
import { virtualService } from "../../../../src/istio/istioObjects";
import { weightedRules } from "../../../../src/istio/weightedRules";
import type { Weights } from "../../../../src/istio/weights";
import { DirectRoutes } from "../../../../src/rollout/routes/directRoutes";
import { bodyOf, type Listening, listening } from "../../internal/http/listening";

const SIGNAL = new AbortController().signal;
const APP = "urn:pulumi:dev::shop::canary-app:index:CanaryApp::shop";
const V1 = { v1: 100, v2: 0 };
const HALF = { v1: 50, v2: 50 };
const PATH = "/apis/networking.istio.io/v1/namespaces/prod/virtualservices/shop";

const specFor = (weights: Weights) =>
  virtualService(
    { hosts: ["shop.example.com"], gateway: "prod/shop", internal: false },
    { host: "shop", ports: [{ name: "http", port: 80, protocol: "http" }] },
    { routes: [{}], weights },
  );

/** The state of a stack, with changes to the component's outputs and to the VirtualService. */
function stateWith(component: object = {}, routes: Partial<StackResource> = {}): StackResource[] {
  return [
    {
      urn: APP,
      type: "canary-app:index:CanaryApp",
      outputs: { weights: V1, weightedRules: weightedRules(specFor, V1), ...component },
    },
    {
      urn: `${APP}-routes`,
      type: "kubernetes:networking.istio.io/v1:VirtualService",
      parent: APP,
      inputs: {
        apiVersion: "networking.istio.io/v1",
        kind: "VirtualService",
        metadata: { name: "shop", namespace: "prod", labels: { app: "shop" } },
        spec: specFor(V1),
      },
      outputs: { __fieldManager: "pulumi-kubernetes-1a2b" },
      ...routes,
    },
  ];
}

describe("a change of weights ahead of an up", () => {
  let server: Listening;
  let live: { metadata: object; spec: unknown };
  let answer: { status: number; body: object };
  const patches: { url?: string; type?: string; body: any }[] = [];

  before(async () => {
    server = await listening((request, response) => {
      void (async () => {
        if (request.method === "PATCH") {
          const body = JSON.parse(await bodyOf(request));
          patches.push({ url: request.url, type: request.headers["content-type"], body });
          response.writeHead(answer.status).end(JSON.stringify(answer.body));
        } else {
          const isThere = request.url === PATH;
          response.writeHead(isThere ? 200 : 404).end(JSON.stringify(isThere ? live : { message: "not found" }));
        }
      })();
    });
  });
  after(() => server.close());
  beforeEach(() => {
    patches.length = 0;
    live = { metadata: { resourceVersion: "7" }, spec: specFor(V1) };
    answer = { status: 200, body: {} };
  });

  const routes = (state: StackResource[] = stateWith()) =>
    new DirectRoutes(
      { app: "shop", namespace: "prod" },
      () =>
        KubernetesApi.of({
          kubeconfig: JSON.stringify({
            clusters: [{ name: "here", cluster: { server: server.url } }],
            contexts: [{ name: "here", context: { cluster: "here", user: "me" } }],
            users: [{ name: "me", user: {} }],
            "current-context": "here",
          }),
        }),
      async () => state,
    );

  it("is what the provider would apply, under its name, without force, and only to what was looked at", async () => {
    const change = await routes().prepare(HALF, { recorded: [V1, HALF] }, SIGNAL);
    assert.deepEqual(patches, []);
    await change.apply(SIGNAL);
    const inputs = stateWith()[1].inputs as { metadata: object };
    assert.deepEqual(patches, [
      {
        url: `${PATH}?fieldManager=pulumi-kubernetes-1a2b&force=false`,
        type: "application/apply-patch+yaml",
        body: { ...inputs, metadata: { ...inputs.metadata, resourceVersion: "7" }, spec: specFor(HALF) },
      },
    ]);
  });

  it("is made to what an earlier change left that no up has recorded", async () => {
    live.spec = specFor(HALF);
    await assert.rejects(
      routes().prepare(V1, { recorded: [V1, HALF] }, SIGNAL),
      /VirtualService shop was changed since the last/,
    );
    await (await routes().prepare(V1, { recorded: [V1], pending: HALF }, SIGNAL)).apply(SIGNAL);
    assert.deepEqual(patches[0].body.spec, specFor(V1));
  });

  it("says why the API server refuses it", async () => {
    answer = { status: 409, body: { message: 'conflict with "kubectl"' } };
    const change = await routes().prepare(HALF, { recorded: [V1, HALF] }, SIGNAL);
    await assert.rejects(change.apply(SIGNAL), /answered 409 to PATCH .*: conflict with "kubectl"/);
  });

  const refusals: [name: string, state: StackResource[], why: RegExp][] = [
    ["no such object in the state", stateWith().slice(0, 1), /the stack's state has no VirtualService shop/],
    ["two of them", [...stateWith(), stateWith()[1]], /more than one VirtualService shop/],
    ["one that is on its way out", stateWith({}, { delete: true }), /has no VirtualService shop/],
    ["one of another namespace", stateWith({}, { inputs: { metadata: { name: "shop" } } }), /has no VirtualService/],
    ["pods that come first", stateWith({ weightedRules: undefined }), /the number of pods has to change/],
    ["no component", stateWith({}, { parent: undefined }), /the number of pods has to change/],
    ["no field manager", stateWith({}, { outputs: {} }), /does not tell the field manager/],
    ["other weights than the component's", stateWith({ weights: HALF }), /do not have the weights of the last/],
  ];
  for (const [name, state, why] of refusals) {
    it(`is not made where there is ${name}`, async () => {
      await assert.rejects(routes(state).prepare(HALF, { recorded: [V1, HALF] }, SIGNAL), why);
    });
  }

  it("is not made where the program has made something else of the config", async () => {
    await assert.rejects(
      routes().prepare(V1, { recorded: [HALF] }, SIGNAL),
      /the last `pulumi up` has recorded other weights \(v1 100, v2 0\)/,
    );
  });

  it("is not made to an object that somebody has changed, is deleting or has deleted", async () => {
    live.spec = { ...specFor(V1), hosts: ["other.example.com"] };
    await assert.rejects(
      routes().prepare(HALF, { recorded: [V1, HALF] }, SIGNAL),
      /was changed since the last `pulumi up`/,
    );
    live = { metadata: { resourceVersion: "7", deletionTimestamp: "2030-01-01T00:00:00Z" }, spec: specFor(V1) };
    await assert.rejects(
      routes().prepare(HALF, { recorded: [V1, HALF] }, SIGNAL),
      /was changed since the last `pulumi up`/,
    );
    const other = stateWith({}, { inputs: { ...stateWith()[1].inputs, apiVersion: "networking.istio.io/v1beta1" } });
    await assert.rejects(routes(other).prepare(HALF, { recorded: [V1, HALF] }, SIGNAL), /answered 404 .*: not found/);
  });
});
