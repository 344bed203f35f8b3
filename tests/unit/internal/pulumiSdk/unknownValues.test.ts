import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { dependenciesOf } from "../../../../src/internal/pulumiSdk/dependencies";
import { isUnknownSent, unknownOutputSent } from "../../../../src/internal/pulumiSdk/marks";
import { type SentResource, runWithStandIn } from "../../../../src/internal/pulumiSdk/standInEngine";

class Thing extends pulumi.CustomResource {
  constructor(name: string, inputs: pulumi.Inputs) {
    super("test:index:Thing", name, inputs);
  }
}

/** What a program sends in a preview in which everything is still to be created. */
async function run(program: () => unknown, outputs = (inputs: any) => inputs): Promise<SentResource[]> {
  const sent: SentResource[] = [];
  await runWithStandIn(
    program,
    { project: "shop", stack: "dev", config: {}, preview: true },
    {
      answer: ({ inputs }) => ({ id: "", state: outputs(inputs) }),
      call: () => undefined,
      sent: (resource) => sent.push(resource),
      hook: () => undefined,
    },
  );
  return sent;
}

describe("a preview, of the installed SDK", () => {
  it("has a mark for unknown values, and takes one for an unknown part of a known output", async () => {
    const told: unknown[] = [];
    const program = () => {
      const thing = new Thing("one", { known: "known", late: undefined, whole: { name: "part" } }) as any;
      thing.whole.apply(({ name }: { name: string }) => told.push(name));
      thing.whole.made.apply((made: unknown) => told.push(made));
      thing.id.apply((id: unknown) => told.push(id));
      new Thing("two", { late: thing.late, made: thing.whole.made, identity: thing.id, known: thing.known });
    };
    const outputs = (inputs: any) =>
      inputs.whole === undefined ? inputs : { ...inputs, whole: { ...inputs.whole, made: unknownOutputSent() } };
    const sent = await run(program, outputs);
    assert.deepEqual(told, ["part"]);
    const inputs = sent.find(({ name }) => name === "two")?.inputs ?? assert.fail("nothing was sent");
    const marked = Object.entries(inputs).filter(([, value]) => isUnknownSent(value));
    assert.deepEqual(marked.map(([name]) => name).sort(), ["identity", "late", "made"]);
    assert.equal(inputs.known, "known");
  });

  it("tells of which resources an Output is", async () => {
    let names: unknown;
    await run(async () => {
      const [one, two] = ["one", "two"].map((name) => new Thing(name, { size: 5 }) as any);
      const both = pulumi.all([one.size, pulumi.output(1).apply(() => two.size)]).apply(([size]) => size);
      names = new Set((await dependenciesOf(both)).values());
      assert.deepEqual(names, new Set([one, two]));
    });
    assert.notEqual(names, undefined);
  });
});
