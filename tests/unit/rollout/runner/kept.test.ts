import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { inspect } from "node:util";
import type { RolloutSettings } from "../../../../src/rollout/plan/settings";
import { reportHtml } from "../../../../src/rollout/report/html";
import { reportMarkdown } from "../../../../src/rollout/report/markdown";
import { buildTimeline } from "../../../../src/rollout/report/timeline";
import type { RolloutEvent } from "../../../../src/rollout/runner/event";
import { stackNotifier } from "../../../../src/rollout/notify/stackNotifier";
import { type Clock, systemClock } from "../../../../src/rollout/runner/clock";
import { planRollout, resumeRollout, rollback, startRollout } from "../../../../src/rollout/runner/rollouts";
import { type Listening, listening } from "../../internal/http/listening";
import { StackFolder } from "./stackFolder";

const STACK = `config:
  shop:appName: shop
  shop:versions: [{ name: v1, image: "shop:1" }, { name: v2, image: "shop:2" }]
  shop:weight: 0
`;
const SECRET = "s3cr3t";
/** The system's time, with short sleeps: nobody else wants the stack. */
const clock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / 50, signal),
};

describe("what is kept of a run", function () {
  this.timeout("3m");
  let folder: StackFolder;
  let server: Listening;
  let asked: IncomingMessage[];

  beforeEach(async () => {
    folder = new StackFolder(STACK);
    folder.write("bin/secrets", JSON.stringify({ "shop:named": { value: `${SECRET}-named` } }));
    asked = [];
    server = await listening((request, answer) => {
      asked.push(request);
      answer.end(JSON.stringify({ status: "success", data: { resultType: "vector", result: [] } }));
    });
  });
  afterEach(async () => {
    await server.close();
    folder.remove();
  });

  /** A secret in every text that may be one. */
  const secretive = (): RolloutSettings => ({
    gates: [
      {
        name: "asked",
        kind: "webhook",
        when: "start",
        url: `${server.url.replace("//", `//user:${SECRET}-gate@`)}/gate/${SECRET}-path?key=${SECRET}`,
        headers: { Authorization: `Bearer ${SECRET}`, "X-Key": { secret: "named" } },
      },
    ],
    source: {
      prometheus: {
        url: `${server.url.replace("//", `//user:${SECRET}@`)}/metrics?key=${SECRET}`,
        token: `${SECRET}-token`,
        headers: { "X-Scope": SECRET },
      },
    },
    notify: [
      { kind: "webhook", url: `${server.url}/told/${SECRET}`, headers: { "X-Key": SECRET } },
      { kind: "github", token: SECRET, apiUrl: `${server.url}/github`, repository: "acme/shop", ref: "main" },
    ],
  });

  async function run(settings: RolloutSettings): Promise<RolloutEvent[]> {
    const notifier = await stackNotifier({ ...folder.reference, settings });
    const planned = await planRollout({ ...folder.reference, clock, settings });
    const rollout = await startRollout(planned, { listener: (event) => notifier.tell(event) });
    const { events } = await rollout.result;
    await notifier.settle(5000);
    return [...events];
  }

  /** Leaves the journal as it was when the run had just been started. */
  function crashed(): void {
    const journal = "Pulumi.dev.rollout.jsonl";
    folder.write(journal, `${readFileSync(join(folder.path, journal), "utf8").split("\n")[0]}\n`);
  }

  const asksOf = (path: string) => asked.filter(({ url = "" }) => url.startsWith(path));

  it("is no text that may be a secret, wherever it was given; all of them are sent to whom they are for", async () => {
    const events = await run(secretive());
    assert.equal(events.at(-1)?.type, "rolledBack", "the stand-in for Pulumi's CLI brings nothing up");
    const [gate] = asksOf(`/gate/${SECRET}-path?key=${SECRET}`);
    assert.deepEqual([gate.headers.authorization, gate.headers["x-key"]], [`Bearer ${SECRET}`, `${SECRET}-named`]);
    assert.ok(asksOf("/metrics/api/v1/query").length > 0);
    assert.ok(asksOf(`/told/${SECRET}`).every(({ headers }) => headers["x-key"] === SECRET));
    const files = readdirSync(folder.path, { recursive: true, encoding: "utf8" }).filter(
      (name) => name !== "bin/secrets" && statSync(join(folder.path, name)).isFile(),
    );
    assert.ok(files.includes("Pulumi.dev.rollout.jsonl"));
    const planned = await planRollout({ ...folder.reference, settings: secretive() });
    const kept = [
      ...files.map((name) => readFileSync(join(folder.path, name), "utf8")),
      JSON.stringify(events),
      reportMarkdown(buildTimeline(events)),
      reportHtml(buildTimeline(events)),
      JSON.stringify(planned),
      inspect(planned, { depth: null, showHidden: true }),
    ];
    assert.deepEqual(
      kept.filter((text) => text.includes(SECRET)),
      [],
    );
  });

  it("is enough to go on with what was given at the start alone", async () => {
    await run({ source: { prometheus: { url: `${server.url}/metrics`, headers: { "X-Key": { secret: "named" } } } } });
    crashed();
    asked = [];
    await (
      await resumeRollout({ ...folder.reference, clock })
    ).result;
    assert.ok(asksOf("/metrics/api/v1/query").some(({ headers }) => headers["x-key"] === `${SECRET}-named`));
  });

  it("is not enough for texts that may be secrets: they are to be given again, or the run goes back", async () => {
    await run(secretive());
    crashed();
    await assert.rejects(
      resumeRollout(folder.reference),
      /rollout\.gates\.asked\.headers\.Authorization was given as a plain value .*--secret/s,
    );
    asked = [];
    await (
      await resumeRollout({ ...folder.reference, clock, settings: secretive() })
    ).result;
    assert.equal(asksOf(`/gate/${SECRET}-path`).length, 1);
    crashed();
    assert.equal((await (await rollback({ ...folder.reference, clock })).result).outcome, "rolledBack");
  });
});
