import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { EXAMPLES } from "./support";

const FOLDER = join(__dirname, "../../../examples");

describe("the examples' READMEs", () => {
  for (const example of EXAMPLES) {
    it(`${example}: names keys that its Pulumi.yaml declares, and how it is run`, () => {
      const readme = readFileSync(join(FOLDER, example, "README.md"), "utf8");
      const { config } = parse(readFileSync(join(FOLDER, example, "Pulumi.yaml"), "utf8")) as {
        config: Record<string, unknown>;
      };
      const keys = [...readme.matchAll(/pulumi config (?:set|rm) (?:--path )?'?(\w+)/g)].map(([, key]) => key);
      assert.ok(keys.length > 0);
      assert.deepEqual(
        keys.filter((key) => !(key in config)),
        [],
      );
      const lines = ["(cd ../.. && npm ci --ignore-scripts)", "pulumi stack select --create dev", "pulumi up"].map(
        (line) => `    ${line}\n`,
      );
      assert.ok(readme.includes(lines.join("")));
      assert.match(readme, /eval "\$\(npx tsx \.\.\/onSandbox\.ts\)"/);
    });
  }
});
