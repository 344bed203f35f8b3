import { Findings } from "../../validation/problem";
import type { RolloutSettings } from "../plan/settings";
import { withOverrides } from "../plan/settings";
import type { AppSelection } from "../plan/appState";
import { rolloutOf } from "../plan/appState";
import type { RolloutEvent } from "../runner/event";
import { secretsOf } from "../runner/secrets";
import { contextOf, type StackSelection } from "../runner/stackContext";
import { makeNotifier, type Notifier } from "./notifier";
import { checkNotify, type NotifyDefinition } from "../plan/notifySettings";

/** Which stack's runs people are told of, and where it is said who they are. */
export type StackNotifierOptions = StackSelection & {
  /** Over the settings that the stack's config holds under `rollout`. @default nothing */
  settings?: RolloutSettings;
  appSelection?: AppSelection;
};

/**
 * The notifier that a stack's settings ask for. What cannot be told is noted in the stack's journal.
 *
 * @throws ValidationError that names what is wrong with the setting `notify`
 */
export async function stackNotifier(options: StackNotifierOptions): Promise<Notifier> {
  const { settings = {}, appSelection } = options;
  const context = await contextOf(options);
  const { project, stack, env, cli } = context;
  const journal = context.openJournal();
  const prefix = appSelection?.prefix ?? project.name;
  const config = rolloutOf(await context.config(), prefix);
  const { notify = [] } = withOverrides((typeof config === "object" ? config : {}) as RolloutSettings, settings);
  const findings = Findings.at(`${prefix}:`).field("rollout").field("notify");
  checkNotify(notify, findings);
  findings.throwIfAny(`Rollout of stack "${stack}"`);
  const definitions = notify as NotifyDefinition[];
  let run: string | undefined;
  const notifier = makeNotifier(definitions, {
    stack,
    variables: env,
    secrets: await secretsOf(definitions, project.name, cli),
    history: journal.readAll(),
    note: (text) => run !== undefined && journal.append(run, { type: "logged", level: "info", text }, Date.now()),
  });
  return {
    tell(event: RolloutEvent) {
      run = event.run;
      notifier.tell(event);
    },
    settle: (milliseconds) => notifier.settle(milliseconds),
  };
}
