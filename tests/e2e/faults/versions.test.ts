import assert from "node:assert/strict";
import type { VersionArgs } from "../../../components";
import { testEngine } from "../support/engine";
import { READY_SECONDS, SOUND, TroubledApp, trial } from "../support/troubledApp";

/** The maximum time that an `up` takes in addition to waiting for its pods, in seconds. */
const REST_SECONDS = 20;

/** The engine's message if there is no pod that could tell more. */
const NO_POD = /faulted-v3[^]*Minimum number of live Pods was not attained/;

/** What is wrong with a version that never gets ready, and what the `up` says of it. */
const WRONG: readonly [what: string, version: Partial<VersionArgs>, said: RegExp][] = [
  // Of a registry that refuses at once: for one that cannot be reached, it takes longer than the pods may take until
  // this is reported.
  ["its image does not exist", { image: "localhost:1/nowhere:1.0" }, /ErrImagePull|ImagePullBackOff/],
  ["its pods are never ready", { pod: { env: { NOT_READY: "true" } } }, NO_POD],
  ["the node is full", { pod: { resources: { requests: { cpu: "1000" } } } }, NO_POD],
  ["a quota is used up", { pod: { resources: { requests: { memory: "3Gi" } } } }, NO_POD],
];

describe("an up with a version that cannot start", function () {
  this.timeout("10m");
  let app: TroubledApp;

  before(async () => {
    app = await TroubledApp.start(await testEngine(), "faulted");
    const spec = { hard: { "requests.memory": "2Gi" } };
    await app.kubectl.apply({
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "quota", namespace: "faulted" },
      spec,
    });
    const limits = [{ type: "Container", defaultRequest: { memory: "16Mi" } }];
    await app.kubectl.apply({
      apiVersion: "v1",
      kind: "LimitRange",
      metadata: { name: "requests", namespace: "faulted" },
      spec: { limits },
    });
  });

  for (const [what, version, expected] of WRONG) {
    it(`ends within the time that pods have to be ready, and says why: ${what}; the next up heals`, async () => {
      const versions = [trial(1), trial(2), trial(3, version)];
      await app.underLoad(async () => {
        const began = performance.now();
        const said = await app.failingUp({ versions, weights: { v1: 0, v2: 0, v3: 100 } });
        const seconds = (performance.now() - began) / 1000;
        assert.match(said, expected);
        assert.ok(seconds >= READY_SECONDS - 1 && seconds < READY_SECONDS + REST_SECONDS, `it took ${seconds} s`);
        assert.deepEqual(await app.servedBy(), ["1.0"]);
        await app.assertHealed(SOUND);
      });
    });
  }
});
