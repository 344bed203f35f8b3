import assert from "node:assert/strict";
import { passed } from "../../../../src/rollout/gates/assessment";
import { Phase } from "../../../../src/rollout/gates/gate";
import { gateWithTimeout } from "../../../../src/rollout/gates/gateWithTimeout";
import { warningsDuring } from "../../warnings";
import { question } from "./question";

describe("gates that are asked at once", () => {
  it("may be as many as one likes: Node sees no leak in that", async () => {
    const gates = Array.from({ length: 20 }, (_, index) =>
      gateWithTimeout({ name: `gate-${index}` }, [Phase.Hold], async () => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return passed("it is well");
      }),
    );
    const { signal } = new AbortController();
    const ask = () => Promise.all(gates.map((gate) => gate.ask(question(), signal)));
    assert.deepEqual(await warningsDuring(ask), []);
  });
});
