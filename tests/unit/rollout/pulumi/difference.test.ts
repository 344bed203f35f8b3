import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Project } from "../../../../src/config/project";
import type { PulumiCli } from "../../../../src/config/pulumiCli";
import type { StackEngine } from "../../../../src/rollout/pulumi/engine";
import { PulumiStack } from "../../../../src/rollout/pulumi/pulumiStack";
import type { Weights } from "../../../../src/rollout/weights";

const OURS = { v1: 90, v2: 10 };
const THEIRS = { v2: 90, v3: 10 };

describe("in what a stack of several apps differs from a step", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "canary-difference-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function difference(
    config: object,
    cart: Weights | undefined,
    namespace = "cart",
  ): Promise<string | undefined> {
    const file = join(folder, "Pulumi.dev.yaml");
    writeFileSync(file, JSON.stringify({ config }));
    const component = {
      urn: "urn:pulumi:dev::shop::canary-app:index:CanaryApp::cart",
      type: "canary-app:index:CanaryApp",
      outputs: { namespace, weights: cart },
    };
    const resources = [{ type: "pulumi:pulumi:Stack", outputs: { weights: OURS } }, component];
    const cli = { ask: async () => JSON.stringify({ deployment: { resources } }) } as unknown as PulumiCli;
    const project = { name: "shop", configFile: () => file } as unknown as Project;
    const stack = new PulumiStack(project, "dev", {} as StackEngine, cli);
    const step = { "shop:weights": OURS, "cart:weights": THEIRS };
    return stack.difference(step, OURS, [{ app: "cart", namespace: "cart", weights: THEIRS }]);
  }

  const SAME = { "shop:weights": OURS, "cart:weights": THEIRS };
  const cases: [what: string, config: object, cart: Weights | undefined, told: RegExp | undefined][] = [
    ["nothing", SAME, THEIRS, undefined],
    ["a key of the other app", { ...SAME, "cart:weights": OURS }, THEIRS, /^cart:weights was changed/],
    ["its weights", SAME, { v2: 50, v3: 50 }, /^the weights of cart in namespace cart are \{"v2":50,"v3":50\}$/],
    ["nothing, as far as a program without the component says", SAME, undefined, undefined],
  ];
  for (const [what, config, cart, told] of cases) {
    it(`is ${what}`, async () => {
      const found = await difference(config, cart);
      assert.equal(found === undefined, told === undefined, found);
      assert.match(found ?? "", told ?? /^$/);
    });
  }

  it("is no matter of an app of the same name in another namespace", async () => {
    assert.equal(await difference(SAME, { v2: 50, v3: 50 }, "elsewhere"), undefined);
  });
});
