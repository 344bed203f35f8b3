import type { HttpRequest, HttpResponse } from "../../internal/http/request";
import { type Confidential, revealed, type Secrets } from "../../internal/http/secrets";
import type { RolloutEvent } from "../runner/event";
import type { Message } from "./message";
import { sendNotification, sendNotificationUnlessDone, type Sending } from "./sendNotification";
import { type GithubNotification, NotificationEvent } from "../plan/notifySettings";

/** What GitHub's Actions tell a job by variables. */
export type Variables = Readonly<Record<string, string | undefined>>;

interface Place {
  api: string;
  repository: string;
  ref: string;
  token: string;
  environment: string;
}

const STATES: Readonly<Record<NotificationEvent, string>> = {
  [NotificationEvent.Started]: "in_progress",
  [NotificationEvent.Step]: "in_progress",
  [NotificationEvent.Waiting]: "in_progress",
  [NotificationEvent.Promoted]: "success",
  [NotificationEvent.RolledBack]: "failure",
  [NotificationEvent.Failed]: "failure",
};

/** GitHub refuses longer ones. */
const LONGEST_DESCRIPTION = 140;

/** A deployment of GitHub for each run, and its statuses. */
export class GithubDeployment {
  private deployment: { run: string; id: number } | undefined;

  constructor(
    private readonly settings: GithubNotification,
    private readonly stack: string,
    private readonly variables: Variables,
    private readonly secrets: Secrets | undefined,
  ) {}

  /** Tells a message as the deployment's status. @throws Error without any secret. */
  async send({ about, title, event, plan }: Message, sending: Sending): Promise<void> {
    const place = this.place();
    const payload = { run: event.run, app: plan.app, target: plan.target };
    const id = await this.deploymentOf(event, place, payload, sending);
    const { GITHUB_SERVER_URL: server, GITHUB_RUN_ID: job } = this.variables;
    const status = {
      state: stateOf(about, event),
      description: title.length <= LONGEST_DESCRIPTION ? title : `${title.slice(0, LONGEST_DESCRIPTION - 1)}…`,
      environment: place.environment,
      ...(server && job ? { log_url: `${server}/${place.repository}/actions/runs/${job}` } : {}),
    };
    await sendNotification(requestTo(place, `deployments/${id}/statuses`, status), sending);
  }

  /** The run's deployment: the one that is there, for another process may have made it, or a new one. */
  private async deploymentOf(
    { run, type }: RolloutEvent,
    place: Place,
    payload: { run: string },
    sending: Sending,
  ): Promise<number> {
    if (this.deployment?.run === run) {
      return this.deployment.id;
    }
    const id =
      (type === "started" ? undefined : await this.find(place, run, sending)) ??
      (await this.create(place, payload, sending));
    this.deployment = { run, id };
    return id;
  }

  private async find(place: Place, run: string, sending: Sending): Promise<number | undefined> {
    const query = new URLSearchParams({ environment: place.environment, task: TASK, per_page: "30" });
    const { body } = await sendNotification(requestTo(place, `deployments?${query}`), sending);
    const found = parsed(body);
    const own = Array.isArray(found) ? found.find((each) => runOf(each?.payload) === run) : undefined;
    return typeof own?.id === "number" ? own.id : undefined;
  }

  /** Makes a deployment; if an answer is lost, it is looked for before another one is made. */
  private async create(place: Place, payload: { run: string }, sending: Sending): Promise<number> {
    const { production } = this.settings;
    const deployment = {
      ref: place.ref,
      task: TASK,
      auto_merge: false,
      required_contexts: [],
      environment: place.environment,
      description: `Rollout on the stack ${this.stack}`,
      payload,
      ...(production === undefined ? {} : { production_environment: production }),
    };
    const sent = await sendNotificationUnlessDone(requestTo(place, "deployments", deployment), sending, () =>
      this.find(place, payload.run, sending),
    );
    const id = "found" in sent ? sent.found : idIn(sent);
    if (typeof id !== "number") {
      throw new Error("GitHub created no deployment: its response has no id");
    }
    return id;
  }

  private place(): Place {
    const { settings, variables } = this;
    const token: Confidential | undefined = settings.token ?? variables.GITHUB_TOKEN;
    return {
      api: (settings.apiUrl ?? (variables.GITHUB_API_URL || "https://api.github.com")).replace(/\/+$/, ""),
      repository: settings.repository ?? needed(variables.GITHUB_REPOSITORY, "repository", "GITHUB_REPOSITORY"),
      ref: settings.ref ?? needed(variables.GITHUB_SHA, "ref", "GITHUB_SHA"),
      token: revealed(needed(token, "token", "GITHUB_TOKEN"), this.secrets),
      environment: settings.environment ?? this.stack,
    };
  }
}

const TASK = "rollout";

/** A request below a repository's address: a POST if something is sent, else a GET. */
function requestTo({ api, repository, token }: Place, path: string, body?: object): HttpRequest {
  return {
    url: new URL(`${api}/repos/${repository}/${path}`),
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "user-agent": "canary-app",
      "x-github-api-version": "2022-11-28",
    },
  };
}

function idIn({ body }: HttpResponse): unknown {
  return (parsed(body) as { id?: unknown } | null | undefined)?.id;
}

/** A run that a person ended has not failed: nothing is deployed any more. */
function stateOf(about: NotificationEvent, event: RolloutEvent): string {
  return event.type === "rolledBack" && (event.reason === "person" || event.reason === "terminated")
    ? "inactive"
    : STATES[about];
}

function needed<T>(value: T | undefined, setting: string, variable: string): T {
  if (value === undefined || value === "") {
    throw new Error(`neither the setting ${setting} nor the variable ${variable} is set`);
  }
  return value;
}

function parsed(body: string): any {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** GitHub gives a payload back as it was, or as text. */
function runOf(payload: unknown): unknown {
  const object = typeof payload === "string" ? parsed(payload) : payload;
  return (object as { run?: unknown } | null | undefined)?.run;
}
