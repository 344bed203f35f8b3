import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Prompts } from "../../../src/cli/prompts";
import type { Rollout, RolloutEvent } from "../../../src/rollout";
import { fold } from "../../../src/rollout/runner/state";
import type { Terminal } from "../../../src/cli/terminal";
import { pausedRun, promotedRun } from "../rollout/support/runs";
import { FakeTerminal, inProject } from "./fakeTerminal";

/** A person who answers when the test says so. */
class SlowPerson extends FakeTerminal {
  private answer: ((text: string | undefined) => void) | undefined;

  override ask(question: string, signal?: AbortSignal): Promise<string | undefined> {
    this.asked.push(question);
    return new Promise((resolve) => {
      this.answer = resolve;
      signal?.addEventListener("abort", () => resolve(undefined));
    });
  }

  async says(text: string): Promise<void> {
    this.answer?.(text);
    await settled();
  }
}

/** Until everything that can happen now has happened. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}

interface Scene {
  signals: EventEmitter;
  aborts: string[];
  moves: string[];
  prompts: Prompts;
  journal(): Promise<RolloutEvent[]>;
}

/** A run with these events, and a person or nobody at its terminal. */
async function scene(
  events: readonly RolloutEvent[],
  terminal: Terminal,
  canAsk: boolean,
  work: (scene: Scene) => Promise<void>,
): Promise<void> {
  await inProject(async (folder) => {
    const file = join(folder, "Pulumi.dev.rollout.jsonl");
    await writeFile(file, events.map((event) => `${JSON.stringify(event)}\n`).join(""));
    const [signals, aborts, moves] = [new EventEmitter(), [] as string[], [] as string[]];
    const rollout = {
      state: fold(events),
      abort: (why: string, by?: string) => aborts.push(by === undefined ? why : `${why} by ${by}`),
    } as unknown as Rollout;
    const progress = { show() {}, suspend: () => moves.push("suspend"), resume: () => moves.push("resume"), stop() {} };
    const prompts = new Prompts(terminal, progress, rollout, { workDir: folder, stack: "dev" }, canAsk, signals);
    const journal = async () =>
      (await readFile(file, "utf8"))
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as RolloutEvent);
    try {
      await work({ signals, aborts, moves, prompts, journal });
    } finally {
      prompts.stop();
    }
    assert.deepEqual(
      signals.eventNames().map((name) => signals.listenerCount(name)),
      signals.eventNames().map(() => 0),
    );
  });
}

const HOLDING = promotedRun().slice(0, 5);
const WAITING = promotedRun().slice(
  0,
  promotedRun().findIndex(({ type }) => type === "decided"),
);

describe("Ctrl-C at the terminal of a run", () => {
  it("asks, and rolls back if that is the answer, as by default", async () => {
    for (const answer of ["r", ""]) {
      const person = new SlowPerson(true);
      await scene(HOLDING, person, true, async ({ signals, aborts, moves }) => {
        signals.emit("SIGINT");
        assert.match(person.asked[0], /\[r\]oll back, \[k\]eep going as planned, or \[p\]romote now\?/);
        assert.deepEqual([aborts, moves], [[], ["suspend"]], "the run goes on while somebody thinks");
        await person.says(answer);
        assert.deepEqual([aborts, moves], [["person"], ["suspend", "resume"]]);
      });
    }
  });

  it("rolls back at once the second time, without an answer", async () => {
    const person = new SlowPerson(true);
    await scene(HOLDING, person, true, async ({ signals, aborts }) => {
      signals.emit("SIGINT");
      signals.emit("SIGINT");
      assert.deepEqual(aborts, ["person"]);
      await settled();
      assert.deepEqual(aborts, ["person"]);
    });
  });

  it("lets the run go on if that is the answer, and asks again the next time", async () => {
    const person = new SlowPerson(true);
    await scene(HOLDING, person, true, async ({ signals, aborts, journal }) => {
      signals.emit("SIGINT");
      await person.says("k");
      signals.emit("SIGINT");
      assert.deepEqual([person.asked.length, aborts, (await journal()).length], [2, [], HOLDING.length]);
    });
  });

  it("has the run promote if that is the answer", async () => {
    const person = new SlowPerson(true);
    await scene(HOLDING, person, true, async ({ signals, aborts, journal }) => {
      signals.emit("SIGINT");
      await person.says("p");
      await settled();
      const last = (await journal()).at(-1);
      assert.ok(last?.type === "commanded" && last.command === "promote", JSON.stringify(last));
      assert.deepEqual(aborts, []);
    });
  });

  it("rolls back at once where nobody can be asked, as other signals always do", async () => {
    await scene(HOLDING, new FakeTerminal(), false, async ({ signals, aborts }) => {
      signals.emit("SIGINT");
      assert.deepEqual(aborts, ["terminated by SIGINT"]);
    });
    const person = new SlowPerson(true);
    await scene(HOLDING, person, true, async ({ signals, aborts }) => {
      signals.emit("SIGTERM");
      signals.emit("SIGHUP");
      assert.deepEqual([aborts, person.asked], [["terminated by SIGTERM", "terminated by SIGHUP"], []]);
    });
  });
});

describe("a gate that has failed and paused the run, at its terminal", () => {
  const paused = pausedRun().at(-1) as RolloutEvent;

  for (const [answer, type, more] of [
    ["c", "resumed", {}],
    ["p", "commanded", { command: "promote" }],
  ] as const) {
    it(`is asked about, and "${answer}" is written down`, async () => {
      const person = new SlowPerson(true);
      await scene(pausedRun(), person, true, async ({ prompts, journal, aborts }) => {
        prompts.heard(paused);
        assert.match(
          person.asked[0],
          /success failed, and the run is paused \(promotion\)\. \[r\]oll back, \[c\]ontinue/,
        );
        await person.says(answer);
        await settled();
        const { run: _, at: __, by: ___, ...last } = (await journal()).at(-1) as RolloutEvent & { by: string };
        assert.deepEqual([last, aborts], [{ type, ...more }, []]);
      });
    });
  }

  it("rolls back by 'r', and is left to others by Enter or when somebody else has decided", async () => {
    const person = new SlowPerson(true);
    await scene(pausedRun(), person, true, async ({ prompts, aborts }) => {
      prompts.heard(paused);
      await person.says("r");
      assert.deepEqual(aborts, ["person"]);
      prompts.heard(paused);
      await person.says("");
      prompts.heard(paused);
      prompts.heard({ ...paused, type: "resumed" } as RolloutEvent);
      await settled();
      assert.deepEqual([aborts, person.asked.length], [["person"], 3]);
    });
  });

  it("is asked about in place of the approval that was waited for, and not where a person has paused the run", async () => {
    const person = new SlowPerson(true);
    await scene(pausedRun(), person, true, async ({ prompts, journal }) => {
      prompts.heard(pausedRun().at(-3) as RolloutEvent);
      prompts.heard(paused);
      prompts.heard({ ...paused, gate: undefined } as RolloutEvent);
      await settled();
      assert.deepEqual(
        person.asked.map((question) => /\w+ (waits|failed)/.exec(question)?.[0]),
        ["go waits", "success failed"],
      );
      await person.says("c");
      await settled();
      assert.equal((await journal()).at(-1)?.type, "resumed");
    });
  });

  it("is not asked about where nobody can answer", async () => {
    const terminal = new FakeTerminal();
    await scene(pausedRun(), terminal, false, async ({ prompts }) => {
      prompts.heard(paused);
      assert.deepEqual(terminal.asked, []);
    });
  });
});

describe("a gate that waits for approval, at the terminal of the run", () => {
  for (const [answer, expected] of [
    ["y", true],
    ["n", false],
  ] as const) {
    it(`is asked about once, and «${answer}» is written down`, async () => {
      const person = new SlowPerson(true);
      await scene(WAITING, person, true, async ({ prompts, journal }) => {
        const sample = WAITING.at(-1) as RolloutEvent;
        prompts.heard(sample);
        prompts.heard(sample);
        assert.equal(person.asked.length, 1);
        assert.match(person.asked[0], /go waits for approval \(promotion\)/);
        await person.says(answer);
        await settled();
        const last = (await journal()).at(-1);
        assert.ok(last?.type === "decided" && last.approved === expected && last.gate === "go", JSON.stringify(last));
      });
    });
  }

  it("is left to others by Enter, or when somebody else has decided", async () => {
    const person = new SlowPerson(true);
    await scene(WAITING, person, true, async ({ prompts, moves, journal }) => {
      prompts.heard(WAITING.at(-1) as RolloutEvent);
      prompts.heard(promotedRun()[WAITING.length]);
      await settled();
      assert.deepEqual([moves, (await journal()).length], [["suspend", "resume"], WAITING.length]);
    });
  });

  it("is not asked about where nobody can answer", async () => {
    const terminal = new FakeTerminal();
    await scene(WAITING, terminal, false, async ({ prompts }) => {
      prompts.heard(WAITING.at(-1) as RolloutEvent);
      assert.deepEqual(terminal.asked, []);
    });
  });
});
