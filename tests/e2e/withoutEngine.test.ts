import assert from "node:assert/strict";
import { WithoutEngine } from "../../demo/withoutEngine";
import { sendMany } from "../../load/generator";
import { silentProgress } from "../../sandbox/progress";
import { testTarget } from "./support/program";
import { assertSharesOf, pause, untilAnswered } from "./support/traffic";

describe("the program without an engine, by kubectl and helm", function () {
  this.timeout("20m");
  const output: string[] = [];
  let way: WithoutEngine;
  let url: string;

  before(async () => {
    way = new WithoutEngine(await testTarget(), silentProgress(), (text) => void output.push(text));
  });

  // The suites after this one want a cluster without Istio.
  after(() => way?.takeDown());

  it("installs Istio and the app, and shares 1,000 requests 75 to 25", async () => {
    url = `${await way.bringUp(25)}/api/v1/hello`;
    await untilAnswered({ url });
    await assertSharesOf(() => sendMany(1000, { url }), { "1.0": 75, "2.0": 25 });
  });

  it("shows that a new weight changes the VirtualService alone, and moves the traffic", async () => {
    output.length = 0;
    await way.preview(50);
    const changed = output.join("").match(/^\+\+\+ .*/gm) ?? [];
    assert.equal(changed.length, 1);
    assert.match(changed[0], /VirtualService/);
    await way.move();
    await pause(1000);
    await assertSharesOf(() => sendMany(1000, { url }), { "1.0": 50, "2.0": 50 });
  });
});
