import assert from "node:assert/strict";
import { codeBlock, codeSpan, escapeMarkdown, markdownTable } from "../../../src/internal/markdown";

describe("text in Markdown", () => {
  const texts: [what: string, text: string, escaped: string][] = [
    ["emphasis and code", "a *b* _c_ `d` ~e~", "a \\*b\\* \\_c\\_ \\`d\\` \\~e\\~"],
    ["links and images", "![a](b)", "\\!\\[a\\](b)"],
    ["addresses", "see https://a.example", "see https:\u200b//a.example"],
    ["mentions", "@ada", "@\u200bada"],
    ["tags and entities", "<b>&amp;", "&lt;b&gt;&amp;amp;"],
    ["cells, lines and blanks at its ends", " a | b\nc ", "a \\| b c"],
    ["issues, merge requests and formulas", "#1 !2 $3$", "\\#1 \\!2 \\$3\\$"],
  ];
  for (const [what, text, escaped] of texts) {
    it(`has no ${what} of its own`, () => assert.equal(escapeMarkdown(text), escaped));
  }

  it("as code is shown as it is", () => {
    assert.equal(codeSpan("a"), "`a`");
    assert.equal(codeSpan("`a` |\nb"), "`` `a` \\| b ``");
    assert.equal(codeBlock("a ``` b"), "````\na ``` b\n````");
    assert.equal(codeBlock("a"), "```\na\n```");
  });
});

describe("a table in Markdown", () => {
  it("has escaped cells", () => {
    assert.equal(markdownTable(["a", "b"], [["x|y", "2"]]), "| a | b |\n| --- | --- |\n| x\\|y | 2 |");
  });

  it("may have numbers at the right", () => {
    assert.match(markdownTable(["a", "b", "c"], [], { alignRight: true }), /^\| --- \| ---: \| ---: \|$/m);
  });
});
