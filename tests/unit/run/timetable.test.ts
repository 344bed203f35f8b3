import assert from "node:assert/strict";
import { timetable } from "../../run/timetable";

describe("the table of where a run's time goes", () => {
  it("has a line for each suite that took a second or more", () => {
    const suites = [
      { lane: "core", suite: "a whole rollout", tests: 5, seconds: 73.4 },
      { lane: "core", suite: "quick", tests: 900, seconds: 0.4 },
      { lane: "apps", suite: "pods", tests: 12, seconds: 8.6 },
    ];
    assert.deepEqual(timetable(suites).split("\n"), [
      "lane  suite            tests  seconds",
      "core  a whole rollout      5       73",
      "apps  pods                12        9",
      "",
    ]);
  });
});
