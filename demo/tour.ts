import { sendMany, startLoad } from "./load/generator";
import { failures, followedAt } from "./load/shares";
import { shareTable } from "./shareTable";
import type { DemoStack } from "./demoStack";

/** The path that the dev stack serves. */
const PATH = "/api/v1/hello";

/** Requests per second while the weight is changed. */
const LOAD_PER_SECOND = 300;

/** How long the load lasts before and after the change, in milliseconds. */
const LOAD_MARGIN_MS = 2_000;

/** The maximum duration of the change before its load ends by itself, in seconds. */
const LOAD_LIMIT_S = 120;

/** What the tour reports about how it went. */
export interface TourResult {
  /** The number of failed requests. */
  failed: number;
  /** The number of requests sent. */
  sent: number;
}

/**
 * The main use case as a demo: bring the stack up, measure the shares, change the weight under load, measure again.
 *
 * @param interrupt Ends the tour between two steps; programs that are running end by themselves.
 */
export async function tour(
  stack: DemoStack,
  from: number,
  to: number,
  tell: (text: string) => void,
  interrupt: AbortSignal,
): Promise<TourResult> {
  tell(heading(`The stack comes up, ${from}% of the traffic to v2`));
  const url = `${await stack.bringUp(from)}${PATH}`;
  await untilAnswered(url);
  interrupt.throwIfAborted();

  tell(heading(`1,000 requests to ${url}`));
  const first = await sendMany(1000, { url });
  tell(shareTable(shares(from), first));

  tell(heading(`The weight in the config becomes ${to}: what would change`));
  await stack.preview(to);
  interrupt.throwIfAborted();

  tell(heading(`The change, under ${LOAD_PER_SECOND} requests a second`));
  const load = startLoad(LOAD_PER_SECOND, LOAD_LIMIT_S, { url });
  await pause(LOAD_MARGIN_MS);
  const startedAt = performance.now();
  const { routedAt, changes } = await stack.move().catch(async (error: unknown) => {
    await load.stop();
    throw error;
  });
  const endedAt = performance.now();
  await pause(LOAD_MARGIN_MS);
  const during = await load.stop();

  const turn = followedAt(during, shares(from), shares(to)) ?? endedAt;
  tell(`\nBefore the traffic shifted, ${during.filter(({ sentAt }) => sentAt < turn).length} requests:\n`);
  tell(
    shareTable(
      shares(from),
      during.filter(({ sentAt }) => sentAt < turn),
    ),
  );
  tell(`\nAfter that, ${during.filter(({ sentAt }) => sentAt >= turn).length} requests:\n`);
  tell(
    shareTable(
      shares(to),
      during.filter(({ sentAt }) => sentAt >= turn),
    ),
  );
  const failed = failures([...first, ...during]).length;
  tell(
    [
      "",
      `  changed               ${changes}`,
      `  the change took       ${seconds(endedAt - startedAt)}`,
      `  the traffic followed  ${seconds(turn - startedAt)} after its start, ${followed(turn - routedAt)}`,
      `  failed requests       ${failed} of ${first.length + during.length}`,
    ].join("\n"),
  );
  return { failed, sent: first.length + during.length };
}

function shares(weight: number): Record<string, number> {
  return { "1.0": 100 - weight, "2.0": weight };
}

/** The first requests to a new gateway find no routes yet, and are not part of what is measured. */
async function untilAnswered(url: string): Promise<void> {
  const end = performance.now() + 60_000;
  for (;;) {
    const [answer] = await sendMany(1, { url, connections: 1 });
    if (answer.status === 200) {
      return;
    }
    if (performance.now() > end) {
      throw new Error(`${url} did not answer 200 within 60 s; last: ${answer.status || answer.error}`);
    }
    await pause(100);
  }
}

function followed(afterRouting: number): string {
  return afterRouting < 0
    ? "before Pulumi had the API server's answer"
    : `${Math.round(afterRouting)} ms after the API server had the new routes`;
}

function heading(text: string): string {
  return `\n── ${text} ${"─".repeat(Math.max(0, 90 - text.length))}\n`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
