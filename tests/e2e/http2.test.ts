import assert from "node:assert/strict";
import type { Stack } from "@pulumi/pulumi/automation";
import { CanaryApp, ServiceProtocol } from "../../components";
import type { Answer } from "../../demo/load/request";
import { type Caller, startCallers } from "./support/callers";
import { askHttp2, askMany } from "./support/client";
import { testEngine } from "./support/engine";
import { openInlineStack } from "./support/inlineStack";
import { type SharedMesh, sharedMesh } from "./support/mesh";
import { upOperations } from "./support/operations";
import { answeredDuring, assertCount, podsOf } from "./support/pods";
import { assertSharesOf, pause } from "./support/traffic";
import { until } from "./support/workload";

const STREAMS = "streams.example.com";
const CALLS = "calls.example.com";
const CHECK = "/grpc.health.v1.Health/Check";
const SERVING = Buffer.from([0, 0, 0, 0, 2, 8, 1]);

describe("apps of HTTP/2 and gRPC", function () {
  this.timeout("20m");
  let mesh: SharedMesh;
  let stack: Stack;
  let caller: Caller;
  let weight = 30;

  before(async () => {
    const engine = await testEngine();
    mesh = await sharedMesh(engine);
    ({ stranger: caller } = await startCallers(mesh.kubectl, { stranger: {} }));
    const versions = ["1.0", "2.0"].map((tag, index) => ({
      name: `v${index + 1}`,
      image: `docker.io/library/canary-demo:${tag}`,
    }));
    stack = await openInlineStack(engine, "http2", async () => {
      const rest = { versions, mesh: { install: false, gateway: { address: mesh.address } } };
      new CanaryApp("plain", { ...rest, weight: 0, hosts: ["plain.example.com"] });
      new CanaryApp("streams", { ...rest, weight: 30, hosts: [STREAMS], service: { protocol: ServiceProtocol.Http2 } });
      new CanaryApp("calls", {
        ...rest,
        weight,
        hosts: [CALLS],
        service: { protocol: ServiceProtocol.Grpc },
        pod: {
          readinessProbe: { grpc: {}, periodSeconds: 1 },
          livenessProbe: { grpc: {}, periodSeconds: 5, failureThreshold: 100 },
        },
      });
    });
    await stack.up();
  });

  describe("of HTTP/2", () => {
    const overHttp1 = () => askMany(300, `http://${mesh.address}/`, { host: STREAMS });
    const spoken = (bodies: readonly (string | Buffer)[]) => [
      ...new Set(bodies.map((body) => JSON.parse(String(body)).protocol)),
    ];
    const answers = (versions: readonly unknown[]): Answer[] =>
      versions.map((version) => ({ sentAt: 0, doneAt: 0, status: 200, version: String(version) }));

    it("are spoken to in HTTP/2, whatever the client speaks; apps of HTTP are not", async () => {
      await until(
        "it is answered",
        async () => (await askMany(1, `http://${mesh.address}/`, { host: STREAMS }))[0].status === 200,
      );
      assert.deepEqual(spoken((await overHttp1()).map(({ body }) => body)), ["HTTP/2.0"]);
      const overHttp2 = (host: string) => askHttp2(20, mesh.address, { ":path": "/", ":authority": host });
      assert.deepEqual(spoken((await overHttp2(STREAMS)).map(({ body }) => body)), ["HTTP/2.0"]);
      assert.deepEqual(spoken((await overHttp2("plain.example.com")).map(({ body }) => body)), ["HTTP/1.1"]);
    });

    it("have their requests shared by the weights, also those of one connection", async () => {
      await assertSharesOf(async () => answers((await overHttp1()).map(({ version }) => version)), {
        "1.0": 70,
        "2.0": 30,
      });
      const onOne = () => askHttp2(300, mesh.address, { ":path": "/", ":authority": STREAMS });
      await assertSharesOf(async () => answers((await onOne()).map(({ headers }) => headers["x-version"])), {
        "1.0": 70,
        "2.0": 30,
      });
    });

    it("have the requests of callers inside the mesh shared", async () => {
      const [, second] = await answeredDuring(mesh.kubectl, "streams", ["v1", "v2"], async () => {
        assert.deepEqual(await caller.load(300, "http://streams.streams/", "-h2", "-keepalive=true"), { 200: 300 });
      });
      assertCount("v2", second, 30, 300);
    });
  });

  describe("of gRPC", () => {
    /** Health checks of a client outside, over one connection. */
    const outside = async (count: number): Promise<Answer[]> => {
      const headers = {
        ":method": "POST",
        ":path": CHECK,
        ":authority": CALLS,
        "content-type": "application/grpc",
        te: "trailers",
      };
      const made = await askHttp2(count, mesh.address, headers, Buffer.alloc(5));
      return made.map(({ headers: received, trailers, body }) => {
        const good = trailers["grpc-status"] === "0" && body.equals(SERVING);
        return {
          sentAt: 0,
          doneAt: 0,
          status: good ? 200 : 0,
          version: [received["x-version"]].flat()[0],
          error: `gRPC status ${received["grpc-status"] ?? trailers["grpc-status"]}`,
        };
      });
    };

    /** Health checks by gRPC's own client inside the mesh, over one connection. */
    const inside = async (count: number): Promise<Record<string, number>> => {
      const told = await caller.fortio(
        "load",
        "-quiet",
        "-json",
        "-",
        "-grpc",
        "-health",
        "-qps",
        "0",
        "-c",
        "1",
        "-n",
        String(count),
        "calls.calls.svc.cluster.local:80",
      );
      return (JSON.parse(told) as { RetCodes: Record<string, number> }).RetCodes;
    };

    it("have the calls of one connection shared by the weights, through the gateway", async () => {
      await until("it is answered", async () => (await outside(1))[0].status === 200);
      await assertSharesOf(() => outside(300), { "1.0": 70, "2.0": 30 });
    });

    it("have the calls of callers inside the mesh shared", async () => {
      // The pods' own probes are calls, too: a few in the time that this takes.
      const [first, second] = await answeredDuring(mesh.kubectl, "calls", ["v1", "v2"], async () => {
        assert.deepEqual(await inside(600), { SERVING: 600 });
      });
      assert.ok(first + second >= 600, `${first + second} calls`);
      assertCount("v2", second, 30, first + second);
    });

    it("follow after one update", async () => {
      weight = 80;
      assert.deepEqual(
        (await upOperations(stack)).map(({ op, name }) => `${op} ${name}`),
        ["update calls-routes"],
      );
      await pause(1000);
      await assertSharesOf(() => outside(300), { "1.0": 20, "2.0": 80 });
    });

    it("get calls only while their gRPC probe is answered well", async () => {
      const [pod] = await podsOf(mesh.kubectl, "calls", "v2");
      const say = (to: string) =>
        mesh.kubectl.run(
          "create",
          "--raw",
          `/api/v1/namespaces/calls/pods/${pod}:8080/proxy/ready?to=${to}`,
          "-f",
          "/dev/null",
        );
      const condition = "jsonpath={.status.conditions[?(@.type=='Ready')].status}";
      const isReady = async () =>
        (await mesh.kubectl.run("get", "pod", pod, "-n", "calls", "-o", condition)) === "True";
      assert.ok(await isReady());
      await say("off");
      await until("the pod is not ready", async () => !(await isReady()));
      await say("on");
      await until("the pod is ready again", isReady);
    });
  });
});
