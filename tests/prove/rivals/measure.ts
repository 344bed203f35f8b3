import { watchProcesses, type ProcessUse } from "../../bench/processUse";
import { descendants } from "../../bench/processes";
import { type RunningLoad, startLoad } from "../../../demo/load/generator";
import type { Answer } from "../../../demo/load/request";
import { followedAt } from "../../../demo/load/shares";
import type { Progress } from "../../../sandbox/progress";
import { pause, untilAnswered } from "../../e2e/support/traffic";
import { HOST } from "./app";
import { type Contender, FIRST_SHARE, type Ground, type Running } from "./contender";
import { erred, moved, type Span, type Stretch, within } from "./stretch";

/** The measurements of one contender. All times are in seconds. */
export interface Measured {
  contender: string;
  /** For each step, from the request until the traffic has followed; null if that was not seen. */
  steps: (number | null)[];
  /** From the request for a rollback at 80% to the last response of the tried version. */
  back: Stretch;
  /** From the request to the last response of the old version, in five steps. */
  rollOut: Stretch;
  /** The same for a version that replaces another in one change. */
  replace: Stretch;
  /** From the first error of a bad version that a user saw to the last. Missing if the contender judges nothing. */
  bad?: Stretch;
  /** The resources that its processes use while idle, and during the rollout. */
  idle: ProcessUse;
  rolling: ProcessUse;
  /** The number of all requests, and the rate per second. */
  requests: number;
  perSecond: number;
}

const PER_SECOND = 300;
const LONGEST_S = 900;
const IDLE_S = 15;
/** How long the traffic is observed after a step. */
const WATCH_MS = 2000;

/** Brings a contender's app up, moves its traffic in every way under load, and removes it. */
export async function measure(contender: Contender, ground: Ground, progress: Progress): Promise<Measured> {
  const app = await contender.open(ground);
  const target = { url: `http://${ground.address}/`, headers: { host: HOST } };
  let load: RunningLoad | undefined;
  try {
    await untilAnswered(target);
    const which = () => app.processes?.() ?? descendants(process.pid, ground.processes);
    const idling = watchProcesses(which);
    await pause(IDLE_S * 1000);
    const idle = idling.stop();
    load = startLoad(PER_SECOND, LONGEST_S, target);
    await pause(WATCH_MS);
    const moments = await course(app, contender.aftermath, which, (what) =>
      progress.line(`${contender.name}: ${what}`),
    );
    return {
      contender: contender.name,
      ...judged(await load.stop(), moments),
      idle,
      rolling: moments.rolling,
      perSecond: PER_SECOND,
    };
  } finally {
    await load?.stop();
    await app.close();
  }
}

/** When each change was requested. */
interface Moments {
  steps: (Span & { from: number; to: number })[];
  back: Span;
  rollOut: Span;
  replace: Span;
  bad?: Span;
  rolling: ProcessUse;
}

/** Each time with a new version: some contenders keep the pods of one that was rolled back, others do not. */
async function course(
  app: Running,
  aftermath: number,
  which: () => number[],
  note: (what: string) => void,
): Promise<Moments> {
  const during = async (what: string, work: () => Promise<void>, after = aftermath): Promise<Span> => {
    note(what);
    const asked = performance.now();
    await work();
    await pause(after * 1000);
    return { asked, over: performance.now() };
  };
  await during("a first step", () => app.begin("v2"), 2);
  const steps: Moments["steps"] = [];
  for (let from = FIRST_SHARE; from < 80; from += FIRST_SHARE) {
    steps.push({
      ...(await during(`${from + FIRST_SHARE}%`, () => app.step(from + FIRST_SHARE), WATCH_MS / 1000)),
      from,
      to: from + FIRST_SHARE,
    });
  }
  const back = await during("back", () => app.back());
  await app.tidy?.();
  const watched = watchProcesses(which);
  let rolling: ProcessUse | undefined;
  const rollOut = await during("a rollout in five steps", async () => {
    await app.rollOut("v3");
    rolling = watched.stop();
  });
  const replace = await during("another version at once", () => app.replace("v4"));
  const bad =
    app.rollOutBad === undefined
      ? undefined
      : await during("a bad version", () => (app.rollOutBad as NonNullable<Running["rollOutBad"]>)("v5"));
  return { steps, back, rollOut, replace, bad, rolling: rolling as ProcessUse };
}

function judged(
  answers: readonly Answer[],
  { steps, back, rollOut, replace, bad }: Moments,
): Pick<Measured, "steps" | "back" | "rollOut" | "replace" | "bad" | "requests"> {
  const followed = ({ from, to, ...span }: Moments["steps"][number]) => {
    const at = followedAt(within(answers, span), { v1: 100 - from, v2: from }, { v1: 100 - to, v2: to });
    return at === undefined ? null : (at - span.asked) / 1000;
  };
  return {
    steps: steps.map(followed),
    back: moved(answers, back, "v2", "v2"),
    rollOut: moved(answers, rollOut, "v3", "v1"),
    replace: moved(answers, replace, "v4", "v3"),
    ...(bad && { bad: erred(answers, bad, "v5") }),
    requests: answers.length,
  };
}
