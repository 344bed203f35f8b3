import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withoutApiServer } from "../support/apiServerAway";
import { cluster } from "../support/cluster";
import { testEngine } from "../support/engine";
import { type ApiRequest, FaultyApiServer } from "../support/faultyApiServer";
import { providerBehaviour } from "../support/providerBehaviour";
import { pause } from "../support/traffic";
import { SOUND, TroubledApp, trial } from "../support/troubledApp";

/** All versions replaced: there is something to create, to update and to delete. */
const REPLACED = { versions: [trial(1), trial(3)], weight: 100 };

describe("an up whose API server fails in the middle", function () {
  this.timeout("10m");
  let app: TroubledApp;
  let faulty: FaultyApiServer;
  let folder: string;

  before(async () => {
    app = await TroubledApp.start(await testEngine(), "faulty");
    folder = await mkdtemp(join(tmpdir(), "canary-faulty-"));
    faulty = await FaultyApiServer.start((await cluster()).kubeconfig, folder);
    app.stack.workspace.envVars.KUBECONFIG = faulty.kubeconfig;
  });
  beforeEach(async () => {
    faulty.faultOf = () => undefined;
    await app.up(SOUND);
  });
  after(async () => {
    if (faulty !== undefined) {
      faulty.close();
      await rm(folder, { recursive: true });
    }
  });

  const changes = ({ method }: ApiRequest) => ["POST", "PUT", "PATCH", "DELETE"].includes(method);
  const toRoutes = ({ path }: ApiRequest) => path.includes("/virtualservices/");

  it("waits for one that is slow", async () => {
    faulty.faultOf = () => ({ kind: "delay", milliseconds: 200 });
    await app.underLoad(() => app.up(REPLACED));
    await app.untilServedBy("2.0");
  });

  it("waits for one that is away for some seconds", async () => {
    await app.underLoad(async () => {
      const up = app.up(REPLACED);
      await pause(1000);
      await withoutApiServer(5);
      await up;
    });
    await app.untilServedBy("2.0");
  });

  /**
   * The up with the fault fails and says so, leaving the traffic as it was; the up after the fault makes the change.
   */
  const failsAndHeals = async (message: RegExp): Promise<void> => {
    const said = await app.underLoad(() => app.failingUp(REPLACED));
    assert.match(said, message);
    assert.deepEqual(await app.servedBy(), ["1.0"]);
    faulty.faultOf = () => undefined;
    await app.underLoad(() => app.assertHealed());
    await app.untilServedBy("2.0");
  };

  for (const status of [500, 503]) {
    it(`says what failed when it answers ${status}, with the traffic as it was; the next up makes the change`, async () => {
      faulty.faultOf = (asked) => (changes(asked) && toRoutes(asked) ? { kind: "status", status } : undefined);
      await failsAndHeals(/faulty-routes[^]*a fault made on purpose/);
    });
  }

  it("says that it is away after some of the changes; the next up makes the others", async () => {
    let made = 0;
    faulty.faultOf = (asked) => ((made += changes(asked) ? 1 : 0) > 2 ? { kind: "cut" } : undefined);
    await failsAndHeals(/EOF|connection re(set|fused)/);
  });

  it("says which object is there already where the answer to its creation was lost; an up that may take it over goes on", async () => {
    let lost = 0;
    const { creatingVerb } = await providerBehaviour();
    const creates = { create: /^POST .*\/deployments\b/, patch: /^PATCH .*\/deployments\/faulty-v3\b/ }[creatingVerb];
    faulty.faultOf = ({ method, path }) =>
      creates.test(`${method} ${path}`) && lost++ === 0 ? { kind: "answer lost" } : undefined;
    assert.match(await app.underLoad(() => app.failingUp(REPLACED)), /EOF|connection reset/);
    await app.underLoad(() => app.assertTakenOver(/deployments\.apps "faulty-v3" already exists/));
    await app.untilServedBy("2.0");
  });
});
