import assert from "node:assert/strict";
import * as fc from "fast-check";
import { ConfigFileError } from "../../../src/config/configDocument";
import { ConfigText } from "../../../src/config/configText";
import type { ConfigValues } from "../../../src/config/configValues";
import { UNKNOWN } from "../../../src/validation/unknown";

function textOf(...lines: string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

function edit(text: string, values: ConfigValues): string {
  return new ConfigText(text, "shop").with(values);
}

const WEIGHTS = { "shop:weights": { v1: 80, v2: 20 } };
const ROUTES = [{ match: [{ headers: { "end-user": { exact: "no" } } }], version: "v2" }, {}];

describe("the text of a stack's config file", () => {
  describe("read as data", () => {
    const read: [name: string, text: string, expected: ConfigValues][] = [
      [
        "numbers, texts, lists and objects",
        textOf("config:", "  shop:weight: 25", "  shop:appName: a", "  shop:hosts: ['*']"),
        { "shop:weight": 25, "shop:appName": "a", "shop:hosts": ["*"] },
      ],
      ["keys of other packages", textOf("config:", "  kubernetes:context: k"), { "kubernetes:context": "k" }],
      ["keys without a project, which are the project's own", textOf("config:", "  weight: 25"), { "shop:weight": 25 }],
      ["keys as they were spelt long ago", textOf("config:", "  shop:config:weight: 25"), { "shop:weight": 25 }],
      ["secrets, unread", textOf("config:", "  shop:token:", "    secure: v1:abc"), { "shop:token": UNKNOWN }],
      [
        "secrets deep within, unread",
        textOf("config:", "  shop:rollout: { source: { token: { secure: v1:abc } }, hold: 1 }"),
        { "shop:rollout": { source: { token: UNKNOWN }, hold: 1 } },
      ],
      [
        "an object with more than a field called secure",
        textOf("config:", "  shop:a: { secure: x, b: 1 }"),
        { "shop:a": { secure: "x", b: 1 } },
      ],
      [
        "values by anchor",
        textOf("config:", "  shop:a: &a { x: 1 }", "  shop:b: *a"),
        { "shop:a": { x: 1 }, "shop:b": { x: 1 } },
      ],
      ["JSON", '{"config": {"shop:weight": "25"}}', { "shop:weight": "25" }],
      ["nothing in an empty file", "", {}],
      ["nothing without config", "encryptionsalt: v1:x\n", {}],
      ["nothing in an empty config", "config:\n", {}],
    ];
    for (const [name, text, expected] of read) {
      it(`holds ${name}`, () => assert.deepEqual(new ConfigText(text, "shop").values(), expected));
    }

    const refused: [name: string, text: string, message: RegExp][] = [
      ["what is no YAML", "config: [", /^is not valid YAML: .*line 1/],
      ["a list", "- a\n", /an object with the key config is needed/],
      ["a config that is a list", "config: [a]\n", /has a config that is not an object/],
      ["a config that is a text", "config: a\n", /has a config that is not an object/],
      ["a key twice", textOf("config:", "  a:b: 1", "  a:b: 2"), /is not valid YAML: Map keys must be unique/],
    ];
    for (const [name, text, message] of refused) {
      it(`refuses ${name}`, () =>
        assert.throws(
          () => new ConfigText(text, "shop"),
          (error) => error instanceof ConfigFileError && message.test(error.message),
        ));
    }
  });

  describe("edited", () => {
    const edited: [name: string, before: string, values: ConfigValues, after: string][] = [
      [
        "changes nothing but a number",
        textOf("# top", "config:", "  shop:weight:   25 # the canary's", "  a:b: 1", "x: y"),
        { "shop:weight": 50 },
        textOf("# top", "config:", "  shop:weight:   50 # the canary's", "  a:b: 1", "x: y"),
      ],
      [
        "keeps a number that `pulumi config set` wrote as a text one",
        textOf("config:", '  shop:weight: "25"'),
        { "shop:weight": 50 },
        textOf("config:", '  shop:weight: "50"'),
      ],
      [
        "keeps single quotes",
        textOf("config:", "  shop:weight: '25'"),
        { "shop:weight": 50 },
        textOf("config:", "  shop:weight: '50'"),
      ],
      [
        "keeps JSON in a text",
        textOf("config:", `  shop:weights: '{"v1":90,"v2":10}'`),
        WEIGHTS,
        textOf("config:", `  shop:weights: '{"v1":80,"v2":20}'`),
      ],
      [
        "keeps comments between shares, their order and spaces",
        textOf(
          "config:",
          "  shop:weights: # all",
          "    v2:  10   # canary",
          "    # the old one",
          "    v1: 90 # stable",
          "  a:b: 1",
        ),
        WEIGHTS,
        textOf(
          "config:",
          "  shop:weights: # all",
          "    v2:  20   # canary",
          "    # the old one",
          "    v1: 80 # stable",
          "  a:b: 1",
        ),
      ],
      [
        "keeps braces",
        textOf("config:", '  shop:weights: {v1: 90,   "v2": 10} # now'),
        WEIGHTS,
        textOf("config:", '  shop:weights: {v1: 80,   "v2": 20} # now'),
      ],
      [
        "fills empty braces",
        textOf("config:", "  shop:weights: {} # none"),
        WEIGHTS,
        textOf("config:", "  shop:weights: { v1: 80, v2: 20 } # none"),
      ],
      [
        "fills a key without a value",
        textOf("config:", "  shop:weight: # none", "  a:b: 1"),
        { "shop:weight": 5 },
        textOf("config:", "  shop:weight: 5 # none", "  a:b: 1"),
      ],
      [
        "writes a longer list anew",
        textOf("config:", "  shop:routes:", "  - {} # all", "  a:b: 1"),
        { "shop:routes": ROUTES },
        textOf(
          "config:",
          "  shop:routes:",
          "    - match:",
          "        - headers:",
          "            end-user:",
          '              exact: "no"',
          "      version: v2",
          "    - {}",
          "  a:b: 1",
        ),
      ],
      [
        "adds a key after the last one",
        textOf("config:", "  a:b: 1 # one", "  # the end", "x: y"),
        { "shop:weight": 5 },
        textOf("config:", "  a:b: 1 # one", "  shop:weight: 5", "  # the end", "x: y"),
      ],
      [
        "adds a key as far to the right as the others",
        textOf("config:", "    a:b: 1"),
        WEIGHTS,
        textOf("config:", "    a:b: 1", "    shop:weights:", "      v1: 80", "      v2: 20"),
      ],
      [
        "adds a key to an empty config",
        textOf("config: # none", "x: y"),
        { "shop:weight": 5 },
        textOf("config: # none", "  shop:weight: 5", "x: y"),
      ],
      ["adds a key to empty braces", textOf("config: {}"), { "shop:weight": 5 }, textOf('config: {"shop:weight": 5}')],
      ["adds a config", textOf("x: y"), { "shop:weight": 5 }, textOf("x: y", "config:", "  shop:weight: 5")],
      ["adds a config to an empty file", "", { "shop:weight": 5 }, textOf("config:", "  shop:weight: 5")],
      [
        "adds no line break to a last line without one",
        "config:\n  a:b: 1",
        { "shop:weight": 5 },
        "config:\n  a:b: 1\n  shop:weight: 5",
      ],
      [
        "keeps the line breaks of Windows",
        "config:\r\n  a:b: 1\r\n",
        WEIGHTS,
        "config:\r\n  a:b: 1\r\n  shop:weights:\r\n    v1: 80\r\n    v2: 20\r\n",
      ],
      [
        "writes JSON in JSON",
        '{\n  "config": {\n    "a:b": "1"\n  }\n}\n',
        WEIGHTS,
        '{\n  "config": {\n    "a:b": "1", "shop:weights": {"v1":80,"v2":20}\n  }\n}\n',
      ],
      [
        "takes a key away",
        textOf("config:", "  shop:weights:", "    v1: 80 # old", "  a:b: 1"),
        { "shop:weights": null },
        textOf("config:", "  a:b: 1"),
      ],
      ["takes the last key away", textOf("config:", "  shop:weight: 5"), { "shop:weight": null }, textOf("config: {}")],
      [
        "takes no key away that is not there",
        textOf("config:", "  a:b: 1"),
        { "shop:weight": null },
        textOf("config:", "  a:b: 1"),
      ],
      [
        "writes a key where it is spelt without its project",
        textOf("config:", "  weight: 5"),
        { "shop:weight": 6 },
        textOf("config:", "  weight: 6"),
      ],
      [
        "leaves secrets as they are",
        textOf("config:", "  shop:t:", "    secure: v1:abc", "  shop:weight: 5"),
        { "shop:weight": 6 },
        textOf("config:", "  shop:t:", "    secure: v1:abc", "  shop:weight: 6"),
      ],
      [
        "writes two keys at once",
        textOf("config:", "  shop:weight: 5", "  shop:routes: [{}]"),
        { "shop:weight": 6, "shop:routes": [{}, {}] },
        textOf("config:", "  shop:weight: 6", "  shop:routes: [ {}, {} ]"),
      ],
      [
        "does not touch what is equal",
        textOf("config:", "  shop:weights: {   v2: 20, v1: 80}"),
        WEIGHTS,
        textOf("config:", "  shop:weights: {   v2: 20, v1: 80}"),
      ],
      [
        "replaces a block of text by a text",
        textOf("config:", "  shop:weights: |", '    {"v1": 90, "v2": 10}', "", "  a:b: 1"),
        WEIGHTS,
        textOf("config:", "  shop:weights:", "    v1: 80", "    v2: 20", "", "  a:b: 1"),
      ],
    ];
    for (const [name, before, values, after] of edited) {
      it(name, () => assert.equal(edit(before, values), after));
    }

    it("refuses to change a value that another key refers to", () => {
      const text = textOf("config:", "  shop:weight: &w 5", "  shop:other: *w");
      assert.throws(() => edit(text, { "shop:weight": 6 }), /would change shop:other; do without YAML's anchors/);
    });

    it("refuses braces without a config, where it would have to guess the place", () => {
      assert.throws(() => edit("{}", { "shop:weight": 6 }), /has no config: add "config": \{\}/);
    });
  });

  describe("put back", () => {
    it("has an object's spelling again, but what another person has changed since stays", () => {
      const before = textOf("config:", "  shop:routes: # as ever", "  - {} # all", "  a:b: 1");
      const source = new ConfigText(before, "shop").sourceOf(["shop:routes", "shop:weight"]);
      const during = edit(before, { "shop:routes": ROUTES, "shop:weight": 5 }).replace("a:b: 1", "a:b: 2 # changed");
      const after = new ConfigText(during, "shop").with({ "shop:routes": [{}], "shop:weight": null }, source);
      assert.equal(after, textOf("config:", "  shop:routes: # as ever", "  - {} # all", "  a:b: 2 # changed"));
    });

    it("is the same to the byte, whatever the text was and has been written to it", () => {
      fc.assert(
        fc.property(texts(), fc.array(values(), { minLength: 1, maxLength: 4 }), (before, written) => {
          const first = new ConfigText(before, "shop");
          const source = JSON.parse(JSON.stringify(first.sourceOf(KEYS))) as ReturnType<ConfigText["sourceOf"]>;
          const own = Object.fromEntries(KEYS.map((key) => [key, first.values()[key] ?? null]));
          // What a run does: it takes no key away but those that it has added.
          const sound = (each: ConfigValues) =>
            Object.fromEntries(
              Object.entries(each).filter(([key, value]) => value !== null || source.keys[key] === null),
            );
          const during = written.reduce((text, each) => new ConfigText(text, "shop").with(sound(each), source), before);
          const others = ({ "shop:weights": _, "shop:routes": __, "shop:weight": ___, ...rest }: ConfigValues) => rest;
          assert.deepEqual(others(new ConfigText(during, "shop").values()), others(first.values()));
          assert.equal(new ConfigText(during, "shop").with(own, source), before, during);
        }),
        { numRuns: Number(process.env.FUZZ_CONFIGS || 200) },
      );
    });
  });
});

const KEYS = ["shop:weights", "shop:routes", "shop:weight"];

/** YAML has no objects without a prototype. */
const NO = { noNullPrototype: true } as const;

/** What a run may write. */
function values(): fc.Arbitrary<ConfigValues> {
  const percent = fc.integer({ min: 0, max: 100 });
  const weights = fc.record({ v1: percent, v2: percent }, NO);
  const route = fc.oneof(
    fc.constant({}),
    fc.record(
      {
        version: fc.constantFrom("v1", "no", "1.0"),
        match: fc.array(fc.record({ uri: fc.record({ exact: fc.string() }, NO) }, NO), { maxLength: 2 }),
      },
      NO,
    ),
  );
  const all = {
    "shop:weights": fc.option(weights),
    "shop:weight": fc.option(percent),
    "shop:routes": fc.option(fc.array(route, { maxLength: 3 })),
  };
  return fc.record(all, { requiredKeys: [], noNullPrototype: true });
}

/** Config files as people write them: in any style, with comments and blank lines anywhere. */
function texts(): fc.Arbitrary<string> {
  const comment = fc.constantFrom("", "", " # note", "   ");
  const between = fc.constantFrom("", "", "\n", "  # on its own\n", "      # far\n");
  const entry = (spelling: fc.Arbitrary<string>, keys: string[]) =>
    fc
      .tuple(fc.constantFrom(...keys), spelling, comment, between)
      .map(([key, text, note, gap]) => `  ${key}:${text}${note}\n${gap}`);
  const weights = entry(
    fc.constantFrom(
      " { v1: 90, v2: 10 }",
      ' {"v1":90,  "v2": 10}',
      `\n    v1: 90 # stable\n    v2: 10`,
      `\n      v2: 10\n\n      # old\n      v1: 90`,
      ` '{"v1":90,"v2":10}'`,
      " {}",
      "",
      ' |\n    {"v1": 90,\n     "v2": 10}',
      " {\n    v1: 90,\n    v2: 10 }",
    ),
    ["shop:weights", "weights", '"shop:weights"'],
  );
  const weight = entry(fc.constantFrom(" 25", ' "25"', " '25'", "", "   0", "\n    25"), [
    "shop:weight",
    "shop:config:weight",
  ]);
  const routes = entry(
    fc.constantFrom(
      "\n  - {}",
      "\n    - match:\n        - uri: { exact: /a } # one\n      timeout: 1s\n    -\n",
      " [{}]",
      " []",
      "\n  - version: v1\n    # last",
    ),
    ["shop:routes"],
  );
  const other = entry(
    fc.constantFrom(" 1", "\n    secure: v1:abc", " |\n    text\n    more", "", " {}", "\n  - a\n  - b"),
    ["a:b", "shop:token"],
  );
  const config = fc
    .uniqueArray(fc.oneof(weights, weight, routes, other), {
      selector: (line) => /(weights|weight|routes|a:b|token)/.exec(line)?.[1],
      maxLength: 5,
    })
    .map((entries) => (entries.length === 0 ? "config:" : `config:\n${entries.join("")}`));
  const whole = fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .tuple(
          fc.constantFrom("", "# top\n", "encryptionsalt: v1:x\n", "---\n"),
          config,
          fc.constantFrom("", "\n", "\n# end\n", "\nx: y\n"),
        )
        .map((parts) => parts.join("")),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "",
        "# only\n",
        "x: y",
        "x: y\n",
        "config: {} # c\n",
        '{"config": {}}',
        '{"config": {"a:b": 1}}',
        '{\n  "config": {\n    "shop:weight": "5",\n    "a:b": 1\n  }\n}',
      ),
    },
  );
  return fc.tuple(whole, fc.boolean(), fc.boolean()).map(([text, windows, open]) => {
    const cut = open ? text.trimEnd() : text;
    return windows ? cut.replaceAll("\n", "\r\n") : cut;
  });
}
