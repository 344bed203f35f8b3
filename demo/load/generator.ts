import { Agent } from "node:http";
import { type Answer, send } from "./request";

/** What is sent, and how fast. */
export interface LoadOptions {
  /** Where to. */
  url: string;
  /** Request headers, e.g. `host`. @default none */
  headers?: Readonly<Record<string, string>>;
  /** The number of keep-alive connections. @default 4 */
  connections?: number;
}

/** Sends a number of requests as fast as the connections answer. */
export async function sendMany(count: number, options: LoadOptions): Promise<Answer[]> {
  const answers: Answer[] = [];
  let left = count;
  await onConnections(options, async (once) => {
    while (left-- > 0) {
      answers.push(await once());
    }
  });
  return answers.sort((a, b) => a.sentAt - b.sentAt);
}

/** Load in the background, until it is stopped. */
export interface RunningLoad {
  /** Ends it; returns the results in the order in which the requests were sent. */
  stop(): Promise<Answer[]>;
}

/**
 * Starts steady load.
 *
 * @param perSecond Requests per second over all connections.
 * @param seconds When it ends by itself, so that no load outlives the work that it accompanies.
 */
export function startLoad(perSecond: number, seconds: number, options: LoadOptions): RunningLoad {
  const answers: Answer[] = [];
  const end = performance.now() + seconds * 1000;
  const interval = 1000 / perSecond;
  let next = performance.now();
  let stopped = false;
  const running = onConnections(options, async (once) => {
    while (!stopped && performance.now() < end) {
      const due = next;
      next += interval;
      const early = due - performance.now();
      if (early > 0) {
        await new Promise((resolve) => setTimeout(resolve, early));
      } else if (early < -1000) {
        next = performance.now(); // the machine could not keep up: no burst afterwards
      }
      answers.push(await once());
    }
  });
  return {
    stop: async () => {
      stopped = true;
      await running;
      return answers.sort((a, b) => a.sentAt - b.sentAt);
    },
  };
}

async function onConnections(
  { url, headers, connections = 4 }: LoadOptions,
  work: (once: () => Promise<Answer>) => Promise<void>,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  try {
    await Promise.all(Array.from({ length: connections }, () => work(() => send(url, agent, headers))));
  } finally {
    agent.destroy();
  }
}
