import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readProject } from "../../../src/config/project";
import { ConfigElsewhereError, pulumisReading, readWholeConfig, verifyReading } from "../../../src/config/wholeConfig";
import { UNKNOWN } from "../../../src/validation/unknown";

describe("a stack's config with what Pulumi takes from elsewhere", () => {
  let folder: string;
  let asked: string[][];
  beforeEach(async () => {
    asked = [];
    folder = await mkdtemp(join(tmpdir(), "whole-"));
    await writeFile(
      join(folder, "Pulumi.yaml"),
      "name: shop\nruntime: nodejs\nconfig: { weight: { type: integer, default: 0 } }\n",
    );
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** What `pulumi config --json` prints. */
  const telling = (shown: object) => ({
    ask: async (...args: string[]) => {
      asked.push(args);
      return JSON.stringify(shown);
    },
  });
  type Cli = Parameters<typeof readWholeConfig>[2];
  const silent: Cli = { ask: () => Promise.reject(new Error("pulumi config failed: not logged in")) };
  const file = (text: string) => writeFile(join(folder, "Pulumi.dev.yaml"), text);
  const read = async (cli: Cli) => readWholeConfig(await readProject(folder), "dev", cli);

  it("is the file's alone where it names no environment, and Pulumi is not asked", async () => {
    await file("config: { weight: 5 }\n");
    const { values, defaults } = await read(telling({}));
    assert.deepEqual([values, defaults, asked], [{ "shop:weight": 5 }, { "shop:weight": 0 }, []]);
  });

  it("has what environments say of keys that the file does not set", async () => {
    await file("environment: [shop/prod]\nconfig: { weight: 5 }\n");
    const { values, defaults } = await read(
      telling({
        "shop:weight": { value: "5", secret: false },
        "shop:versions": { value: '["a","b"]', objectValue: ["a", "b"], secret: false },
        "kubernetes:kubeconfig": { secret: true },
      }),
    );
    assert.deepEqual(values, { "shop:weight": 5 });
    assert.deepEqual(defaults, {
      "shop:weight": "5",
      "shop:versions": ["a", "b"],
      "kubernetes:kubeconfig": UNKNOWN,
    });
    assert.deepEqual(asked, [["config", "--json", "--open"]]);
  });

  const refused: [what: string, text: string | undefined, cli: Cli, message: RegExp][] = [
    [
      "environments that Pulumi does not tell",
      "environment: [shop/prod]\n",
      silent,
      /Pulumi\.dev\.yaml takes values from the environment shop\/prod of Pulumi ESC.*not logged in\): log in/,
    ],
    [
      "a key that is merged from both",
      "environment: { imports: [a, b] }\nconfig: { weights: { v1: 1 } }\n",
      telling({ "shop:weights": { value: "", objectValue: { v1: 1, v2: 2 }, secret: false } }),
      /shop:weights in .*Pulumi\.dev\.yaml is merged with what the environments a, b of Pulumi ESC/,
    ],
    [
      "a config that is kept remotely",
      undefined,
      telling({ "shop:weight": { value: "0", secret: false }, "shop:versions": { value: "[]", secret: false } }),
      /There is no .*Pulumi\.dev\.yaml, and Pulumi has shop:versions from elsewhere.*--remote-config/,
    ],
  ];
  for (const [what, text, cli, message] of refused) {
    it(`is refused with what to do: ${what}`, async () => {
      await (text === undefined ? undefined : file(text));
      await assert.rejects(read(cli), (error) => error instanceof ConfigElsewhereError && message.test(error.message));
    });
  }

  it("is the project's where there is no file and Pulumi knows no more, or cannot be asked", async () => {
    for (const cli of [telling({ "shop:weight": { value: "0", secret: false } }), silent]) {
      const { values, defaults } = await read(cli);
      assert.deepEqual([values, defaults], [{}, { "shop:weight": 0 }]);
    }
  });

  it("is not changed in a file that Pulumi ignores", async () => {
    await file("config: { weight: 5, token: { secure: v1:x } }\n");
    const shown = (weight: string) =>
      telling({ "shop:weight": { value: weight, secret: false }, "shop:token": { secret: true } });
    const config = await read(silent);
    const verify = async (weight: string, prefix = "shop") =>
      verifyReading(config, await pulumisReading(shown(weight), [prefix]));
    await verify("5");
    await assert.rejects(
      verify("50"),
      /Pulumi does not read shop:weight as the stack's file has it.*--remote-config.*Nothing was changed\.$/,
    );
    await verify("50", "other");
  });
});
