import { stackNotifier } from "../rollout/notify/stackNotifier";
import type { RolloutSettings } from "../rollout/plan/settings";
import type { AppSelection } from "../rollout/plan/appState";
import { usersText } from "../rollout/report/sentence";
import type { RolloutEvent } from "../rollout/runner/event";
import type { Rollout, RolloutResult } from "../rollout/runner/launch";
import type { StackContext } from "../rollout/runner/stackContext";
import { EarlySignals } from "./earlySignals";
import { Prompts } from "./prompts";
import { jsonProgress, liveProgress, plainProgress, type Progress } from "./live/progress";
import type { GlobalOptions, Session } from "./session";

/** How long the last messages may take once the run has ended, in ms. */
const SETTLE_MS = 15_000;

/** A run's stack, whom to notify of it, and how it is started. */
export interface ForegroundRun {
  context: StackContext;
  appSelection?: AppSelection;
  /** Settings that take precedence over those in the stack's config under `rollout`. @default nothing */
  settings?: RolloutSettings;
  begin(listener: (event: RolloutEvent) => void): Promise<Rollout>;
}

/** Runs a rollout to its end in this process: shows it, sends notifications, and reacts to Ctrl-C. */
export async function runInForeground(
  session: Session,
  { json }: GlobalOptions,
  { context, appSelection, settings, begin }: ForegroundRun,
): Promise<RolloutResult> {
  const { terminal } = session;
  const history = context.openJournal().readAll();
  const notifier = await stackNotifier({ context, appSelection, settings });
  const canAsk = terminal.isInteractive && json !== true;
  const progress = progressFor(session, json, Boolean(context.env.CANARY_VERBOSE), history);
  let prompts: Prompts | undefined;
  const listener = (event: RolloutEvent): void => {
    progress.show(event);
    notifier.tell(event);
    prompts?.heard(event);
  };
  const early = new EarlySignals();
  try {
    const rollout = await begin(listener);
    prompts = new Prompts(terminal, progress, rollout, { context }, canAsk);
    early.passOn(rollout, canAsk);
    const result = await rollout.result;
    progress.stop();
    await notifier.settle(SETTLE_MS);
    if (json !== true && result.usersFailed !== undefined) {
      session.line(`\nUsers saw: ${usersText(result.usersFailed)}`);
    }
    return result;
  } finally {
    early.stop();
    progress.stop();
    prompts?.stop();
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
