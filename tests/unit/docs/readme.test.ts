import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { recordProgram } from "../../../src/render/program";
import { sdkSets } from "../../sdks/sdkSet";
import { call, FakeTerminal } from "../cli/fakeTerminal";
import { find, TYPES } from "../recordings";

const ROOT = resolve(__dirname, "../../..");

/** The most lines that somebody who comes from a search engine reads. */
const MOST_LINES = 160;

function read(file: string): Promise<string> {
  return readFile(join(ROOT, file), "utf8");
}

describe("README.md", () => {
  let readme: string;
  before(async () => {
    readme = await read("README.md");
  });

  /** The first fenced block of a language. */
  const block = (language: string): string =>
    new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "m").exec(readme)?.[1] ?? assert.fail(`no block of ${language}`);

  /** The cells of the first row that begins with this text, from the second on. */
  const row = (start: string): string[] =>
    readme
      .split("\n")
      .filter((line) => line.startsWith(`| ${start}`))
      .map((line) =>
        line
          .split("|")
          .slice(2, -1)
          .map((cell) => cell.trim()),
      )[0] ?? assert.fail(`no row "${start}"`);

  it("is short", () => assert.ok(readme.split("\n").length <= MOST_LINES));

  it("has lines of at most 120 characters", () =>
    assert.deepEqual(
      readme.split("\n").filter((line) => line.length > 120),
      [],
    ));

  describe("the quick start", () => {
    const config = () => (parse(block("yaml")) as { config: Record<string, unknown> }).config;
    let folder: string;

    /** The project that the quick start makes, which finds the packages that it installs. */
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "quick-start-"));
      await writeFile(join(folder, "Pulumi.yaml"), "name: shop\nruntime: nodejs\nmain: index.ts\n");
      await writeFile(join(folder, "index.ts"), block("ts"));
      await writeFile(join(folder, "Pulumi.dev.yaml"), block("yaml"));
      await cp(join(ROOT, "tsconfig.json"), join(folder, "tsconfig.json"));
      const packages = join(folder, "node_modules");
      await mkdir(join(packages, "canary-app"), { recursive: true });
      const components = JSON.stringify(join(ROOT, "components/index.ts"));
      await writeFile(join(packages, "canary-app/index.js"), `module.exports = require(${components});`);
      await symlink(join(ROOT, "node_modules/@pulumi"), join(packages, "@pulumi"));
    });
    after(() => rm(folder, { recursive: true }));

    it("has a program of ten lines, which makes the app of the config", async () => {
      const { resources } = await recordProgram(folder, "dev", config());
      const { spec } = find(resources, TYPES.virtualService, "shop-routes").inputs as {
        spec: { hosts: string[]; http: { route: { weight: number }[] }[] };
      };
      assert.ok(spec.hosts.includes("shop.example.com"));
      assert.deepEqual(
        spec.http[0].route.map(({ weight }) => weight),
        Object.values(config()["shop:weights"] as Record<string, number>),
      );
      assert.ok(block("ts").trim().split("\n").length <= 12);
    });

    it("has a config of which `canary plan` makes a plan", async () => {
      const terminal = new FakeTerminal();
      assert.equal(await call(terminal, folder, "plan", "--json"), 0, terminal.errors);
      const { steps, gates } = JSON.parse(terminal.written) as { steps: { weights: object }[]; gates: object[] };
      assert.deepEqual(
        steps.map(({ weights }) => weights),
        [
          { v1: 90, v2: 10 },
          { v1: 50, v2: 50 },
        ],
      );
      assert.equal(gates.length, 2);
    });
  });

  it("requires what package.json does, and names the versions that the tests are run with", async () => {
    const { engines, peerDependencies: peers } = JSON.parse(await read("package.json")) as {
      engines: { node: string };
      peerDependencies: Record<string, string>;
    };
    assert.deepEqual(row("Node.js").slice(0, 1), [engines.node.replace("||", "or")]);
    const [lowest, newest] = sdkSets().map(({ packages }) => packages);
    for (const name of ["@pulumi/pulumi", "@pulumi/kubernetes"]) {
      assert.deepEqual(row(`\`${name}\``), [peers[name], `${lowest[name]} to ${newest[name]}`]);
    }
  });

  it("counts the requests of all kinds of change in docs/proof.md of which none failed", async () => {
    const [, table] = /<!-- availability: (.*)<!-- end of availability/s.exec(await read("docs/proof.md")) ?? [];
    const requests = [...table.matchAll(/^\|(?: [^|]* \|){3} ([\d,]+) \| \d+ \| 0 \|/gm)].map(([, count]) =>
      Number(count.replaceAll(",", "")),
    );
    assert.ok(requests.length > 15);
    const millions = requests.reduce((sum, count) => sum + count, 0) / 1e6;
    assert.equal(/none in ([\d.]+) million, measured/.exec(readme)?.[1], millions.toFixed(1));
  });

  it("compares by figures that stand in docs/comparison.md for the same tool", async () => {
    const rows = (await read("docs/comparison.md")).split("\n");
    const measured = (tool: string) => rows.filter((line) => line.startsWith(`| ${tool}`)).join("\n");
    const tools = row("| CanaryApp");
    const figures = readme
      .split("\n")
      .filter((line) => /^\| .*\d (s|MB)/.test(line))
      .flatMap((line) =>
        line
          .split("|")
          .slice(2, -1)
          .flatMap((cell, tool) =>
            [...cell.matchAll(/[\d.]+ (?:s|MB)|\d+ of [\d,]+|\d+(?= errors)/g)].map(([figure]) => ({ tool, figure })),
          ),
      );
    assert.ok(figures.length > 25);
    assert.deepEqual(
      figures.filter(({ tool, figure }) => !measured(tools[tool]).includes(figure)),
      [],
    );
  });
});

describe("what documents name", () => {
  const documents = [
    ...["README.md", "CONTRIBUTING.md", "sandbox/README.md", "examples/README.md"],
    ...["comparison", "configuration", "demo", "engine", "growth", "how-it-works", "preview", "proof", "rollout"].map(
      (name) => `docs/${name}.md`,
    ),
  ];

  for (const document of documents) {
    it(`is there: scripts and commands in ${document}`, async () => {
      const { scripts } = JSON.parse(await read("package.json")) as { scripts: Record<string, string> };
      const text = await read(document);
      const named = [...text.matchAll(/npm run (?:--\S+ )*([a-z][\w:]*)/g)].map(([, name]) => name);
      assert.deepEqual(
        named.filter((name) => !(name in scripts) && name !== "prefix"),
        [],
      );
      const commands = [...text.matchAll(/(?:^ {4}(?:npx )?|`(?:npx )?)canary (?!help)([a-z]+)/gm)].map(
        ([, name]) => name,
      );
      for (const command of new Set(commands)) {
        const terminal = new FakeTerminal();
        assert.equal(await call(terminal, ROOT, "help", command), 0, `canary ${command}`);
        assert.match(terminal.written, new RegExp(`canary ${command}|canary \\[`), command);
      }
    });
  }
});

describe("docs/configuration.md", () => {
  it("has a row for each key of Pulumi.yaml, in no order, and for no other", async () => {
    const table = [...(await read("docs/configuration.md")).matchAll(/^\| `(\w+)` \|/gm)].map(([, key]) => key);
    const { config } = parse(await read("Pulumi.yaml")) as { config: Record<string, unknown> };
    assert.deepEqual(table.sort(), Object.keys(config).sort());
  });
});

describe("docs/how-it-works.md", () => {
  it("has the figures of docs/proof.md", async () => {
    const proof = await read("docs/proof.md");
    const figures = [...(await read("docs/how-it-works.md")).matchAll(/\d{2,3},\d{3}/g)].map(([figure]) => figure);
    assert.equal(figures.length, 4);
    assert.deepEqual(
      figures.filter((figure) => !proof.includes(`| ${figure} |`)),
      [],
    );
  });
});

describe("docs/glossary.md", () => {
  it("has at most 40 terms, in the order of the alphabet, each once", async () => {
    const [, , ...rows] = (await read("docs/glossary.md")).split("\n").filter((line) => line.startsWith("|"));
    const terms = rows.map((line) => line.split("|")[1].replaceAll("`", "").trim().toLowerCase());
    assert.ok(terms.length > 20 && terms.length <= 40);
    assert.deepEqual(
      terms,
      [...new Set(terms)].sort((a, b) => a.localeCompare(b, "en")),
    );
  });
});

describe("CHANGELOG.md", () => {
  it("begins with the version of package.json", async () => {
    const { version } = JSON.parse(await read("package.json")) as { version: string };
    assert.equal(/^## (\S+)/m.exec(await read("CHANGELOG.md"))?.[1], version);
  });
});
