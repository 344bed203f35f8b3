import assert from "node:assert/strict";
import { access, chmod, lstat, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfigFile, writeConfigFile } from "../../../src/config/configFile";
import { ConfigFileError } from "../../../src/config/configDocument";
import { readProject } from "../../../src/config/project";
import { readStackConfig } from "../../../src/config/stackConfig";
import { makePlan } from "../../../src/rollout/plan/makePlan";
import { appStateOf } from "../../../src/rollout/plan/appState";

const PROJECT = `name: shop
config:
  appName: { type: string, default: shop }
  versions:
    type: array
    items: { type: object }
    default: []
  weight:
    type: integer
    default: 0
  shop:hosts: { default: ["*"] }
  kubernetes:context: { value: sandbox }
  greeting: hello
`;

const STACK = `# The stack of today
config:
  shop:versions: # oldest first
    - { name: v1, image: shop:1 }
    - { name: v2, image: shop:2 }
  shop:weights: { v1: 100, v2: 0 } # by canary
  shop:routes:
  - timeout: 5s   # all of them
  # the end
encryptionsalt: v1:abc
`;

describe("a stack's config file", () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "config-"));
    path = join(folder, "Pulumi.dev.yaml");
    await writeFile(join(folder, "Pulumi.yaml"), PROJECT);
    await writeFile(path, STACK);
  });

  afterEach(() => rm(folder, { recursive: true }));

  const read = () => readFile(path, "utf8");

  it("is as before to the byte when every step of a plan has been written and rolled back", async () => {
    const config = await readStackConfig(await readProject(folder), "dev");
    const { before, steps, promotion } = makePlan({ mirror: {}, steps: [5, 50] }, appStateOf(config));
    for (const step of [...steps, promotion]) {
      await writeConfigFile(path, "shop", step.config, before.source);
      const { values } = await readStackConfig(await readProject(folder), "dev");
      assert.deepEqual({ ...values, ...step.config }, values, step.name);
      assert.notEqual(await read(), STACK);
      const journal = JSON.parse(JSON.stringify(before)) as typeof before;
      await writeConfigFile(path, "shop", journal.config, journal.source);
      assert.equal(await read(), STACK, `after ${step.name}`);
    }
  });

  it("differs in one line after a promotion", async () => {
    const config = await readStackConfig(await readProject(folder), "dev");
    const { before, steps, promotion } = makePlan({ mirror: {}, steps: [5] }, appStateOf(config));
    for (const step of [...steps, promotion]) {
      await writeConfigFile(path, "shop", step.config, before.source);
    }
    assert.equal(await read(), STACK.replace("{ v1: 100, v2: 0 }", "{ v1: 0, v2: 100 }"));
  });

  it("keeps what another person has written in the meantime", async () => {
    await writeConfigFile(path, "shop", { "shop:weights": { v1: 95, v2: 5 } });
    await writeFile(
      path,
      (await read()).replace("# by canary", "# by hand").replace("encryptionsalt", "shop: too\nencryptionsalt"),
    );
    await writeConfigFile(path, "shop", { "shop:weights": { v1: 100, v2: 0 } });
    assert.equal(
      await read(),
      STACK.replace("# by canary", "# by hand").replace("encryptionsalt", "shop: too\nencryptionsalt"),
    );
  });

  it("is not written where nothing changes", async () => {
    const { ino, mtimeMs } = await stat(path);
    await writeConfigFile(path, "shop", { "shop:weights": { v2: 0, v1: 100 } });
    const after = await stat(path);
    assert.deepEqual([after.ino, after.mtimeMs], [ino, mtimeMs]);
  });

  it("is replaced in one go, and nothing is left beside it", async () => {
    const { ino } = await stat(path);
    await writeConfigFile(path, "shop", { "shop:weights": { v1: 1, v2: 99 } });
    assert.notEqual((await stat(path)).ino, ino);
    assert.deepEqual((await readdir(folder)).sort(), ["Pulumi.dev.yaml", "Pulumi.yaml"]);
  });

  it("is never seen half written", async () => {
    const keys = Array.from({ length: 8 }, (_, index) => `shop:key${index}`);
    let done = false;
    const watching = (async () => {
      while (!done) {
        assert.ok((await read()).endsWith("encryptionsalt: v1:abc\n"));
      }
    })();
    for (const key of keys) {
      await writeConfigFile(path, "shop", { [key]: { deep: [1, 2, 3] } });
    }
    done = true;
    await watching;
    const { values } = await readStackConfig(await readProject(folder), "dev");
    assert.ok(keys.every((key) => Object.hasOwn(values, key)));
  });

  it("keeps its mode, and a link to it stays a link", async () => {
    await chmod(path, 0o600);
    const link = join(folder, "Pulumi.linked.yaml");
    await symlink(path, link);
    await writeConfigFile(link, "shop", { "shop:weights": { v1: 1, v2: 99 } });
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.ok((await lstat(link)).isSymbolicLink());
    assert.match(await read(), /v2: 99/);
  });

  it("that is not there has no values; it is made by the first and goes with the last", async () => {
    await rm(path);
    const source = (await readConfigFile(path, "shop")).sourceOf(["shop:weight"]);
    assert.deepEqual((await readConfigFile(path, "shop")).values(), {});
    await writeConfigFile(path, "shop", { "shop:weight": 5 }, source);
    assert.equal(await read(), "config:\n  shop:weight: 5\n");
    await writeConfigFile(path, "shop", { "shop:weight": null }, source);
    await assert.rejects(access(path));
  });

  it("that is no YAML is named in the error, and stays as it is", async () => {
    await writeFile(path, "config: [");
    const refused = (error: unknown) =>
      error instanceof ConfigFileError && error.message.startsWith(`${path} is not valid YAML`);
    await assert.rejects(readConfigFile(path, "shop"), refused);
    await assert.rejects(writeConfigFile(path, "shop", { "shop:weight": 5 }), refused);
    assert.equal(await read(), "config: [");
  });
});

describe("a stack's config file of a project that is kept as JSON", () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "config-json-"));
    path = join(folder, "Pulumi.dev.json");
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("is made as JSON, changed as JSON and read back", async () => {
    const weights = { "0123456": 90, v2: 10 };
    await writeConfigFile(path, "shop", { "shop:weights": weights });
    assert.deepEqual(JSON.parse(await readFile(path, "utf8")), { config: { "shop:weights": weights } });
    await writeConfigFile(path, "shop", { "shop:weights": { ...weights, v2: 9, v3: 1 }, "shop:target": "0123456" });
    assert.deepEqual(JSON.parse(await readFile(path, "utf8")), {
      config: { "shop:weights": { ...weights, v2: 9, v3: 1 }, "shop:target": "0123456" },
    });
  });

  it("is refused where it has more than JSON has", async () => {
    await writeFile(path, '{"config": {}} # note\n');
    await assert.rejects(readConfigFile(path, "shop"), /Pulumi\.dev\.json is not valid JSON/);
  });
});

describe("a project", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "project-"));
  });

  afterEach(() => rm(folder, { recursive: true }));

  it("is found from a folder below it", async () => {
    await writeFile(join(folder, "Pulumi.yaml"), PROJECT);
    const { name, folder: found, configFile } = await readProject(join(folder, "a", "b"));
    assert.deepEqual([name, found, configFile("dev")], ["shop", folder, join(folder, "Pulumi.dev.yaml")]);
  });

  it("has defaults for what a stack does not set, by full key", async () => {
    await writeFile(join(folder, "Pulumi.yaml"), PROJECT);
    const { defaults } = await readProject(folder);
    assert.deepEqual(defaults, {
      "shop:appName": "shop",
      "shop:versions": [],
      "shop:weight": 0,
      "shop:hosts": ["*"],
      "kubernetes:context": "sandbox",
      "shop:greeting": "hello",
    });
  });

  it("keeps its stacks' config where it says", async () => {
    await writeFile(join(folder, "Pulumi.yml"), "name: shop\nstackConfigDir: stacks\n");
    const { configFile, defaults } = await readProject(folder);
    assert.equal(configFile("acme/shop/prod"), join(folder, "stacks", "Pulumi.prod.yml"));
    assert.deepEqual(defaults, {});
  });

  it("is that of the file that Pulumi looks for first", async () => {
    await writeFile(join(folder, "Pulumi.yaml"), "name: yaml\n");
    await writeFile(join(folder, "Pulumi.json"), '{"name": "json"}\n');
    const { name, configFile } = await readProject(folder);
    assert.deepEqual([name, configFile("dev")], ["json", join(folder, "Pulumi.dev.json")]);
  });

  it("needs a Pulumi.yaml with a name", async () => {
    await writeFile(join(folder, "Pulumi.yaml"), "runtime: nodejs\n");
    await assert.rejects(readProject(folder), /Pulumi\.yaml has no name/);
    await rm(join(folder, "Pulumi.yaml"));
    await assert.rejects(readProject(folder), /no Pulumi\.yaml in .* or above it/);
  });

  it("of this repository stands as its dev stack says", async () => {
    const project = await readProject(join(__dirname, "../../.."));
    const appState = appStateOf(await readStackConfig(project, "dev"));
    assert.deepEqual([appState.app, appState.weights, appState.byNewest], ["myapp", { v1: 75, v2: 25 }, true]);
    assert.deepEqual(
      makePlan({}, appState).steps.map(({ name }) => name),
      ["50%"],
    );
  });
});
