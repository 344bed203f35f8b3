import assert from "node:assert/strict";
import type { Stack } from "@pulumi/pulumi/automation";
import { CanaryApp, type CanaryAppArgs } from "../../components";
import { startLoad } from "../../demo/load/generator";
import type { Answer } from "../../demo/load/request";
import { EnvoyCounters } from "../../src/rollout/metrics/envoyCounters";
import { type Caller, startCallers } from "./support/callers";
import { ask, askHttp2 } from "./support/client";
import { cluster } from "./support/cluster";
import { testEngine } from "./support/engine";
import { openInlineStack } from "./support/inlineStack";
import { GATEWAY_PORTS, type SharedMesh, sharedMesh } from "./support/mesh";
import { upOperations } from "./support/operations";
import { assertNoneFailed, assertSharesOf, pause, untilAnswered } from "./support/traffic";
import { until } from "./support/workload";

const APP = "several-ports";
const HOST = `${APP}.example.com`;
const INSIDE = `${APP}.${APP}.svc.cluster.local`;
const CHECK = "/grpc.health.v1.Health/Check";
const SERVING = Buffer.from([0, 0, 0, 0, 2, 8, 1]);
const CALLS = GATEWAY_PORTS.tcp;
const never = new AbortController().signal;

/**
 * The demo's image answers gRPC's health checks on its port 8080, and HTTP on 8080 and on 9090, where it tells its
 * metrics with its version among them. Here the first is its port of gRPC, and the second its port of HTTP.
 */
describe("an app of two ports, HTTP and gRPC of the same pods", function () {
  this.timeout("20m");
  let mesh: SharedMesh;
  let stack: Stack;
  let caller: Caller;
  let weight = 0;
  let routes: CanaryAppArgs["routes"] = [{}];

  before(async () => {
    const engine = await testEngine();
    mesh = await sharedMesh(engine);
    ({ stranger: caller } = await startCallers(mesh.kubectl, { stranger: {} }));
    stack = await openInlineStack(engine, APP, async () => {
      new CanaryApp(APP, {
        versions: ["1.0", "2.0"].map((tag, index) => ({
          name: `v${index + 1}`,
          image: `docker.io/library/canary-demo:${tag}`,
        })),
        weight,
        hosts: [HOST],
        gateway: { servers: [{ port: 80 }, { port: CALLS, protocol: "GRPC" }] },
        service: {
          ports: [
            { name: "web", port: 80, targetPort: 9090 },
            { name: "calls", port: CALLS, targetPort: 8080, protocol: "grpc" },
          ],
        },
        pod: { readinessProbe: { grpc: {}, periodSeconds: 1 } },
        routes,
        mesh: { install: false, gateway: { address: mesh.address } },
      });
    });
    await stack.up();
    await untilAnswered({ url: `http://${mesh.address}/metrics`, headers: { host: HOST } });
    await until("gRPC is answered", async () => (await calls(1))[0].status === 200);
  });

  /** Health checks over one connection, through a port of the gateway. */
  async function calls(count: number, port: number = CALLS): Promise<Answer[]> {
    const headers = {
      ":method": "POST",
      ":path": CHECK,
      ":authority": HOST,
      "content-type": "application/grpc",
      te: "trailers",
    };
    const made = await askHttp2(count, `${mesh.address}:${port}`, headers, Buffer.alloc(5));
    return made.map(({ headers: received, trailers, body }) => ({
      sentAt: 0,
      doneAt: 0,
      status: trailers["grpc-status"] === "0" && body.equals(SERVING) ? 200 : 0,
      version: [received["x-version"]].flat()[0],
      error: `gRPC status ${received["grpc-status"] ?? trailers["grpc-status"]}`,
    }));
  }

  /** Requests of HTTP through the gateway's port 80; the version is told in the answer's text. */
  async function requests(count: number): Promise<Answer[]> {
    const answers: Answer[] = [];
    while (answers.length < count) {
      const { status, body } = await ask(`http://${mesh.address}/metrics`, { host: HOST });
      const version = /demo_requests_in_flight\{version="([^"]+)"\}/.exec(body)?.[1];
      answers.push({ sentAt: 0, doneAt: 0, status, version });
    }
    return answers;
  }

  /** Calls until it is stopped: a connection for every ten, as clients come and go. */
  function startCalls(): () => Promise<Answer[]> {
    let stopped = false;
    const answers: Answer[] = [];
    const running = (async () => {
      while (!stopped) {
        const made = await calls(10).catch((error: Error) => [
          { sentAt: 0, doneAt: 0, status: 0, error: error.message },
        ]);
        answers.push(...made);
      }
    })();
    return async () => {
      stopped = true;
      await running;
      return answers;
    };
  }

  for (const next of [30, 80, 100, 0, 30]) {
    it(`has both moved by one update of one object, and no request fails: to ${next}%`, async () => {
      weight = next;
      const load = startLoad(100, 120, { url: `http://${mesh.address}/metrics`, headers: { host: HOST } });
      const stopCalls = startCalls();
      await pause(500);
      assert.deepEqual(
        (await upOperations(stack)).map(({ op, name }) => `${op} ${name}`),
        ["update several-ports-routes"],
      );
      await pause(1000);
      const [made, called] = [await load.stop(), await stopCalls()];
      console.log(`      ${made.length} requests and ${called.length} calls beside it`);
      assert.ok(made.length > 50 && called.length > 50, "there was load");
      assertNoneFailed(made, "HTTP: ");
      assertNoneFailed(called, "gRPC: ");
      const shares = Object.fromEntries(
        Object.entries({ "1.0": 100 - next, "2.0": next }).filter(([, share]) => share > 0),
      );
      await assertSharesOf(() => requests(300), shares);
      await assertSharesOf(() => calls(300), shares);
    });
  }

  it("is reached by callers inside the mesh, on both", async () => {
    await until("the caller is answered", async () => (await caller.status(`http://${INSIDE}/metrics`)) === 200);
    assert.deepEqual(await caller.load(200, `http://${INSIDE}/metrics`), { 200: 200 });
    const load = ["load", "-quiet", "-json", "-", "-grpc", "-health", "-qps", "0", "-c", "1", "-n", "200"];
    const told = await caller.fortio(...load, `${INSIDE}:${CALLS}`);
    assert.deepEqual((JSON.parse(told) as { RetCodes: object }).RetCodes, { SERVING: 200 });
  });

  it("has its requests counted of both ports together, or of one that is named", async () => {
    const { kubeconfig } = await cluster();
    const common = { app: APP, namespace: APP, intervalSeconds: 300, cluster: { kubeconfig } };
    const sources = [undefined, 80, CALLS].map((port) => new EnvoyCounters({ ...common, port }));
    try {
      const from = Date.now();
      await Promise.all(sources.map((source) => source.start(never)));
      assertNoneFailed([...(await requests(60)), ...(await calls(40))]);
      await pause(500);
      const counted = await Promise.all(
        sources.map(async (source) => {
          const traffic = Object.values(await source.traffic({ from, to: Date.now() }, never));
          return traffic.reduce((sum, { requests: count }) => sum + count, 0);
        }),
      );
      assert.deepEqual(counted, [100, 60, 40]);
    } finally {
      sources.forEach((source) => source.stop());
    }
  });

  it("has one port of the gateway serve both, where a route says by what they are told apart", async () => {
    routes = [{ match: [{ headers: { "content-type": { prefix: "application/grpc" } } }], port: "calls" }, {}];
    await stack.up();
    await until("calls are answered on port 80", async () => (await calls(1, 80))[0].status === 200);
    await assertSharesOf(() => calls(300, 80), { "1.0": 70, "2.0": 30 });
    await assertSharesOf(() => requests(300), { "1.0": 70, "2.0": 30 });
  });
});
