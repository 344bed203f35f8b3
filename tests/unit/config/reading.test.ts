import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigText } from "../../../src/config/configText";
import { readProject } from "../../../src/config/project";
import { DOCUMENTS, PROJECTS, SCALARS } from "./readingCases";
import { programTexts, type Reading, READINGS } from "./readings";
import { scalarFile } from "./scalarFile";

/** What this project reads, as a program gets it. */
function readingOf(text: string): Reading {
  try {
    return { values: programTexts(new ConfigText(text, "shop").values()) };
  } catch {
    return { refused: true };
  }
}

describe("the reading of a stack's config, which is Pulumi's", () => {
  const expected = (READINGS.scalars as { values: Record<string, unknown> }).values;
  const actual = programTexts(new ConfigText(scalarFile(SCALARS), "shop").values());
  SCALARS.forEach((source, index) => {
    it(`takes ${JSON.stringify(source)} for what it is on the top level, in a list and as a key`, () => {
      for (const place of ["top", "list", "key"]) {
        assert.deepEqual(actual[`shop:${place}${index}`], expected[`shop:${place}${index}`], place);
      }
    });
  });

  for (const [name, text] of Object.entries(DOCUMENTS)) {
    const reading = READINGS.documents[name];
    it(`${"refused" in reading ? "refuses" : "reads"} ${name}`, () => assert.deepEqual(readingOf(text), reading));
  }

  it("says in which line and column a file is refused", () => {
    const refused: [text: string, message: RegExp][] = [
      [DOCUMENTS["infinity deep within"], /-\.INF, which no config can hold, at line 2, column 17$/],
      [DOCUMENTS["a key twice"], /is not valid YAML: Map keys must be unique at line 3, column 3$/],
      [DOCUMENTS["a control character"], /control character U\+0007 is not allowed at line 2, column 12$/],
      [DOCUMENTS["a key with another middle"], /config key "a:b:c".* at line 2, column 3$/],
      [DOCUMENTS["a tag that does not fit"], /"abc" is not a !!int at line 2, column 17$/],
      ["config:\n  a: 1\n  shop:a: 2\n", /has shop:a under two spellings.* at line 3, column 3$/],
    ];
    for (const [text, message] of refused) {
      assert.throws(() => new ConfigText(text, "shop"), message);
    }
  });
});

describe("the reading of a Pulumi.yaml's config", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "project-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  for (const [name, text] of Object.entries(PROJECTS)) {
    const reading = READINGS.projects[name];
    it(`${"refused" in reading ? "refuses" : "takes"} ${name}`, async () => {
      await writeFile(join(folder, "Pulumi.yaml"), `name: shop\nruntime: nodejs\n${text}`);
      const actual = await readProject(folder).then(
        ({ defaults }): Reading => ({ values: programTexts(defaults) }),
        (): Reading => ({ refused: true }),
      );
      assert.deepEqual(actual, reading);
    });
  }
});
