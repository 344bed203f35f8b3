import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runtime } from "@pulumi/pulumi";
import * as fc from "fast-check";
import { PROJECT_ROOT } from "../../demo/programStack";
import { ConfigText } from "../../src/config/configText";
import { ProgramError, runProgram } from "../../src/internal/runProgram";
import { recordStack } from "../../src/render/program";
import { DOCUMENTS, PROJECTS, SCALARS } from "../unit/config/readingCases";
import { programTexts, type Reading, READINGS, READINGS_FILE, type Readings } from "../unit/config/readings";
import { scalarFile } from "../unit/config/scalarFile";
import { testEngine } from "./support/engine";

const PROJECT = "name: shop\nruntime: nodejs\n";

/** Objects and lists as data: the order of an object's keys is nobody's. */
function parsed(texts: Record<string, string>): Record<string, unknown> {
  const isJson = (text: string) => text.startsWith("{") || text.startsWith("[");
  return Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [key, isJson(text) ? (JSON.parse(text) as unknown) : text]),
  );
}

/** As much of a value as `pulumi config --json` tells. */
interface Shown {
  value?: string;
  objectValue?: unknown;
  secret: boolean;
}

describe("the reading of a stack's config", function () {
  this.timeout("10m");
  let folder: string;
  let env: NodeJS.ProcessEnv;
  const file = () => join(folder, "Pulumi.dev.yaml");

  const pulumi = async (...args: string[]) =>
    (await runProgram("pulumi", [...args, "--stack", "dev", "--non-interactive"], { cwd: folder, env })).stdout;

  before(async () => {
    const { variables } = await testEngine();
    folder = await mkdtemp(join(tmpdir(), "reading-"));
    await mkdir(join(folder, "state"));
    await writeFile(join(folder, "Pulumi.yaml"), PROJECT);
    env = {
      ...process.env,
      ...variables,
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      TZ: "UTC", // a date's text may hold the name of this machine's zone
    };
    await runProgram("pulumi", ["stack", "init", "dev", "--non-interactive"], { cwd: folder, env });
  });

  after(() => rm(folder, { recursive: true, force: true }));

  async function shown(): Promise<Record<string, Shown>> {
    return JSON.parse(await pulumi("config", "--json")) as Record<string, Shown>;
  }

  async function reading(text: string | undefined): Promise<Reading> {
    await (text === undefined ? rm(file(), { force: true }) : writeFile(file(), text));
    try {
      const values = Object.entries(await shown()).map(([key, { value, objectValue }]) => [
        key,
        typeof objectValue === "object" && objectValue !== null ? objectValue : value,
      ]);
      return { values: Object.fromEntries(values) as Record<string, unknown> };
    } catch (error) {
      assert.ok(error instanceof ProgramError, String(error));
      return { refused: true };
    }
  }

  async function readingsOf(cases: Readonly<Record<string, string>>, read: (text: string) => Promise<Reading>) {
    const readings: Record<string, Reading> = {};
    for (const [name, text] of Object.entries(cases)) {
      readings[name] = await read(text);
    }
    return readings;
  }

  it("is that of Pulumi's CLI, as it is recorded for the unit tests", async () => {
    const now: Readings = {
      pulumi: (await runProgram("pulumi", ["version"], { env })).stdout.trim(),
      scalars: await reading(scalarFile(SCALARS)),
      documents: await readingsOf(DOCUMENTS, reading),
      projects: await readingsOf(PROJECTS, async (text) => {
        await writeFile(join(folder, "Pulumi.yaml"), `${PROJECT}${text}`);
        return reading(undefined);
      }),
    };
    await writeFile(join(folder, "Pulumi.yaml"), PROJECT);
    assert.ok("values" in now.scalars, "each of the scalars is one");
    if (process.env.RECORD_READINGS) {
      writeFileSync(READINGS_FILE, `${JSON.stringify(now, undefined, 1)}\n`);
    } else {
      assert.deepEqual({ ...now, pulumi: READINGS.pulumi }, READINGS);
    }
  });

  it("is that of Pulumi's CLI, whatever scalar it is", async () => {
    const characters = fc.constantFrom(...Array.from("000112345678999..--++__eEoxXbBTtZ: ~nfal"));
    const numeral = fc.string({ unit: characters, minLength: 1, maxLength: 12 });
    const two = fc.integer({ min: 0, max: 70 }).map((part) => String(part).padStart(2, "0"));
    const time = fc
      .tuple(
        fc.constantFrom("2026-11-28", "2026-2-30", "1999-1-1"),
        fc.constantFrom("T", " ", "t", "  "),
        two,
        two,
        two,
      )
      .chain(([day, sign, ...parts]) =>
        fc
          .constantFrom("", "Z", ".5", ".25Z", "+02:00", "-11:30")
          .map((end) => `${day}${sign}${parts.join(":")}${end}`),
      );
    // What is no plain scalar is another matter.
    const isPlain = (text: string) =>
      text.trim() === text && !/^[-?:](\s|$)|: |:$|^[~\s]|\s#|^(-\.|\+\.|\.)(inf|nan)$/i.test(text);
    const sources = [...new Set(fc.sample(fc.oneof(numeral, time), { numRuns: 1000, seed: 14 }))].filter(isPlain);
    const text = scalarFile(sources);
    const pulumis = await reading(text);
    assert.ok("values" in pulumis && sources.length > 500);
    const ours = programTexts(new ConfigText(text, "shop").values());
    sources.forEach((source, index) => {
      for (const key of ["top", "list", "key"].map((place) => `shop:${place}${index}`)) {
        assert.deepEqual(ours[key], pulumis.values[key], `${JSON.stringify(source)} at ${key}`);
      }
    });
  });

  it("is the same of what is written here, whatever text it is", async () => {
    const words = [...SCALARS, ...fc.sample(fc.string({ unit: "binary", maxLength: 8 }), { numRuns: 500, seed: 14 })];
    const values = {
      "shop:texts": words.map((word) => [word, { name: word }]),
      "shop:weights": Object.fromEntries(words.filter((word) => word !== "__proto__").map((word) => [word, 1])),
    };
    const written = new ConfigText("", "shop").with(values);
    assert.deepEqual(await reading(written), { values });
  });

  it("has version names as texts that the pipelines' commands set", async () => {
    const names = ["1234567", "0123456", "12e4567", "20260301", "v3", "true"];
    await writeFile(file(), "config: {}\n");
    for (const [index, name] of names.entries()) {
      await pulumi("config", "set", "--path", "--type", "string", `versions[${index}].name`, name);
      await pulumi("config", "set", "--path", `weights.${name}`, "0");
    }
    const values = new ConfigText(await readFile(file(), "utf8"), "shop").values();
    assert.deepEqual(
      values["shop:versions"],
      names.map((name) => ({ name })),
    );
    assert.deepEqual(values["shop:weights"], Object.fromEntries(names.map((name) => [name, 0])));
    assert.deepEqual(
      programTexts(values),
      ((await reading(await readFile(file(), "utf8"))) as { values: object }).values,
    );
  });

  it("gives a program of `pulumi up` the texts that it has in `canary render`", async () => {
    await symlink(join(PROJECT_ROOT, "node_modules"), join(folder, "node_modules"));
    await writeFile(
      join(folder, "index.js"),
      'const { runtime } = require("@pulumi/pulumi"); exports.texts = runtime.allConfig();',
    );
    await writeFile(join(folder, "Pulumi.yaml"), `${PROJECT}config:\n  a: 014\n  b: { default: [1.50] }\n`);
    await writeFile(file(), scalarFile(SCALARS));
    await pulumi("up", "--yes", "--skip-preview");
    const texts = JSON.parse(await pulumi("stack", "output", "texts")) as Record<string, string>;
    await recordStack(folder, "dev");
    assert.deepEqual(parsed(runtime.allConfig() ?? {}), parsed(texts));
    await writeFile(join(folder, "Pulumi.yaml"), PROJECT);
  });

  it("refuses a stack whose environments Pulumi does not tell, and says where the config may be", async () => {
    await writeFile(file(), "environment: [shop/prod]\n");
    await assert.rejects(shown(), /environment/);
  });
});
