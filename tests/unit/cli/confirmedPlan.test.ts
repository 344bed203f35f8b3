import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import fs from "node:fs/promises";
import { basename, join } from "node:path";
import { run } from "../../../src/cli/run";
import type { RolloutEvent } from "../../../src/rollout";
import { StackFolder } from "../rollout/runner/stackFolder";
import { FakeTerminal } from "./fakeTerminal";

const CONFIG = `config:
  shop:appName: shop
  shop:versions: [{ name: v1, image: "shop:1" }, { name: v2, image: "shop:2" }]
  shop:weight: 0
`;

/** A person who says yes, after something has happened. */
class LatePerson extends FakeTerminal {
  constructor(private readonly meanwhile: () => void = () => undefined) {
    super(true, ["y"]);
  }

  override async ask(question: string): Promise<string | undefined> {
    this.meanwhile();
    return super.ask(question);
  }
}

describe("the plan that a person confirms", function () {
  this.timeout("2m");
  let folder: StackFolder;

  beforeEach(() => {
    folder = new StackFolder(CONFIG);
    folder.setWeightsInState({ v1: 100, v2: 0 });
    // Then a run has the stack at once.
    folder.write("bin/broken", "error: stack tags are not supported by this backend");
  });
  afterEach(() => folder.remove());

  const canary = (terminal: FakeTerminal, ...args: string[]) =>
    run([...args, "--cwd", folder.path, "--stack", "dev"], terminal, {
      ...process.env,
      PATH: `${folder.path}/bin:${process.env.PATH}`,
    });

  const file = (name: string) => join(folder.path, name);

  function journal(): RolloutEvent[] {
    const text = readFileSync(file("Pulumi.dev.rollout.jsonl"), "utf8");
    return text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as RolloutEvent);
  }

  /** No run has begun, and nobody has the stack. */
  function assertNothingBegan(): void {
    assert.deepEqual(
      ["Pulumi.dev.rollout.jsonl", "Pulumi.dev.rollout.lock"].filter((name) => existsSync(file(name))),
      [],
    );
  }

  it("is not executed if the stack's config was edited meanwhile, and what was edited is named", async () => {
    const edited = CONFIG.replace("weight: 0", "weight: 10");
    const person = new LatePerson(() => folder.write("Pulumi.dev.yaml", edited));
    assert.equal(await canary(person, "rollout"), 1, person.errors);
    assert.match(
      person.errors,
      /Pulumi\.dev\.yaml has changed since it was planned \(shop:weight\).*nothing was changed.*run the command again/i,
    );
    assertNothingBegan();
    assert.equal(readFileSync(file("Pulumi.dev.yaml"), "utf8"), edited);
  });

  it("is not executed if another `up` has moved the traffic meanwhile", async () => {
    const person = new LatePerson(() => folder.setWeightsInState({ v1: 70, v2: 30 }));
    assert.equal(await canary(person, "rollout"), 1, person.errors);
    assert.match(
      person.errors,
      /the weights of stack "dev" were v1 100, v2 0 when the rollout was planned, and are v1 70, v2 30 now.*nothing was changed.*run the command again/i,
    );
    assertNothingBegan();
  });

  it("is the very plan that is executed if nothing has changed", async () => {
    const shown = new FakeTerminal();
    assert.equal(await canary(shown, "plan", "--json", "--steps", "7,30"), 0, shown.errors);
    const { time, gatesByPhase, ...plan } = JSON.parse(shown.written);
    const person = new LatePerson();
    assert.equal(await canary(person, "rollout", "--steps", "7,30"), 3, "the stand-in for Pulumi brings nothing up");
    assert.match(person.written, /1\. 7%/);
    const [started] = journal();
    assert.deepEqual(started.type === "started" && started.plan, plan);
    assert.ok(time !== undefined && gatesByPhase !== undefined);
  });

  describe("is made of files that are read", () => {
    const { readFile } = fs;
    let reads: string[];

    beforeEach(() => {
      reads = [];
      fs.readFile = (async (path: string, ...more: [BufferEncoding]) => {
        const isLocked = existsSync(file("Pulumi.dev.rollout.lock"));
        if (basename(path).startsWith("Pulumi.")) {
          reads.push(`${basename(path)}${isLocked ? " while locked" : ""}`);
        }
        return readFile(path, ...more);
      }) as typeof readFile;
    });
    afterEach(() => {
      fs.readFile = readFile;
    });

    it("once, if nothing comes of it", async () => {
      const nobody = new FakeTerminal(true, ["no"]);
      assert.equal(await canary(nobody, "rollout"), 0, nobody.errors);
      assert.deepEqual(reads, ["Pulumi.yaml", "Pulumi.dev.yaml"]);
    });

    it("once for all of a run; and the config once more, to see that it is as it was", async () => {
      assert.equal(await canary(new LatePerson(), "rollout"), 3);
      assert.deepEqual(reads, ["Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.dev.yaml while locked"]);
    });
  });
});
