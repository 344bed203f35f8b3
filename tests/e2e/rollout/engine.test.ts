import assert from "node:assert/strict";
import { PROJECT_ROOT } from "../../../demo/programStack";
import { startLoad } from "../../../demo/load/generator";
import { readProject } from "../../../src/config/project";
import { StackEngine } from "../../../src/rollout/pulumi/engine";
import { UpError } from "../../../src/rollout/pulumi/rolloutStack";
import { warmProgramOf } from "../../../src/rollout/pulumi/warmProgram";
import { testEngine } from "../support/engine";
import { upOperations } from "../support/operations";
import { openProgramInMesh, type ProgramUnderTest } from "../support/program";
import { assertNoneFailed, pause, untilAnswered } from "../support/traffic";

const STACK = "e2e-engine";
const LOAD_PER_SECOND = 300;
const LOAD_LIMIT_S = 120;
const IMAGES = ["docker.io/library/canary-demo:1.0", "docker.io/library/canary-demo:2.0"];

describe("the engine that keeps the program loaded", function () {
  this.timeout("20m");
  let program: ProgramUnderTest;
  let engine: StackEngine;
  const never = new AbortController().signal;

  before(async () => {
    program = await openProgramInMesh(await testEngine(), STACK);
    const warm = warmProgramOf(PROJECT_ROOT, (await readProject(PROJECT_ROOT)).program);
    assert.ok(warm !== undefined, "this repository's own program is kept warm");
    engine = new StackEngine({ folder: PROJECT_ROOT, stack: STACK, program: warm, env: program.env });
  });

  after(() => engine?.close());

  /** What the state holds of each resource, and the stack's outputs. */
  async function state(): Promise<unknown> {
    const { deployment } = await program.stack.exportStack();
    const resources = deployment.resources as {
      urn: string;
      inputs: unknown;
      dependencies?: string[];
      parent?: string;
      provider?: string;
    }[];
    return {
      outputs: await program.stack.outputs(),
      resources: resources
        .map(({ urn, inputs, dependencies, parent, provider }) => ({
          urn,
          inputs,
          dependencies: [...(dependencies ?? [])].sort(),
          parent,
          provider,
        }))
        .sort((a, b) => (a.urn < b.urn ? -1 : 1)),
    };
  }

  it("makes what pulumi up makes: the same resources from the same config and defaults, the same outputs", async () => {
    await engine.up(never);
    const made = await state();
    assert.deepEqual(await upOperations(program.stack), []);
    assert.deepEqual(await state(), made);
  });

  it("reads the config anew each time, and changes what pulumi up would change", async () => {
    for (const weight of [50, 75]) {
      await program.configure({ weight });
      await engine.up(never);
      assert.deepEqual((await program.stack.outputs()).weights.value, { v1: 100 - weight, v2: weight });
      assert.deepEqual(await upOperations(program.stack), []);
    }
  });

  it("refuses what pulumi up refuses, and goes on afterwards", async () => {
    await program.configure({ weight: 101 });
    await assert.rejects(
      engine.up(never),
      (error: Error) =>
        error instanceof UpError && error.kind === "broken" && /canary-app:weight is 101/.test(error.message),
    );
    await program.configure({ weight: 25 });
    await engine.up(never);
    assert.deepEqual(await upOperations(program.stack), []);
  });

  it("waits for the propagation delays: every version replaced in one up without a failed request", async () => {
    const only = (round: number) =>
      program.configure({ versions: [{ name: `v${round + 10}`, image: IMAGES[round % 2] }], weight: 0 });
    await only(0);
    await engine.up(never);
    const url = `${(await program.stack.outputs()).url.value}/api/v1/hello`;
    await untilAnswered({ url });
    for (let round = 1; round <= 3; round++) {
      await only(round);
      const load = startLoad(LOAD_PER_SECOND, LOAD_LIMIT_S, { url });
      await pause(1000);
      await engine.up(never).finally(() => pause(1000));
      assertNoneFailed(await load.stop(), `swap ${round}: `);
    }
  });

  it("keeps everything in the state when it is cancelled in the middle, and can go on", async () => {
    await program.configure({
      versions: ["v20", "v21"].map((name, index) => ({ name, image: IMAGES[index] })),
      weight: 0,
    });
    const cancelling = new AbortController();
    const up = engine.up(cancelling.signal);
    await pause(Math.random() * 3000);
    cancelling.abort();
    await up.catch((error: unknown) =>
      assert.ok(error instanceof UpError && error.kind === "cancelled", String(error)),
    );
    await engine.up(never);
    assert.deepEqual(await upOperations(program.stack), []);
    const { deployment } = await program.stack.exportStack();
    assert.deepEqual(deployment.pending_operations ?? [], []);
  });
});
