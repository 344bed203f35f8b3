import { type Confidential, confidential, outgoingHeaders } from "../../internal/http/secrets";
import { httpUrl } from "../../internal/http/url";
import { Findings, shown } from "../../validation/problem";
import { type Check, list, required, shape } from "../../validation/shape";
import { flag, integer, oneOf, pattern, text } from "../../validation/values";

/** What people are told of. */
export const NotificationEvent = {
  /** A run has begun, or another process goes on with it. */
  Started: "started",
  /** A step is in force. */
  Step: "step",
  /** A person is waited for: a gate needs approval, or has failed and paused the run. */
  Waiting: "waiting",
  /** The target has everything. */
  Promoted: "promoted",
  /** The run has gone back, for whatever reason. */
  RolledBack: "rolledBack",
  /** The rollback failed: a person has to look. */
  Failed: "failed",
} as const;
export type NotificationEvent = (typeof NotificationEvent)[keyof typeof NotificationEvent];

/** The form of a message. */
export const Template = {
  /** A message of Slack, as its incoming webhooks take it. */
  Slack: "slack",
  /** A message with an Adaptive Card, as Microsoft Teams' workflows take it. */
  Teams: "teams",
  /** The event itself, as in the journal. */
  Generic: "generic",
} as const;
export type Template = (typeof Template)[keyof typeof Template];

/** A message to a URL, by POST as JSON. Any answer of 2xx will do; redirects are not followed. */
export interface WebhookNotification {
  kind: "webhook";
  /**
   * Where to, by http or https; or `{ secret: NAME }`, a key of the stack's config that holds it. Messages show no more
   * than its host.
   */
  url: Confidential;
  /** `slack`, `teams` or `generic`. @default "generic" */
  template?: Template;
  /**
   * What is told: one or more of `started`, `step`, `waiting`, `promoted`, `rolledBack`, `failed`.
   * @default all but `step`
   */
  events?: NotificationEvent[];
  /** Headers beside `content-type`; each a text, or `{ secret: NAME }`. @default none */
  headers?: Record<string, Confidential>;
  /**
   * How often it is tried again where there was no answer, or one of 429 or 5xx; from 0 to 10. A `Retry-After` of up to
   * 30 seconds is waited for; with a longer one it is not tried again.
   * @default 2
   */
  retries?: number;
}

/**
 * A deployment of GitHub, whose status follows the run. What is not set comes from the variables that GitHub's Actions
 * set.
 */
export interface GithubNotification {
  kind: "github";
  /** `owner/name`. @default the variable GITHUB_REPOSITORY */
  repository?: string;
  /** What is deployed: a commit, branch or tag. @default the variable GITHUB_SHA */
  ref?: string;
  /**
   * A token that may write deployments; best as `{ secret: NAME }`, a key of the stack's config.
   * @default the variable GITHUB_TOKEN
   */
  token?: Confidential;
  /** The environment's name there. @default the stack's name */
  environment?: string;
  /** Whether users see that environment. @default GitHub's: true if it is called production */
  production?: boolean;
  /** Where its API is. @default the variable GITHUB_API_URL, or github.com's */
  apiUrl?: string;
  /**
   * How often it is tried again where there was no answer, or one of 429 or 5xx; from 0 to 10. A `Retry-After` of up to
   * 30 seconds is waited for; with a longer one it is not tried again.
   * @default 2
   */
  retries?: number;
}

/** Who is told of what happens in a run. */
export type NotifyDefinition = WebhookNotification | GithubNotification;

const url: Check = (value, findings) => (typeof value === "object" ? confidential : httpUrl)(value, findings);
const retries = integer(0, 10, "a number of retries from 0 to 10");
const kind: Check = () => undefined;

const KINDS: Readonly<Record<NotifyDefinition["kind"], Check>> = {
  webhook: shape({
    kind,
    url: required(url, "a URL that starts with http:// or https://"),
    template: oneOf(Object.values(Template)),
    events: list(oneOf(Object.values(NotificationEvent)), "a list of events", 1),
    headers: outgoingHeaders,
    retries,
  }),
  github: shape({
    kind,
    repository: pattern(/^[\w.-]+\/[\w.-]+$/, "owner/name of a repository"),
    ref: text("a commit, branch or tag"),
    token: confidential,
    environment: text("an environment's name"),
    production: flag,
    apiUrl: httpUrl,
    retries,
  }),
};

/** Records what is wrong with the setting `notify`. */
export function checkNotify(value: unknown, findings: Findings): void {
  list(checkOne, "a list of objects with kind and the fields of that kind")(value, findings);
}

const checkOne: Check = (value, findings) => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    findings.add(`is ${shown(value)}`, "expected an object with kind and the fields of that kind");
    return;
  }
  const given = (value as { kind?: unknown }).kind;
  const check =
    typeof given === "string" && Object.hasOwn(KINDS, given) ? KINDS[given as NotifyDefinition["kind"]] : undefined;
  if (check === undefined) {
    findings
      .field("kind")
      .add(
        given === undefined ? "is missing" : `is ${shown(given)}`,
        `expected one of ${Object.keys(KINDS).join(", ")}`,
      );
    return;
  }
  check(value, findings);
};
