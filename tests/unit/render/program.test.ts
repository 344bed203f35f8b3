import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { recordProgram } from "../../../src/render/program";
import { TYPES, key } from "../recordings";
import { PROJECT_ROOT, devConfig, engineConfig } from "../stackConfig";

const PROJECT = `
name: probe
main: probe.js
config:
  weight: { type: integer, default: 5 }
  list: { default: [1, { a: b }] }
  text: { type: string, default: plain }
  other:key: { value: theirs }
  undecided: { type: string }
`;

/** A program that tells how often it was loaded in this process, and how often its helper was called since. */
const PROGRAM = `
const helper = require("./helper.js");
globalThis.probe = { loads: (globalThis.probe?.loads ?? 0) + 1, calls: helper() };
`;

describe("the recording of a project's program", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "probe-"));
    await writeFile(join(folder, "Pulumi.yaml"), PROJECT);
    await writeFile(join(folder, "probe.js"), PROGRAM);
    await writeFile(join(folder, "helper.js"), "let calls = 0; module.exports = () => ++calls;");
  });
  after(() => rm(folder, { recursive: true }));
  const probe = () => (globalThis as unknown as { probe: { loads: number; calls: number } }).probe;

  it("gives the program the project's defaults, and the stack's config over them, as texts", async () => {
    await recordProgram(folder, "dev", { "probe:weight": 7, "probe:more": { nested: [true] } });
    assert.deepEqual(pulumi.runtime.allConfig(), {
      "probe:weight": "7",
      "probe:list": '[1,{"a":"b"}]',
      "probe:text": "plain",
      "other:key": "theirs",
      "probe:more": '{"nested":[true]}',
    });
  });

  it("runs the program anew each time, with all modules of its own", async () => {
    const loads = probe().loads;
    await recordProgram(folder, "dev", {});
    await recordProgram(folder, "dev", {});
    assert.deepEqual(probe(), { loads: loads + 2, calls: 1 });
  });

  it("names the project and the stack", async () => {
    assert.deepEqual((await recordProgram(folder, "prod", {})).resources.map(key), [`${TYPES.stack}::probe-prod`]);
  });

  it("fails where there is no project", async () => {
    await assert.rejects(recordProgram(join(tmpdir(), "nowhere"), "dev", {}), /Pulumi\.yaml/);
  });

  it("gives this project's own program the config that the engine would", async () => {
    await recordProgram(PROJECT_ROOT, "dev", devConfig());
    const stack = Object.fromEntries(
      Object.entries(devConfig()).map(([name, value]) => [name.replace(/^canary-app:/, ""), value]),
    );
    assert.deepEqual(pulumi.runtime.allConfig(), engineConfig(stack));
  });
});
