import assert from "node:assert/strict";
import { CompiledCommand } from "../support/compiledCommand";
import { ProgramProject, type RenderEnd, renderProcess } from "./projects";

const REFUSED = `CanaryApp "shop": 1 mistake; nothing was changed.
  - weight is 101; a whole number from 0 to 100 is needed
`;

describe("a rendering of a program that fails", function () {
  this.timeout(120_000);
  let command: CompiledCommand;
  before(() => (command = new CompiledCommand()));
  after(() => command.remove());

  /** A program that makes the app `shop`; `weight` and the other arguments are JavaScript. */
  const program = (weight: string, args = "") => `const pulumi = require("@pulumi/pulumi");
const { CanaryApp } = require(${JSON.stringify(command.path("components/index"))});
new CanaryApp("shop", {
  versions: [{ name: "v1", image: "example.com/shop:1.0" }, { name: "v2", image: "example.com/shop:2.0" }],
  weight: ${weight},
  mesh: { install: false, gateway: { address: "203.0.113.7" } },
  ${args}
});
`;

  async function rendered(source: string): Promise<RenderEnd> {
    const project = new ProgramProject({ "index.js": source });
    try {
      return await renderProcess(command, project);
    } finally {
      project.remove();
    }
  }

  for (const [when, weight] of [
    ["at once", "101"],
    ["in an Output", "pulumi.output(Promise.resolve(101))"],
  ] as const) {
    it(`is one message and the code of invalid settings where the config is refused ${when}`, async () =>
      assert.deepEqual(await rendered(program(weight)), { code: 2, stdout: "", stderr: REFUSED }));
  }

  it("is all messages, each once, where several Outputs are refused", async () => {
    const late = "pulumi.output(Promise.resolve(0))";
    const { code, stderr } = await rendered(program("pulumi.output(101)", `service: { targetPort: ${late} }`));
    assert.equal(code, 2);
    assert.deepEqual(stderr.match(/^ {2}- \S+/gm)?.sort(), ["  - service.targetPort", "  - weight"], stderr);
  });

  it("is the program's own error with its place, and code 1, for any other", async () => {
    const throwing = 'pulumi.output(1).apply(() => { throw new Error("broken"); });';
    for (const source of [`${program("25")}${throwing}\n`, `${program("25")}throw new Error("broken");\n`]) {
      assert.deepEqual(await rendered(source), { code: 1, stdout: "", stderr: "broken (index.js:9)\n" });
    }
  });

  it("says so if it called functions of providers, whose results are unknown", async () => {
    const source = `const pulumi = require("@pulumi/pulumi");
pulumi.runtime.invoke("aws:index:getRegion", {}).then(({ name }) => name.length);
`;
    const { code, stderr } = await rendered(source);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^Cannot read .*'length'.*; functions of providers are not called without an engine: aws:index:getRegion \(index\.js:2\)\n$/,
    );
  });
});
