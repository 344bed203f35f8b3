import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { guardInlinePrograms } from "../../../../src/internal/pulumiSdk/inlinePrograms";

const requirePulumi = createRequire(require.resolve("@pulumi/pulumi/package.json"));
const grpc = requirePulumi("@grpc/grpc-js");
const { LanguageServer } = requirePulumi("./automation/server");
const settings = requirePulumi("./runtime/settings");
const messages = {
  engine: requirePulumi("./proto/engine_pb"),
  language: requirePulumi("./proto/language_pb"),
  monitor: requirePulumi("./proto/resource_pb"),
};
const { ResourceMonitorService } = requirePulumi("./proto/resource_grpc_pb");
const { EngineClient, EngineService } = requirePulumi("./proto/engine_grpc_pb");
const { Empty } = requirePulumi("google-protobuf/google/protobuf/empty_pb.js");

type Answer = (call: unknown, callback: (error: unknown, answer?: unknown) => void) => void;

/** A server of the engine, on a port of its own. */
async function serve(
  service: Record<string, unknown>,
  answers: Record<string, Answer>,
  address = "127.0.0.1:0",
): Promise<{ address: string; close(): void }> {
  const server = new grpc.Server();
  const unasked: Answer = (_, callback) => callback({ code: grpc.status.UNIMPLEMENTED });
  server.addService(service, {
    ...Object.fromEntries(Object.keys(service).map((name) => [name, unasked])),
    ...answers,
  });
  const port = await new Promise<number>((done, fail) =>
    server.bindAsync(address, grpc.ServerCredentials.createInsecure(), (error: Error | null, bound: number) =>
      error ? fail(error) : done(bound),
    ),
  );
  return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() };
}

const setRootResource: Answer = (_, callback) => callback(null, new messages.engine.SetRootResourceResponse());
const ANSWERS = { setRootResource, log: ((_, callback) => callback(null, new Empty())) as Answer };

describe("a program that is a function", () => {
  let registered: string[];
  let monitor: Awaited<ReturnType<typeof serve>>;
  let engine: typeof monitor;

  before(async () => {
    guardInlinePrograms(require);
    monitor = await serve(ResourceMonitorService, {
      supportsFeature: (_, callback) => callback(null, new messages.monitor.SupportsFeatureResponse()),
      registerResource: (call, callback) => {
        const { request } = call as { request: { getType(): string } };
        registered.push(request.getType());
        const answer = new messages.monitor.RegisterResourceResponse();
        answer.setUrn(`urn:pulumi:dev::shop::${request.getType()}::shop-dev`);
        callback(null, answer);
      },
      registerResourceOutputs: (_, callback) => callback(null, new Empty()),
      signalAndWaitForShutdown: (_, callback) => callback(null, new Empty()),
    });
    engine = await serve(EngineService, ANSWERS);
  });
  after(() => {
    monitor.close();
    engine.close();
  });
  beforeEach(() => (registered = []));

  /** Runs it as Pulumi's CLI has it run; gives what the CLI is told. */
  function run(program: () => Promise<void>, engineAddress = engine.address): Promise<string> {
    const request = new messages.language.RunRequest();
    request.setProject("shop");
    request.setStack("dev");
    request.setMonitorAddress(monitor.address);
    request.setArgsList([engineAddress]);
    return new Promise((done) =>
      new LanguageServer(program).run({ request }, (error: Error | undefined, answer?: { getError(): string }) =>
        done(error?.message ?? answer?.getError() ?? ""),
      ),
    );
  }

  it("has run where it came to its end", async () => {
    assert.equal(await run(async () => undefined), "");
    assert.deepEqual(registered, ["pulumi:pulumi:Stack"]);
  });

  it("has failed, with what it says, where it says so", async () => {
    assert.equal(await run(async () => Promise.reject(new Error("no weight is set"))), "no weight is set");
  });

  it("has failed where the engine was not there when it began: all that it did not register would be deleted", async () => {
    let began = false;
    const gone = await serve(EngineService, {});
    gone.close();
    const said = await run(async () => void (began = true), gone.address);
    assert.match(
      said,
      /^the connection to Pulumi's engine was lost before all resources were registered, and nothing is deleted: 14 UNAVAILABLE/,
    );
    assert.deepEqual([registered, began], [["pulumi:pulumi:Stack"], false]);
  });

  for (const [code, name] of [
    [14, "UNAVAILABLE"],
    [1, "CANCELLED"],
  ] as const) {
    it(`has failed where it lost the engine in its middle: ${name}`, async () => {
      const lost = Object.assign(new Error(`${code} ${name}: lost`), { code });
      assert.match(
        await run(async () => Promise.reject(lost)),
        new RegExp(`^the connection to Pulumi's engine was lost .*: ${code} ${name}: lost$`),
      );
    });
  }

  it("reaches its engine on a port where one was that is gone, and that somebody still looks for", async () => {
    const earlier = await serve(EngineService, ANSWERS);
    const client = new EngineClient(earlier.address, grpc.credentials.createInsecure(), settings.grpcClientOptions);
    const ask = () =>
      new Promise<boolean>((done) =>
        client.setRootResource(new messages.engine.SetRootResourceRequest(), (error: unknown) => done(!error)),
      );
    assert.equal(await ask(), true);
    earlier.close();
    assert.equal(await ask(), false);
    const later = await serve(EngineService, ANSWERS, earlier.address);
    try {
      assert.equal(await run(async () => undefined, later.address), "");
    } finally {
      client.close();
      later.close();
    }
  });

  it("is guarded once, however often that is asked for", async () => {
    guardInlinePrograms(require);
    const said = await run(async () => Promise.reject(Object.assign(new Error("14 UNAVAILABLE: lost"), { code: 14 })));
    assert.equal(said.split("the connection to").length, 2);
  });
});
