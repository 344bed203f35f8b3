import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { EarlySignals } from "../../../src/cli/earlySignals";

describe("a signal that comes while a run is begun", () => {
  const cases: [signals: NodeJS.Signals[], canAsk: boolean, aborts: unknown[][]][] = [
    [[], false, []],
    [["SIGINT"], false, [["terminated", "SIGINT"]]],
    [["SIGINT"], true, [["person"]]],
    [["SIGTERM"], true, [["terminated", "SIGTERM"]]],
    [["SIGHUP"], false, [["terminated", "SIGHUP"]]],
    [["SIGINT", "SIGTERM"], false, [["terminated", "SIGINT"]]],
  ];
  for (const [given, canAsk, expected] of cases) {
    it(`sends it back once it has begun: ${given.join(", ") || "none"}, ${canAsk ? "with" : "without"} a terminal`, () => {
      const signals = new EventEmitter();
      const aborts: unknown[][] = [];
      const early = new EarlySignals(signals);
      given.forEach((signal) => signals.emit(signal));
      assert.equal(aborts.length, 0);
      early.passOn({ abort: (...args) => void aborts.push(args) }, canAsk);
      assert.deepEqual(aborts, expected);
      assert.deepEqual(
        signals.eventNames().map((name) => signals.listenerCount(name)),
        [],
      );
    });
  }
});
