import { delivered, type Tries } from "../../internal/http/delivery";
import type { Incoming } from "../../internal/http/exchange";
import { type Confidential, revealed, type Secrets } from "../../internal/http/secrets";
import type { RolloutEvent } from "../runner/event";
import type { Message } from "./message";
import { type GithubNotification, Occasion } from "../plan/notifySettings";

/** What GitHub's Actions tell a job by variables. */
export type Variables = Readonly<Record<string, string | undefined>>;

interface Place {
  api: string;
  repository: string;
  ref: string;
  token: string;
  environment: string;
}

const STATES: Readonly<Record<Occasion, string>> = {
  [Occasion.Started]: "in_progress",
  [Occasion.Step]: "in_progress",
  [Occasion.Waiting]: "in_progress",
  [Occasion.Promoted]: "success",
  [Occasion.RolledBack]: "failure",
  [Occasion.Failed]: "failure",
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
    private readonly tries: Tries,
  ) {}

  /** Tells a message as the deployment's status. @throws Error without any secret. */
  async send({ on, title, event, plan }: Message, signal: AbortSignal): Promise<void> {
    const place = this.place();
    const payload = { run: event.run, app: plan.app, target: plan.target };
    const id = await this.deploymentOf(event, place, payload, signal);
    const { GITHUB_SERVER_URL: server, GITHUB_RUN_ID: job } = this.variables;
    await this.post(
      place,
      `deployments/${id}/statuses`,
      {
        state: stateOf(on, event),
        description: title.length <= LONGEST_DESCRIPTION ? title : `${title.slice(0, LONGEST_DESCRIPTION - 1)}…`,
        environment: place.environment,
        ...(server && job ? { log_url: `${server}/${place.repository}/actions/runs/${job}` } : {}),
      },
      signal,
    );
  }

  /** The run's deployment: the one that is there, for another process may have made it, or a new one. */
  private async deploymentOf(
    { run, type }: RolloutEvent,
    place: Place,
    payload: object,
    signal: AbortSignal,
  ): Promise<number> {
    if (this.deployment?.run === run) {
      return this.deployment.id;
    }
    const id =
      (type === "started" ? undefined : await this.find(place, run, signal)) ??
      (await this.create(place, payload, signal));
    this.deployment = { run, id };
    return id;
  }

  private async find(place: Place, run: string, signal: AbortSignal): Promise<number | undefined> {
    const query = new URLSearchParams({ environment: place.environment, task: TASK, per_page: "30" });
    const { body } = await this.request(place, `deployments?${query}`, "GET", "", signal);
    const found = parsed(body);
    const own = Array.isArray(found) ? found.find((each) => runOf(each?.payload) === run) : undefined;
    return typeof own?.id === "number" ? own.id : undefined;
  }

  private async create(place: Place, payload: object, signal: AbortSignal): Promise<number> {
    const { production } = this.settings;
    const { body } = await this.post(
      place,
      "deployments",
      {
        ref: place.ref,
        task: TASK,
        auto_merge: false,
        required_contexts: [],
        environment: place.environment,
        description: `Rollout on the stack ${this.stack}`,
        payload,
        ...(production === undefined ? {} : { production_environment: production }),
      },
      signal,
    );
    const { id } = (parsed(body) ?? {}) as { id?: unknown };
    if (typeof id !== "number") {
      throw new Error("GitHub made no deployment: its answer has no id");
    }
    return id;
  }

  private post(place: Place, path: string, body: object, signal: AbortSignal): Promise<Incoming> {
    return this.request(place, path, "POST", JSON.stringify(body), signal);
  }

  private request(
    { api, repository, token }: Place,
    path: string,
    method: string,
    body: string,
    signal: AbortSignal,
  ): Promise<Incoming> {
    const headers = {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "user-agent": "canary-app",
      "x-github-api-version": "2022-11-28",
    };
    return delivered({ url: new URL(`${api}/repos/${repository}/${path}`), method, headers, body }, this.tries, signal);
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

/** A run that a person ended has not failed: nothing is deployed any more. */
function stateOf(on: Occasion, event: RolloutEvent): string {
  return event.type === "rolledBack" && (event.reason === "person" || event.reason === "terminated")
    ? "inactive"
    : STATES[on];
}

function needed<T>(value: T | undefined, setting: string, variable: string): T {
  if (value === undefined || value === "") {
    throw new Error(`GitHub cannot be told: neither the setting ${setting} nor the variable ${variable} is there`);
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
