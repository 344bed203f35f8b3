import assert from "node:assert/strict";
import type { ProcessUse } from "../../bench/processUse";
import type { Growth } from "../../prove/growth/run";
import { nameOf } from "../../prove/growth/size";
import { growthTable } from "../../prove/growth/table";

const byName = (...all: Growth[]) => new Map(all.map((growth) => [nameOf(growth.size), growth]));
const sized = (apps: number) => ({ apps, versions: 2, routes: 1 });

const rendered = (apps: number, ms: number): Growth => ({
  size: sized(apps),
  rendering: { objects: apps * 9, recordMs: ms, writeMs: 10, compareMs: 20, peakMb: 150 },
});

const used = (seconds: number, peakMb: number): ProcessUse => ({
  seconds,
  cpuSeconds: seconds / 2,
  peakMb,
  cpuByProgram: { pulumi: 1, "pulumi-resource": 2, "pulumi-language": 0.5, node: 3 },
  peakMbByProgram: { pulumi: 100, "pulumi-resource": 80, "pulumi-language": 20, node: 200 },
});

const onEngine = (apps: number, seconds: number, peakMb: number): Growth => ({
  size: sized(apps),
  engine: {
    first: used(seconds * 2, peakMb),
    nothing: used(seconds, peakMb),
    writtenOnce: used(seconds / 2, peakMb),
    preview: used(seconds + 1, peakMb),
    up: used(seconds + 2, peakMb),
    stateMb: apps / 10,
  },
});

describe("the tables of growth", () => {
  it("are none without results", () => assert.equal(growthTable(new Map(), new Map()), undefined));

  it("tell rendering by each thing that grows, in the order of its sizes", () => {
    const table = growthTable(byName(rendered(10, 700), rendered(1, 100)), new Map()) ?? "";
    assert.match(
      table,
      /Rendering, by apps:\n\n.*\n.*\n\| 1 × 2 × 1 \| 9 \| 0\.10 s \| 0\.01 s \| 0\.02 s \| 150 MB \|\n\| 10 × 2 × 1 \| 90 \| 0\.70 s/,
    );
    assert.doesNotMatch(table, /On the engine|by all of it/);
  });

  it("tell the engine's time, processor time and memory, and whose they are", () => {
    const table = growthTable(new Map(), byName(onEngine(10, 12, 600), onEngine(1, 3, 400))) ?? "";
    assert.match(
      table,
      /\| 1 × 2 × 1 \| 6\.0 \/ 3\.0 s, 400 MB \| 3\.0 \/ 1\.5 s, 400 MB \| 1\.5 \/ 0\.8 s, 400 MB \| 4\.0 \/ 2\.0 s, 400 MB \| 5\.0 \/ 2\.5 s, 400 MB \| 0\.1 MB \|\n\| 10 × 2 × 1 /,
    );
    assert.match(table, /\| 10 × 2 × 1 \| 1\.5 s, 120 MB \| 2\.0 s, 80 MB \| 3\.0 s, 200 MB \|/);
  });

  it("leave out the first up of a stack that is too large for it", () => {
    const large = onEngine(200, 90, 2000);
    delete large.engine?.first;
    const table = growthTable(new Map(), byName(onEngine(50, 30, 900), large)) ?? "";
    assert.match(table, /\| 200 × 2 × 1 \| – \| 90\.0 \/ 45\.0 s/);
    assert.match(table, /\| 50 → 200 \| – \| – \| 0\.40 s/);
  });

  it("tell what one more app costs, between each two sizes that were measured", () => {
    const [rendering, engine] = [
      byName(rendered(1, 100), rendered(10, 550), rendered(50, 2550)),
      byName(onEngine(1, 3, 400), onEngine(10, 12, 580)),
    ];
    const table = growthTable(rendering, engine) ?? "";
    assert.match(
      table,
      /\| 1 → 10 \| 50 ms \| 2\.00 s \| 1\.00 s \| 0\.50 s \| 1\.00 s \| 1\.00 s \| 20\.0 MB \| 100 kB \|\n\| 10 → 50 \| 50 ms \| – \| – \| – \| – \| – \| – \| – \|/,
    );
    assert.doesNotMatch(table, /50 → 200|NaN/);
  });
});
