import type { RolloutSettings } from "../rollout/plan/settings";
import { stackNotifier } from "../rollout/notify/stackNotifier";
import { usersText } from "../rollout/report/sentence";
import type { RolloutEvent } from "../rollout/runner/event";
import { placeOf } from "../rollout/runner/place";
import type { RolloutOptions, StackReference } from "../rollout/runner/options";
import type { Rollout, RolloutResult } from "../rollout/runner/rollouts";
import { Conversation } from "./conversation";
import { jsonProgress, liveProgress, plainProgress, type Progress } from "./live/progress";
import type { GlobalOptions, Session } from "./session";

/** How long the last messages may take once the run has ended, in ms. */
const SETTLE_MS = 15_000;

/** What is led, and how it is begun. */
export interface Led {
  reference: StackReference;
  situation: RolloutOptions["situation"];
  settings?: RolloutSettings;
  begin(options: RolloutOptions): Promise<Rollout>;
}

/** Leads a run to its end in this process: shown, told to whom it may concern, and open to a person's Ctrl-C. */
export async function lead(
  session: Session,
  { json }: GlobalOptions,
  { reference, situation, settings, begin }: Led,
): Promise<RolloutResult> {
  const { terminal } = session;
  const history = (await placeOf(reference)).journal.readAll();
  const notifier = await stackNotifier({ ...reference, situation, settings });
  const canAsk = terminal.isInteractive && json !== true;
  const progress = progressFor(session, json, Boolean(reference.env?.CANARY_VERBOSE), history);
  let conversation: Conversation | undefined;
  const listener = (event: RolloutEvent): void => {
    progress.show(event);
    notifier.tell(event);
    conversation?.heard(event);
  };
  try {
    const rollout = await begin({ ...reference, situation, settings, listener });
    conversation = new Conversation(terminal, progress, rollout, reference, canAsk);
    const result = await rollout.result;
    progress.stop();
    await notifier.settle(SETTLE_MS);
    if (json !== true && result.usersFailed !== undefined) {
      session.line(`\nUsers saw: ${usersText(result.usersFailed)}`);
    }
    return result;
  } finally {
    progress.stop();
    conversation?.stop();
    await notifier.settle(0);
  }
}

function progressFor(
  { terminal }: Session,
  json: boolean | undefined,
  isVerbose: boolean,
  history: readonly RolloutEvent[],
): Progress {
  if (json === true) {
    return jsonProgress(terminal);
  }
  const last = history.filter(({ type }) => type === "started").at(-1)?.run;
  const own = history.filter(({ run }) => run === last);
  // What Pulumi prints would tear the live view apart.
  return terminal.isInteractive && !isVerbose ? liveProgress(terminal, own) : plainProgress(terminal, own);
}
