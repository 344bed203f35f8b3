import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import { Document, Scalar, isMap, isScalar, isSeq, parseDocument, visit } from "yaml";
import { dataOf } from "../../../src/config/appConfig";
import { ConfigText } from "../../../src/config/configText";
import { hasForbidden } from "../../../src/config/pulumiYaml";

function edit(text: string, key: string, value: unknown): string {
  return new ConfigText(text, "shop").with({ [key]: value });
}

describe("a scalar in a stack's config file", () => {
  const edited: [what: string, before: string, value: unknown, after: string][] = [
    ["keeps double quotes", 'a: "x" # why', "y\n'\"", 'a: "y\\n\'\\"" # why'],
    ["keeps single quotes", "a: 'x'", "it's", "a: 'it''s'"],
    ["has quotes that can hold it", "a: 'x'", "a\tb\u0007", 'a: "a\\tb\\a"'],
    ["has no quotes where it needs none", "a: x", "y z", "a: y z"],
    ["is no boolean of YAML 1.1", "a: x", "no", 'a: "no"'],
    ["is no number of YAML 1.2", "a: x", "0o17", 'a: "0o17"'],
    ["is no comment", "a: x", "y #z", 'a: "y #z"'],
    ["is no list in braces", "a: { b: x }", { b: "y, c: z" }, 'a: { b: "y, c: z" }'],
    ["may have a comma elsewhere", "a: x", "y, z", "a: y, z"],
    ["stays on its line, however long", "a: x", `${"word ".repeat(40)}x\nend`, `a: "${"word ".repeat(40)}x\\nend"`],
    ["takes the place of several lines", 'a: "x\n  y" # why\nb: 1', "z", 'a: "z" # why\nb: 1'],
    ["takes the place of a block, whose comment stays", "a: |- # why\n  x\n  y\n\nb: 1", "z", 'a: "z" # why\n\nb: 1'],
    ["keeps its anchor and its tag", "a: &x !!str y", "z", "a: &x !!str z"],
    ["is JSON in JSON", '{"a": "x"}', "\u0007\u00a0", '{"a": "\\u0007\u00a0"}'],
  ];
  for (const [what, before, value, after] of edited) {
    it(what, () => {
      const isJson = before.startsWith("{");
      const indented = (text: string) =>
        isJson ? `{"config": ${text}}` : `config:\n${text.replace(/^(?=.)/gm, "  ")}\n`;
      assert.equal(edit(indented(before), "shop:a", value), indented(after));
    });
  }

  it("is all that changes, whatever it is, wherever it stands", () => {
    fc.assert(
      fc.property(documents(), fc.nat(), scalars(), fc.boolean(), (text, which, value, windows) => {
        const before = windows ? text.replaceAll("\n", "\r\n") : text;
        fc.pre(!hasForbidden(before)); // Pulumi would refuse it
        const leaves = leavesOf(before);
        fc.pre(leaves.length > 0);
        const { path, node } = leaves[which % leaves.length];
        const [key] = path;
        const file = new ConfigText(before, "shop");
        const fresh = path.length === 1 && typeof node.value === "string" ? String(value) : value;
        const expected = replaced(file.values(), path, fresh) as Record<string, unknown>;
        fc.pre(!isDeepStrictEqual(dataOf("", file.values()[key]), dataOf("", expected[key])));

        const after = edit(before, key, expected[key]);
        const [from, to] = regionOf(node, before);
        const [head, tail] = [before.slice(0, from), before.slice(to)];
        assert.ok(after.startsWith(head) && after.endsWith(tail), after);
        assert.ok(after.length >= head.length + tail.length, after);
        assert.deepEqual(after.match(/# note \d/g), before.match(/# note \d/g), after);
        assert.deepEqual(new ConfigText(after, "shop").values(), expected, after);
      }),
      { numRuns: Number(process.env.FUZZ_CONFIGS || 200) },
    );
  });
});

interface Leaf {
  path: readonly string[];
  node: Scalar.Parsed;
}

/** All scalars below `config`, with the way to each. */
function leavesOf(text: string): Leaf[] {
  const below = (node: unknown, path: readonly string[]): Leaf[] => {
    if (isScalar(node)) {
      return [{ path, node: node as Scalar.Parsed }];
    }
    if (isMap(node)) {
      return node.items.flatMap(({ key, value }) => below(value, [...path, String((key as Scalar).value)]));
    }
    return isSeq(node) ? node.items.flatMap((item, index) => below(item, [...path, String(index)])) : [];
  };
  return below(parseDocument(text).get("config"), []);
}

/** Where the scalar stands, up to the line break after a block. */
function regionOf({ type, range }: Scalar.Parsed, text: string): [from: number, to: number] {
  const isBlock = type?.startsWith("BLOCK") ?? false;
  return [range[0], isBlock ? text.slice(0, range[1]).replace(/[\r\n]+$/, "").length : range[1]];
}

function replaced(data: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) {
    return value;
  }
  const part = replaced((data as Record<string, unknown>)[name], rest, value);
  return Array.isArray(data)
    ? data.map((each: unknown, index) => (index === Number(name) ? part : each))
    : { ...(data as object), [name]: part };
}

function scalars(): fc.Arbitrary<string | number | boolean> {
  return fc.oneof(
    fc.constantFrom("no", "~", "1.0", "0o17", "1_000", "2026-01-01", "<<", "a: b", "x #y", "- z", "", " ", "'", '"'),
    fc.constantFrom(
      "[a]",
      "{b",
      "two\nlines\n",
      "tab\t",
      "a, b",
      "%",
      "@",
      "*a",
      "&b",
      "!c",
      "\u2028",
      "---",
      "...",
      "?",
    ),
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.boolean(),
  );
}

/** Documents in any style, with comments and blank lines anywhere. */
function documents(): fc.Arbitrary<string> {
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      scalars(),
      fc.array(tie("tree"), { minLength: 1, maxLength: 3 }),
      fc.dictionary(fc.constantFrom("a", "b c", "1", "yes"), tie("tree"), {
        minKeys: 1,
        maxKeys: 3,
        noNullPrototype: true,
      }),
    ),
  }));
  const config = fc.dictionary(fc.constantFrom("shop:a", "shop:b", "aws:c"), tree, {
    minKeys: 1,
    noNullPrototype: true,
  });
  const styles = fc.array(fc.nat(11), { minLength: 1, maxLength: 30 });
  return fc.tuple(config, styles, fc.constantFrom(2, 4), fc.boolean()).map(([values, choices, indent, indentSeq]) => {
    const document = new Document({ encryptionsalt: "v1:x", config: values });
    let next = 0;
    const choice = () => choices[next++ % choices.length];
    visit(document, {
      Scalar(at, node) {
        if (at === "key") {
          return;
        }
        if (typeof node.value === "string") {
          node.type = ([Scalar.PLAIN, Scalar.QUOTE_DOUBLE, Scalar.QUOTE_SINGLE, Scalar.BLOCK_LITERAL] as const)[
            choice() % 4
          ];
        }
        node.comment = choice() % 3 === 0 && node.value !== "" ? ` note ${next % 10}` : undefined;
      },
      Collection(_, node) {
        node.flow = choice() % 5 === 0;
        node.commentBefore = choice() % 5 === 0 && node.flow !== true ? ` note ${next % 10}` : undefined;
      },
      Pair(_, { key }) {
        (key as Scalar).spaceBefore = choice() % 4 === 0;
      },
    });
    return document.toString({ indent, indentSeq, lineWidth: choice() % 2 === 0 ? 0 : 20 });
  });
}
