import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { exportLines } from "../../../sandbox";

describe("variables for eval", () => {
  it("reach the shell as they are, whatever is in them", () => {
    const variables = {
      PLAIN: "a",
      SPACED: "two words",
      QUOTED: `it's "$HOME" \\ \`x\``,
      LINES: "one\ntwo",
      EMPTY: "",
    };
    const script = `eval "$1"; env -0`;
    const seen = execFileSync("sh", ["-c", script, "sh", exportLines(variables)], { encoding: "utf8" }).split("\0");
    for (const [name, value] of Object.entries(variables)) {
      assert.ok(seen.includes(`${name}=${value}`), name);
    }
  });
});
