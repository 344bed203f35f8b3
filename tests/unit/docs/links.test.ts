import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const ROOT = resolve(__dirname, "../../..");

/** The Markdown files of this project. */
function documents(folder = ROOT): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return entry.name === "node_modules" || entry.name === "bin" || entry.name.startsWith(".") ? [] : documents(path);
    }
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

/** The text without what is code. */
function prose(markdown: string): string {
  return markdown.replace(/^```[^]*?^```/gm, "").replace(/`[^`\n]*`/g, (code) => "x".repeat(code.length));
}

/** What the headings of a text are linked by, as GitHub makes it of them. */
function anchors(markdown: string): Set<string> {
  const found = new Set<string>();
  for (const [, heading] of markdown.replace(/^```[^]*?^```/gm, "").matchAll(/^#{1,6} (.*)$/gm)) {
    const slug = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- _]/gu, "")
      .replaceAll(" ", "-");
    let name = slug;
    for (let count = 1; found.has(name); count++) {
      name = `${slug}-${count}`;
    }
    found.add(name);
  }
  return found;
}

/** The links of a text to files and headings that are not there. */
function brokenLinks(markdown: string, file: string): string[] {
  const targets = [...prose(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
  return targets.filter((target) => {
    if (/^[a-z]+:/.test(target)) {
      return false;
    }
    const [path, anchor] = target.split("#");
    const to = path === "" ? file : join(dirname(file), path);
    return (
      !existsSync(to) ||
      (anchor !== undefined && !anchors(path === "" ? markdown : readFileSync(to, "utf8")).has(anchor))
    );
  });
}

describe("the links of the documents", () => {
  for (const file of documents()) {
    it(`lead somewhere from ${relative(ROOT, file)}`, () =>
      assert.deepEqual(brokenLinks(readFileSync(file, "utf8"), file), []));
  }

  it("lead from the table of features to every object of arguments, and from every feature to a test", () => {
    const table = readFileSync(join(ROOT, "docs/features.md"), "utf8");
    const objects = [...readFileSync(join(ROOT, "docs/reference.md"), "utf8").matchAll(/^## (\w+Args)$/gm)].map(
      ([, name]) => name,
    );
    assert.deepEqual(
      objects.filter((name) => !table.includes(`(reference.md#${name.toLowerCase()})`)),
      [],
    );
    const features = table
      .split("\n")
      .filter((row) => /^\| [^*|-]/.test(row))
      .slice(1);
    assert.deepEqual(
      features.filter((row) => !/\]\(\.\.\/tests\/[\w/]+\.test\.ts\)[^|]*\|$/.test(row)),
      [],
    );
    assert.ok(features.length > 30);
  });

  const readme = join(ROOT, "README.md");
  const cases: [name: string, markdown: string, broken: string[]][] = [
    ["a file that is there", "[a](docs/reference.md), [b](docs) and [c](https://example.com/x)", []],
    ["a file that is not there", "| [a](docs/none.md) |", ["docs/none.md"]],
    ["a heading of another file", "[a](docs/reference.md#canaryappargs)", []],
    ["a heading that another file lacks", "[a](docs/reference.md#none)", ["docs/reference.md#none"]],
    ["a heading of its own, punctuation left out", "## What's `new` in 1.0?\n[a](#whats-new-in-10)", []],
    ["the second of two headings of the same name", "# A\n# A\n[a](#a-1)", []],
    ["a heading that it lacks", "# A\n[a](#b)", ["#b"]],
    ["what is code", "`[a](none)`\n```\n[a](none)\n```", []],
  ];
  for (const [name, markdown, broken] of cases) {
    it(`are told apart: ${name}`, () => assert.deepEqual(brokenLinks(markdown, readme), broken));
  }
});
