import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { LocalWorkspace, PulumiCommand, Stack } from "@pulumi/pulumi/automation";
import { RepeatableSignal, withoutNeedlessCalls } from "../../../../src/internal/pulumiSdk/automation";
import { engineTakesHooks } from "../../../../src/internal/pulumiSdk/hooks";
import { isOutput, isResource, isSecretSent } from "../../../../src/internal/pulumiSdk/marks";
import { registered } from "../../../../src/internal/pulumiSdk/registered";
import { type SentResource, deserialized, runWithStandIn } from "../../../../src/internal/pulumiSdk/standInEngine";
import { typeScriptCompiler, typeScriptModules } from "../../../../src/internal/pulumiSdk/typeScript";

/*
 * Each part of Pulumi's SDK that is not public, tried with the SDK that is installed: `npm run test:sdks` has it be the
 * oldest and the newest that are known to work. How programs are guarded, and what is unknown in a preview, have tests
 * of their own: inlinePrograms.test.ts, unknownValues.test.ts.
 */

class Thing extends pulumi.CustomResource {
  constructor(name: string, inputs: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    super("test:index:Thing", name, inputs, opts);
  }
}

/**
 * A CLI that writes down how it is called; an `up` of it ends when it was interrupted as often as `INTERRUPTS` says.
 */
const CLI = `#!/bin/sh
echo "$*" >> "$CALLS"
case "$1" in
  version) echo v3.999.0 ;;
  up)
    count=0
    trap 'count=$((count + 1)); echo interrupted >> "$CALLS"' INT
    echo begun >> "$CALLS"
    while [ $count -lt "$INTERRUPTS" ]; do sleep 0.02; done ;;
  stack) case "$2" in output) echo '{}' ;; history) echo '[]' ;; esac ;;
esac
`;

describe("Automation, of the installed SDK", function () {
  this.timeout(60_000);
  let folder: string;
  /** The first word of each line that the CLI has written. */
  const calls = () =>
    readFileSync(join(folder, "calls"), "utf8")
      .trim()
      .split("\n")
      .map((line) => line.replace(/ .*--.*/, ""));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "canary-contract-"));
    mkdirSync(join(folder, "bin"));
    writeFileSync(join(folder, "bin/pulumi"), CLI);
    chmodSync(join(folder, "bin/pulumi"), 0o755);
    writeFileSync(join(folder, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
    process.env.CALLS = join(folder, "calls");
  });
  afterEach(() => {
    delete process.env.CALLS;
    rmSync(folder, { recursive: true });
  });

  async function open(interrupts = 0): Promise<Stack> {
    const pulumiCommand = withoutNeedlessCalls(await PulumiCommand.get({ root: folder }));
    const workspace = await LocalWorkspace.create({
      workDir: folder,
      pulumiCommand,
      envVars: { INTERRUPTS: String(interrupts) },
    });
    return Stack.select("dev", workspace);
  }

  it("starts the CLI once for an up, if it is not let do needless calls", async () => {
    const stack = await open();
    await stack.up({ onEvent: () => undefined });
    await stack.up();
    assert.deepEqual(calls(), ["version", "up", "begun", "up", "begun"]);
  });

  it("interrupts the CLI each time that a signal is given", async () => {
    const stack = await open(2);
    const ending = new RepeatableSignal();
    const up = stack.up({ signal: ending.signal });
    for (let given = 0; given < 2; given++) {
      await until(
        () =>
          existsSync(join(folder, "calls")) &&
          calls().filter((each) => each !== "version" && each !== "up").length > given,
      );
      ending.give();
    }
    await up;
    assert.deepEqual(calls(), ["version", "up", "begun", "interrupted", "interrupted"]);
  });

  it("interrupts the CLI at once that it starts after the signal was given: it does not go on", async () => {
    const stack = await open(1);
    const ending = new RepeatableSignal();
    ending.give();
    await stack.up({ signal: ending.signal }).catch((error: unknown) => assert.match(String(error), /SIGINT/));
  });
});

describe("a signal that can be given more than once", () => {
  it("is heard each time, by whoever listens by then, and by whoever listens later once at once", async () => {
    const heard: string[] = [];
    const ending = new RepeatableSignal();
    ending.signal.addEventListener("abort", () => heard.push("early"));
    assert.equal(ending.signal.aborted, false);
    ending.give();
    assert.deepEqual([heard, ending.signal.aborted], [["early"], true]);
    ending.signal.addEventListener("abort", () => heard.push("late"));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(heard, ["early", "late"]);
    ending.give();
    assert.deepEqual(heard, ["early", "late", "early", "late"]);
  });
});

describe("a stand-in for the engine, of the installed SDK", () => {
  const context = { project: "shop", stack: "dev", config: { "shop:weight": "5" }, preview: false };

  async function run(program: () => unknown): Promise<{ sent: SentResource[]; answered: string[]; hooks: string[] }> {
    const sent: SentResource[] = [];
    const answered: string[] = [];
    const hooks: string[] = [];
    await runWithStandIn(program, context, {
      answer: ({ name, inputs }) => (answered.push(name), { id: `${name}-id`, state: inputs }),
      call: () => undefined,
      sent: (resource) => sent.push(resource),
      hook: ({ name }) => hooks.push(name),
    });
    return { sent, answered, hooks };
  }

  it("is told of resources as they are sent, and of hooks", async () => {
    const { sent, answered, hooks } = await run(() => {
      const before = new pulumi.ResourceHook("before", () => undefined);
      const one = new Thing("one", { size: 5 });
      const hooked = { beforeUpdate: [before], afterUpdate: [before] };
      new Thing("two", { secret: pulumi.secret("closed") }, { dependsOn: [one], parent: one, hooks: hooked });
      new Thing("read", {}, { id: "there" });
    });
    const stack = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev";
    const one = "urn:pulumi:dev::shop::pulumi:pulumi:Stack$test:index:Thing::one";
    const type = "test:index:Thing";
    const free = { parent: stack, dependencies: [], hooks: { beforeUpdate: [], afterUpdate: [] } };
    const bound = { parent: one, dependencies: [one], hooks: { beforeUpdate: ["before"], afterUpdate: ["before"] } };
    assert.deepEqual([answered.sort(), hooks], [["one", "read", "shop-dev", "two"], ["before"]]);
    const told = (name: string) => sent.filter((resource) => resource.name === name);
    assert.deepEqual(told("one"), [{ type, name: "one", inputs: { size: 5 }, managed: true, ...free }]);
    assert.deepEqual(told("read"), [{ type, name: "read", inputs: {}, managed: false, ...free }]);
    assert.deepEqual(
      told("two").map(({ inputs: _, ...rest }) => rest),
      [{ type, name: "two", managed: true, ...bound }],
    );
  });

  it("has secrets in wrappings that are known, and are taken off", async () => {
    const { sent } = await run(() => void new Thing("one", { secret: pulumi.secret("closed"), open: "open" }));
    const { secret, open } = sent.find(({ name }) => name === "one")?.inputs ?? assert.fail("nothing was sent");
    assert.deepEqual([isSecretSent(secret), isSecretSent(open)], [true, false]);
    assert.deepEqual(deserialized({ list: [open] }), { list: ["open"] });
  });

  it("takes hooks, and gives the config and the project", async () => {
    let told: unknown;
    await run(() => (told = [engineTakesHooks(), pulumi.runtime.allConfig(), pulumi.getProject(), pulumi.getStack()]));
    assert.deepEqual(told, [true, { "shop:weight": "5" }, "shop", "dev"]);
  });

  it("tells when a resource is registered, and no sooner", async () => {
    const order: string[] = [];
    let release!: () => void;
    const held = new Promise<void>((resolve) => (release = resolve));
    await run(async () => {
      const thing = new Thing("one", { size: held.then(() => 5) });
      const seen = registered(thing).then(() => order.push("registered"));
      await new Promise((resolve) => setTimeout(resolve, 20));
      order.push("released");
      release();
      await seen;
    });
    assert.deepEqual(order, ["released", "registered"]);
  });

  it("lets nothing be held for registered that fails", async () => {
    let told = "";
    const program = () => registered(new Thing("one", {})).catch((error: unknown) => (told = String(error)));
    const refuse = ({ name, inputs }: pulumi.runtime.MockResourceArgs) => {
      if (name === "one") {
        throw new Error("the engine refuses it");
      }
      return { id: name, state: inputs };
    };
    await runWithStandIn(program, context, {
      answer: refuse,
      sent: () => undefined,
      hook: () => undefined,
      call: () => undefined,
    }).catch(() => undefined);
    assert.match(told, /the engine refuses it/);
  });
});

describe("the marks of the installed SDK", () => {
  it("tell outputs and resources from all else", async () => {
    let marks: unknown;
    const program = () => {
      const thing = new Thing("one", {});
      marks = [pulumi.output(1), thing.id, thing, {}, "text", null, undefined].map((each) => [
        isOutput(each),
        isResource(each),
      ]);
    };
    const context = { project: "shop", stack: "dev", config: {}, preview: false };
    await runWithStandIn(program, context, {
      answer: () => ({ id: "x", state: {} }),
      sent: () => undefined,
      hook: () => undefined,
      call: () => undefined,
    });
    const none = [false, false];
    assert.deepEqual(marks, [[true, false], [true, false], [false, true], none, none, none, none]);
  });
});

describe("the engine that the installed SDK talks to", () => {
  it("is known by a client that takes hooks", () => {
    const { ResourceMonitorClient } = require("@pulumi/pulumi/proto/resource_grpc_pb") as {
      ResourceMonitorClient: { prototype: object };
    };
    assert.ok("registerResourceHook" in ResourceMonitorClient.prototype);
  });

  it("takes no hooks in a user's own unit tests", async () => {
    const newResource = ({ name, inputs }: pulumi.runtime.MockResourceArgs) => ({ id: name, state: inputs });
    await pulumi.runtime.setMocks({ newResource, call: ({ inputs }) => inputs });
    assert.equal(engineTakesHooks(), false);
  });
});

describe("what compiles TypeScript, by the installed SDK", () => {
  it("is ts-node with a compiler", () => {
    const { tsNode, compiler } = typeScriptModules();
    assert.equal(typeof tsNode.register, "function");
    for (const each of [compiler, typeScriptCompiler()]) {
      assert.equal(typeof (require(each) as { transpileModule: unknown }).transpileModule, "function");
    }
  });
});

async function until(holds: () => boolean): Promise<void> {
  for (const end = performance.now() + 30_000; !holds(); await new Promise((resolve) => setTimeout(resolve, 10))) {
    assert.ok(performance.now() < end, "it did not come about within 30 s");
  }
}
