import assert from "node:assert/strict";
import * as fc from "fast-check";
import { type MetricSample, samplesIn } from "../../../../src/rollout/metrics/exposition";

const parse = (text: string): MetricSample[] => [...samplesIn(text)];

describe("a text of Prometheus' exposition format", () => {
  const lines: [line: string, sample: MetricSample | undefined][] = [
    ["up 1", { name: "up", labels: {}, value: 1 }],
    ["up{} 1", { name: "up", labels: {}, value: 1 }],
    ['a:b_c{d="e"} 1.5e3', { name: "a:b_c", labels: { d: "e" }, value: 1500 }],
    ['a{b="1",c="2"} 3', { name: "a", labels: { b: "1", c: "2" }, value: 3 }],
    ['a{b="1",c="2",} 3', { name: "a", labels: { b: "1", c: "2" }, value: 3 }],
    ['a { b = "1" , c="2" } 3 1700000000000', { name: "a", labels: { b: "1", c: "2" }, value: 3 }],
    ['a{b="}"} 3', { name: "a", labels: { b: "}" }, value: 3 }],
    ['a{b="x, y=\\"z\\"",c="\\\\\\n"} 3', { name: "a", labels: { b: 'x, y="z"', c: "\\\n" }, value: 3 }],
    ['a{le="+Inf"} +Inf', { name: "a", labels: { le: "+Inf" }, value: Infinity }],
    ["a -Inf", { name: "a", labels: {}, value: -Infinity }],
    ["a NaN", { name: "a", labels: {}, value: NaN }],
    ["# HELP a b", undefined],
    ["# TYPE a counter", undefined],
    ["", undefined],
    ["a", undefined],
    ["a x", undefined],
    ["a{b=1} 1", undefined],
    ['a{b="1} 1', undefined],
    ['a{b="1" c="2"} 1', undefined],
    ['{b="1"} 1', undefined],
  ];
  for (const [line, sample] of lines) {
    it(`${sample ? "has a figure" : "has none"} in ${JSON.stringify(line)}`, () =>
      assert.deepEqual(parse(line), sample ? [sample] : []));
  }

  it("has all figures of its lines, past those that are none", () => {
    assert.deepEqual(
      parse("# x\na 1\nrubbish\n\nb 2\n").map(({ name, value }) => [name, value]),
      [
        ["a", 1],
        ["b", 2],
      ],
    );
  });

  it("keeps what was written, whatever a label's text is", () => {
    const label = fc.stringMatching(/^[a-z_]\w{0,5}$/);
    const escaped = (text: string) => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
    fc.assert(
      fc.property(
        fc.dictionary(
          label,
          fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\r", "")),
        ),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        (labels, value) => {
          const text = Object.entries(labels)
            .map(([name, each]) => `${name}="${escaped(each)}"`)
            .join(",");
          assert.deepEqual(parse(`m{${text}} ${value}`), [
            { name: "m", labels: { ...labels }, value: value === 0 ? Number(String(value)) : value },
          ]);
        },
      ),
    );
  });
});
