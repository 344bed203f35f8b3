import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { record } from "../../../src/render/recorder";
import { unknownOutput } from "../recordings";

const PROJECT = { project: "shop", stack: "dev" };
const STACK = "pulumi:pulumi:Stack::shop-dev";

/** A resource of a made-up type with one input. */
class Thing extends pulumi.CustomResource {
  declare readonly size: pulumi.Output<number>;

  constructor(name: string, size: pulumi.Input<number>, opts?: pulumi.CustomResourceOptions) {
    super("test:index:Thing", name, { size }, opts);
  }
}

class Group extends pulumi.ComponentResource {
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("test:index:Group", name, {}, opts);
  }
}

const NO_HOOKS = { beforeUpdate: [], afterUpdate: [] };

describe("a recording", () => {
  it("has what the program warns of, each once, and Pulumi's log is itself again after it", async () => {
    const { warn } = pulumi.log;
    const { warnings } = await record(async () => {
      const thing = new Thing("one", 1);
      await pulumi.log.warn("late", thing);
      thing.size.apply(() => pulumi.log.warn("once"));
      thing.size.apply(() => pulumi.log.warn("once"));
    }, PROJECT);
    assert.deepEqual(warnings, ["late", "once"]);
    await assert.rejects(
      record(() => {
        throw new Error("refused");
      }, PROJECT),
      /refused/,
    );
    assert.equal(pulumi.log.warn, warn);
  });

  it("is the stack alone for a program that registers nothing", async () => {
    assert.deepEqual(await record(() => undefined, PROJECT), {
      resources: [
        {
          type: "pulumi:pulumi:Stack",
          name: "shop-dev",
          inputs: {},
          parent: "",
          dependencies: [],
          managed: true,
          hooks: NO_HOOKS,
        },
      ],
      hooks: [],
      calls: [],
      warnings: [],
    });
  });

  it("has types, names, inputs and parents as they were registered", async () => {
    const { resources } = await record(() => {
      const group = new Group("all");
      new Thing("one", pulumi.output(Promise.resolve(5)), { parent: group });
    }, PROJECT);
    assert.deepEqual(resources.slice(1), [
      {
        type: "test:index:Group",
        name: "all",
        inputs: {},
        parent: STACK,
        dependencies: [],
        managed: true,
        hooks: NO_HOOKS,
      },
      {
        type: "test:index:Thing",
        name: "one",
        inputs: { size: 5 },
        parent: "test:index:Group::all",
        dependencies: [],
        managed: true,
        hooks: NO_HOOKS,
      },
    ]);
  });

  it("has what a resource waits for, said or through an input, sorted, and stands after it", async () => {
    const { resources } = await record(() => {
      const late = new Thing(
        "a-late",
        pulumi.output(new Promise<number>((resolve) => setTimeout(() => resolve(1), 30))),
      );
      const early = new Thing("b-early", 2);
      new Thing("last", late.size, { dependsOn: early });
    }, PROJECT);
    assert.deepEqual(
      resources.map(({ name }) => name),
      ["shop-dev", "b-early", "a-late", "last"],
    );
    assert.deepEqual(resources[3].dependencies, ["test:index:Thing::a-late", "test:index:Thing::b-early"]);
    assert.deepEqual(resources[3].inputs, { size: 1 });
  });

  it("tells what is read from what is managed", async () => {
    const { resources } = await record(() => void new Thing("there", 1, { id: "there-already" }), PROJECT);
    assert.deepEqual(
      resources.map(({ name, managed }) => [name, managed]),
      [
        ["shop-dev", true],
        ["there", false],
      ],
    );
  });

  it("gives resources the outputs it is told, their inputs otherwise", async () => {
    const seen: number[] = [];
    const program = () => {
      new Thing("one", 1).size.apply((size) => seen.push(size));
      new Thing("two", 2).size.apply((size) => seen.push(size));
    };
    await record(program, { ...PROJECT, outputs: ({ name, inputs }) => (name === "two" ? { size: 20 } : inputs) });
    assert.deepEqual(seen.sort(), [1, 20]);
  });

  it("has the hooks by their names, and does not run them", async () => {
    let ran = false;
    const { resources, hooks } = await record(() => {
      const hook = (name: string) => new pulumi.ResourceHook(name, () => void (ran = true));
      new Thing("one", 1, { hooks: { beforeUpdate: [hook("before")], afterUpdate: [hook("after")] } });
    }, PROJECT);
    assert.deepEqual(hooks, ["before", "after"]);
    assert.deepEqual(resources[1].hooks, { beforeUpdate: ["before"], afterUpdate: ["after"] });
    assert.equal(ran, false);
  });

  it("gives the program its project, stack and config", async () => {
    let told: unknown[] = [];
    await record(
      () => {
        const config = new pulumi.Config();
        const other = new pulumi.Config("other").get("key");
        told = [
          pulumi.getProject(),
          pulumi.getStack(),
          config.get("weight"),
          config.getObject("list"),
          other,
          config.get("none"),
        ];
      },
      { ...PROJECT, config: { "shop:weight": "25", "shop:list": "[1]", "other:key": "value" } },
    );
    assert.deepEqual(told, ["shop", "dev", "25", [1], "value", undefined]);
  });

  it("takes no config over from the one before", async () => {
    let weight: string | undefined = "unread";
    await record(() => undefined, { ...PROJECT, config: { "shop:weight": "25" } });
    await record(() => void (weight = new pulumi.Config().get("weight")), PROJECT);
    assert.equal(weight, undefined);
  });

  it("is a preview if told so, in which Outputs may be unknown", async () => {
    const dryRuns: boolean[] = [];
    const program = () => {
      dryRuns.push(pulumi.runtime.isDryRun());
      new Thing("one", unknownOutput<number>());
    };
    const { resources } = await record(program, { ...PROJECT, preview: true });
    await record(() => void dryRuns.push(pulumi.runtime.isDryRun()), PROJECT);
    assert.deepEqual(dryRuns, [true, false]);
    assert.equal(resources[1].inputs.size, "[unknown]", "no number is made up");
  });

  for (const [name, program] of [
    [
      "at once",
      () => {
        throw new Error("broken");
      },
    ],
    ["later", () => Promise.reject(new Error("broken"))],
  ] as const) {
    it(`throws what the program throws ${name}`, async () => {
      await assert.rejects(record(program, PROJECT), /^Error: broken$/);
      assert.equal((await record(() => undefined, PROJECT)).resources.length, 1, "and the next one is not disturbed");
    });
  }

  it("is the same for the same program", async () => {
    const program = () => {
      const first = new Thing("first", 1);
      new Thing("second", first.size);
    };
    assert.deepEqual(await record(program, PROJECT), await record(program, PROJECT));
  });
});
