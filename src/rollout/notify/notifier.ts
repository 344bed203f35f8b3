import { setTimeout } from "node:timers/promises";
import { revealed, revealedHeaders, type Secrets } from "../../internal/http/secrets";
import type { Sleep } from "../../internal/http/sendWithRetry";
import type { RolloutEvent } from "../runner/event";
import { GithubDeployment, type Variables } from "./github";
import { type Message, MessageBuilder } from "./message";
import { sendNotification, type Sending } from "./sendNotification";
import { type NotifyDefinition, NotificationEvent, Template, type WebhookNotification } from "../plan/notifySettings";
import { payload } from "./templates";

/** What a notifier needs from outside. */
export interface NotifySurroundings {
  /** The stack's name. */
  stack: string;
  /** Finds what is kept secret. */
  secrets?: Secrets;
  /** The process's environment. @default the real one */
  variables?: Variables;
  /** What could not be told, and why; holds no secret. */
  note(text: string): void;
  /** The run's events until now, which are not told again. @default none */
  history?: readonly RolloutEvent[];
  /** How long one attempt of a request may take, in ms. @default 10000 */
  timeoutMs?: number;
  /** @default real time */
  sleep?: Sleep;
}

/** Tells people and programs what happens in a run, beside it: nothing waits for it, and what fails is noted. */
export interface Notifier {
  /** Takes in an event, and comes back at once. */
  tell(event: RolloutEvent): void;
  /** Comes back when everything is told or given up, after so many ms at the latest. */
  settle(milliseconds: number): Promise<void>;
}

type Send = (message: Message, signal: AbortSignal) => Promise<void>;

/** What is told unless `events` says otherwise. */
const USUAL: readonly NotificationEvent[] = Object.values(NotificationEvent).filter(
  (event) => event !== NotificationEvent.Step,
);

/** A notifier for these definitions, which have been checked. */
export function makeNotifier(definitions: readonly NotifyDefinition[], surroundings: NotifySurroundings): Notifier {
  const { stack, note, history } = surroundings;
  const builder = new MessageBuilder(stack, history);
  const end = new AbortController();
  const lines = definitions.map((definition) => ({
    name: definition.kind === "github" ? "GitHub" : `the ${definition.template ?? Template.Generic} webhook`,
    events: definition.kind === "webhook" ? (definition.events ?? USUAL) : Object.values(NotificationEvent),
    send: sender(definition, surroundings),
    last: Promise.resolve(),
  }));
  return {
    tell(event) {
      for (const message of builder.messages(event)) {
        for (const line of lines.filter(({ events }) => events.includes(message.about))) {
          // One after the other, so that they come in the order in which things happened.
          line.last = line.last
            .then(() => line.send(message, end.signal))
            .catch((error: Error) => note(`could not notify ${line.name} of "${message.about}": ${error.message}`));
        }
      }
    },
    async settle(milliseconds) {
      const all = Promise.all(lines.map(({ last }) => last));
      const enough = new AbortController();
      await Promise.race([all, setTimeout(milliseconds, undefined, { signal: enough.signal }).catch(() => undefined)]);
      enough.abort();
      end.abort();
      await all;
    },
  };
}

function sender(
  definition: NotifyDefinition,
  { stack, secrets, variables = process.env, timeoutMs = 10_000, sleep }: NotifySurroundings,
): Send {
  const policy = { retries: definition.retries ?? 2, retryServerErrors: true, attemptTimeoutMs: timeoutMs };
  if (definition.kind === "github") {
    const deployment = new GithubDeployment(definition, stack, variables, secrets);
    return (message, signal) => deployment.send(message, { policy, sleep, signal });
  }
  return (message, signal) => post(definition, message, secrets, { policy, sleep, signal });
}

async function post(
  { url, headers, template = Template.Generic }: WebhookNotification,
  message: Message,
  secrets: Secrets | undefined,
  sending: Sending,
): Promise<void> {
  const address = revealed(url, secrets);
  if (!URL.canParse(address) || !/^https?:/.test(address)) {
    throw new Error("the URL in the stack's config is not an HTTP(S) URL");
  }
  const sent = { ...revealedHeaders(headers, secrets), "content-type": "application/json" };
  await sendNotification(
    { url: new URL(address), method: "POST", headers: sent, body: JSON.stringify(payload(template, message)) },
    sending,
  );
}
