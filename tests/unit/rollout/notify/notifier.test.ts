import assert from "node:assert/strict";
import { makeNotifier, type NotifySurroundings } from "../../../../src/rollout/notify/notifier";
import type { NotifyDefinition } from "../../../../src/rollout/plan/notifySettings";
import type { RolloutEvent } from "../../../../src/rollout/runner/event";
import { pausedRun, promotedRun, rolledBackRun, RUN } from "../support/runs";
import { type Answering, listen } from "./server";

const LONG = 60_000;

/** Tells all events; gives what was sent, and what was noted. */
async function told(
  events: readonly RolloutEvent[],
  definitions: (url: string) => NotifyDefinition[],
  answering: Answering = () => ({ status: 200 }),
  more: Partial<NotifySurroundings> = {},
) {
  const server = await listen(answering);
  const notes: string[] = [];
  const slept: number[] = [];
  try {
    const sleep = async (milliseconds: number) => void slept.push(milliseconds);
    const notifier = makeNotifier(definitions(server.url), {
      stack: "dev",
      variables: {},
      note: (text) => notes.push(text),
      sleep,
      ...more,
    });
    events.forEach((event) => notifier.tell(event));
    await notifier.settle(LONG);
    return { taken: server.taken, notes, slept, host: new URL(server.url).host };
  } finally {
    await server.close();
  }
}

describe("the notifier", () => {
  it("sends the events themselves to a generic webhook, in order", async () => {
    const run = promotedRun();
    const { taken, notes } = await told(run, (url) => [
      { kind: "webhook", url: `${url}/hook`, headers: { "x-team": "shop" } },
    ]);
    assert.deepEqual(
      taken.map(({ body }) => body),
      [
        run[0],
        run.find(({ type, ...event }) => type === "sampled" && (event as { phase?: string }).phase === "promotion"),
        run.at(-1),
      ],
    );
    assert.deepEqual(
      new Set(
        taken.map(({ method, path, headers }) => `${method} ${path} ${headers["content-type"]} ${headers["x-team"]}`),
      ),
      new Set(["POST /hook application/json shop"]),
    );
    assert.deepEqual(notes, []);
  });

  it("tells that a gate waits for approval once, however often the gate is asked", async () => {
    const { taken } = await told(promotedRun(), (url) => [
      { kind: "webhook", url, template: "slack", events: ["waiting"] },
    ]);
    assert.deepEqual(
      taken.map(({ body }) => body.text),
      ["go waits for approval"],
    );
  });

  it("tells that a gate has failed and a person is to decide, and how", async () => {
    const { taken } = await told(pausedRun(), (url) => [
      { kind: "webhook", url, template: "slack", events: ["waiting"] },
    ]);
    assert.deepEqual(
      taken.map(({ body }) => body.text),
      ["go waits for approval", "shop: success failed, and the run is paused"],
    );
    const facts = (taken[1].body.attachments[0].blocks[0].fields as { text: string }[]).map(({ text }) => text);
    for (const fact of [
      "why: 94.9% of 1000 requests succeeded; need at least 99%",
      "to go on: canary resume --stack dev",
      "to roll back: canary abort --stack dev",
      "to promote: canary promote --stack dev",
    ]) {
      assert.ok(facts.includes(fact), `${fact} is not in ${facts.join("; ")}`);
    }
    const byPerson = promotedRun().slice(0, 5);
    byPerson.push({ type: "paused", by: "eve", run: RUN, at: byPerson[0].at });
    const quiet = await told(byPerson, (url) => [{ kind: "webhook", url, events: ["waiting"] }]);
    assert.deepEqual(quiet.taken, []);
  });

  it("tells each step where that is wanted", async () => {
    const { taken } = await told(rolledBackRun(), (url) => [{ kind: "webhook", url, events: ["step", "rolledBack"] }]);
    assert.deepEqual(
      taken.map(({ body }) => body.type),
      ["shifted", "shifted", "rolledBack"],
    );
  });

  it("makes nothing of what others say in Slack's messages and in Teams' cards", async () => {
    const hostile = "<!channel> *bold* & [link](https://evil.example)";
    const run = rolledBackRun().map((event) =>
      event.type === "rollingBack"
        ? { ...event, why: hostile }
        : event.type === "started"
          ? { ...event, by: hostile }
          : event,
    );
    const { taken } = await told(run, (url) => [
      { kind: "webhook", url, template: "slack" },
      { kind: "webhook", url: `${url}/teams`, template: "teams" },
    ]);
    const [slack, teams] = ["/", "/teams"].map((path) =>
      taken.filter((each) => each.path === path).map(({ body }) => body),
    );
    assert.match(slack[0].text, /^&lt;!channel&gt; .* rolls out v2 of shop/);
    const fields = slack.at(-1).attachments[0].blocks[0].fields as { type: string; text: string }[];
    assert.deepEqual([...new Set(fields.map(({ type }) => type))], ["plain_text"]);
    assert.ok(
      fields.some(({ text }) => text === `why: ${hostile}`) &&
        fields.some(({ text }) => text === "users saw: 102 of 10,100 requests failed (1%)"),
    );
    const card = teams.at(-1).attachments[0].content;
    assert.deepEqual([card.type, card.version, teams.at(-1).type], ["AdaptiveCard", "1.4", "message"]);
    assert.deepEqual([...new Set(card.body.map(({ type }: { type: string }) => type))], ["RichTextBlock"]);
    assert.ok(card.body.some(({ inlines }: { inlines: { text: string }[] }) => inlines[1]?.text === hostile));
  });

  it("cuts what would be too long for a message", async () => {
    const run = rolledBackRun().map((event) =>
      event.type === "rollingBack" ? { ...event, why: "😀".repeat(10_000) } : event,
    );
    const { taken } = await told(run, (url) => [{ kind: "webhook", url, template: "teams", events: ["rolledBack"] }]);
    const text = JSON.stringify(taken[0].body);
    assert.ok(Buffer.byteLength(text) < 20_000, `${Buffer.byteLength(text)} bytes`);
    assert.doesNotMatch(text, /\\ud83d(?!\\ude00)|\ufffd/);
  });

  it("tries again where there is no good answer, a little, and notes what failed", async () => {
    const flaky = await told(
      promotedRun(),
      (url) => [{ kind: "webhook", url, events: ["started"] }],
      (_, index) => ({ status: [503, 429, 204][index] }),
    );
    assert.deepEqual([flaky.taken.length, flaky.slept.length, flaky.notes], [3, 2, []]);
    const [first, second] = flaky.slept;
    assert.ok(first >= 250 && first <= 500 && second >= 500 && second <= 1000, `${first}, ${second}`);
    const down = await told(
      promotedRun(),
      (url) => [{ kind: "webhook", url, events: ["started", "promoted"], retries: 1 }],
      () => ({ status: 500 }),
    );
    assert.deepEqual(
      [down.taken.length, down.notes],
      [
        4,
        ["started", "promoted"].map(
          (on) => `could not notify the generic webhook of "${on}": ${down.host} answered 500`,
        ),
      ],
    );
    const wrong = await told(
      promotedRun(),
      (url) => [{ kind: "webhook", url, events: ["started"] }],
      () => ({ status: 404 }),
    );
    assert.equal(wrong.taken.length, 1, "a wrong address stays wrong");
  });

  it("keeps the order of the events where one is tried again", async () => {
    const { taken, notes } = await told(
      promotedRun(),
      (url) => [{ kind: "webhook", url, events: ["started", "promoted"] }],
      (_, index) => ({ status: index < 2 ? 500 : 200 }),
    );
    assert.deepEqual(
      taken.map(({ body }) => body.type),
      ["started", "started", "started", "promoted"],
    );
    assert.deepEqual(notes, []);
  });

  it("does not follow a redirect with its headers", async () => {
    const { taken, notes } = await told(
      promotedRun(),
      (url) => [{ kind: "webhook", url, events: ["started"] }],
      () => ({ status: 302 }),
    );
    assert.deepEqual([taken.length, notes.length], [1, 1]);
  });

  it("gives up when the run has ended and the time for settling is over", async () => {
    const server = await listen(() => "never");
    const notes: string[] = [];
    const notifier = makeNotifier([{ kind: "webhook", url: server.url, events: ["started", "promoted"] }], {
      stack: "dev",
      note: (text) => notes.push(text),
    });
    promotedRun().forEach((event) => notifier.tell(event));
    await notifier.settle(50);
    assert.equal(notes.length, 2);
    assert.match(notes[0], /no response from .* \(the run has ended\)$/);
    await server.close();
  });

  it("does not hold up a run, whoever does not answer", async () => {
    const server = await listen(() => "never");
    const notifier = makeNotifier([{ kind: "webhook", url: server.url }], { stack: "dev", note: () => undefined });
    assert.equal(notifier.tell(promotedRun()[0]), undefined);
    await notifier.settle(10);
    await server.close();
  });

  it("never tells a secret: neither an address nor a header's text is in a note", async () => {
    const secrets = (name: string) =>
      ({ hook: "http://127.0.0.1:1/T00/B00/s3cr3t?token=s3cr3t", header: "s3cr3t", notAUrl: "s3cr3t" })[name];
    const { notes } = await told(
      rolledBackRun(),
      () => [
        {
          kind: "webhook",
          url: { secret: "hook" },
          headers: { authorization: { secret: "header" } },
          events: ["started"],
        },
        { kind: "webhook", url: { secret: "notAUrl" }, events: ["started"] },
        { kind: "webhook", url: { secret: "missing" }, events: ["started"] },
        { kind: "github", repository: "o/r", ref: "main", token: "s3cr3t", apiUrl: "http://127.0.0.1:1/s3cr3t" },
      ],
      undefined,
      { secrets },
    );
    assert.ok(notes.length >= 4);
    notes.forEach((note) => assert.doesNotMatch(note, /s3cr3t/));
    assert.match(notes.join("\n"), /the stack's config has no missing/);
  });
});

describe("a deployment of GitHub", () => {
  const GITHUB: NotifyDefinition[] = [{ kind: "github" }];
  const variables = (url: string) => ({
    GITHUB_API_URL: url,
    GITHUB_REPOSITORY: "acme/shop",
    GITHUB_SHA: "abc123",
    GITHUB_TOKEN: "t0ken",
    GITHUB_SERVER_URL: "https://github.example",
    GITHUB_RUN_ID: "77",
  });
  const answering: Answering = ({ method, path }) =>
    method === "GET"
      ? {
          status: 200,
          body: [
            { id: 41, payload: { run: "other" } },
            { id: 42, payload: JSON.stringify({ run: RUN }) },
          ],
        }
      : { status: 201, body: { id: path.endsWith("/deployments") ? 7 : 1 } };

  async function deployed(
    events: readonly RolloutEvent[],
    more: Partial<NotifySurroundings> = {},
    answer: Answering = answering,
  ) {
    const server = await listen(answer);
    const notes: string[] = [];
    try {
      const notifier = makeNotifier(GITHUB, {
        stack: "dev",
        variables: variables(server.url),
        note: (text) => notes.push(text),
        ...more,
      });
      events.forEach((event) => notifier.tell(event));
      await notifier.settle(LONG);
      return { taken: server.taken, notes };
    } finally {
      await server.close();
    }
  }
  const states = (taken: readonly { path: string; body: any }[]) =>
    taken.filter(({ path }) => path.endsWith("/statuses")).map(({ body }) => body.state);

  it("is made when a run starts, and follows it to success", async () => {
    const { taken, notes } = await deployed(promotedRun());
    assert.deepEqual(notes, []);
    assert.deepEqual(taken[0].body, {
      ref: "abc123",
      task: "rollout",
      auto_merge: false,
      required_contexts: [],
      environment: "dev",
      description: "Rollout on the stack dev",
      payload: { run: RUN, app: "shop", target: "v2" },
    });
    assert.deepEqual(
      [taken[0].path, taken[0].headers.authorization, taken[0].headers["user-agent"]],
      ["/repos/acme/shop/deployments", "Bearer t0ken", "canary-app"],
    );
    assert.deepEqual(states(taken), [
      "in_progress",
      "in_progress",
      "in_progress",
      "in_progress",
      "in_progress",
      "success",
    ]);
    assert.ok(
      taken
        .slice(1)
        .every(
          ({ path, body }) =>
            path === "/repos/acme/shop/deployments/7/statuses" &&
            body.description.length <= 140 &&
            body.log_url === "https://github.example/acme/shop/actions/runs/77",
        ),
    );
  });

  it("has failed when a gate sends the run back, and is inactive when a person does", async () => {
    assert.equal(states((await deployed(rolledBackRun())).taken).at(-1), "failure");
    const aborted = rolledBackRun().map((event) =>
      event.type === "rolledBack" ? { ...event, reason: "person" as const } : event,
    );
    assert.equal(states((await deployed(aborted)).taken).at(-1), "inactive");
  });

  it("is looked for before it is made again, where an answer is lost", async () => {
    const losing = (isThere: boolean): Answering => {
      let lost = false;
      return (taken, index) => {
        if (taken.method === "POST" && taken.path.endsWith("/deployments") && !lost) {
          lost = true;
          return { status: 502 };
        }
        return taken.method === "GET" && !isThere ? { status: 200, body: [] } : answering(taken, index);
      };
    };
    const sleep = async () => undefined;
    const made = async (isThere: boolean) => {
      const { taken, notes } = await deployed(promotedRun().slice(0, 1), { sleep }, losing(isThere));
      assert.deepEqual(notes, []);
      return taken.map(({ method, path }) => `${method} ${path.replace(/^.*deployments|\?.*/g, "")}`);
    };
    assert.deepEqual(await made(true), ["POST ", "GET ", "POST /42/statuses"]);
    assert.deepEqual(await made(false), ["POST ", "GET ", "POST ", "POST /7/statuses"]);
  });

  it("is found again by the process that goes on with the run", async () => {
    const run = promotedRun();
    const taking: RolloutEvent = { type: "takenOver", by: "ada@build-8", run: RUN, at: run[20].at };
    const { taken } = await deployed([taking, ...run.slice(20)], { history: run.slice(0, 20) });
    assert.equal(taken[0].path, "/repos/acme/shop/deployments?environment=dev&task=rollout&per_page=30");
    assert.ok(taken.slice(1).every(({ path }) => path === "/repos/acme/shop/deployments/42/statuses"));
    assert.equal(states(taken).at(-1), "success");
  });

  it("says which setting or variable is missing", async () => {
    const { taken, notes } = await deployed(promotedRun().slice(0, 1), {
      variables: { GITHUB_REPOSITORY: "acme/shop" },
    });
    assert.deepEqual(
      [taken, notes],
      [[], ['could not notify GitHub of "started": neither the setting ref nor the variable GITHUB_SHA is set']],
    );
  });
});
