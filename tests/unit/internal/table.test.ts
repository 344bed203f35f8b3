import assert from "node:assert/strict";
import { columns, displayWidth, table } from "../../../src/internal/table";

const RED = "\u001b[31mred\u001b[0m";

describe("a table of plain text", () => {
  it("has a ruled header, names at the left and numbers at the right", () => {
    assert.equal(
      table(
        ["version", "asked"],
        [
          ["v1", "75%"],
          ["v2-long", "100%"],
        ],
      ),
      ["  version   asked", "  ───────────────", "  v1          75%", "  v2-long    100%"].join("\n"),
    );
  });

  it("is as wide as what is seen of its cells", () => {
    assert.equal(displayWidth(RED), 3);
    assert.deepEqual(
      columns(
        [
          [RED, "1"],
          ["longer", "1,000"],
        ],
        { alignRight: true, gap: 1 },
      ),
      [`${RED}        1`, "longer 1,000"],
    );
  });

  it("ends its lines without blanks, and may have rows of different lengths", () => {
    assert.deepEqual(columns([["a", "", ""], ["bb"], ["c", "d", "e"]]), ["a", "bb", "c   d  e"]);
    assert.deepEqual(columns([]), []);
  });
});
