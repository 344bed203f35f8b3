import { add, call, callAll, type JsonApi } from "./api";
import type { CommentThread } from "./comment";

/** Which pull request. */
export interface PullRequest {
  /** `owner/name`. */
  repository: string;
  number: number;
  /** A token that may write comments on pull requests. */
  token: string;
  /** The API's address. @default "https://api.github.com" */
  apiUrl?: string;
}

/** The comments of a pull request of GitHub. */
export function pullRequestComments({
  repository,
  number,
  token,
  apiUrl = "https://api.github.com",
}: PullRequest): CommentThread {
  const api: JsonApi = {
    url: apiUrl,
    headers: {
      authorization: `Bearer ${token}`,
      accept: "application/vnd.github+json",
      "x-github-api-version": "2022-11-28",
    },
  };
  const comments = `/repos/${repository}/issues/${number}/comments`;
  return {
    list: async () =>
      (await callAll<{ id: number; body?: string }>(api, comments)).map(({ id, body = "" }) => ({
        id: String(id),
        body,
      })),
    create: (body, find) => add(api, comments, { body }, find),
    update: (id, body) => call(api, "PATCH", `/repos/${repository}/issues/comments/${id}`, { body }),
  };
}

/**
 * The pull request that a workflow of GitHub Actions runs for, from its environment.
 *
 * @throws Error that names the variable that is missing.
 */
export function pullRequestOf(env: Readonly<Record<string, string | undefined>>): PullRequest {
  const {
    GITHUB_REPOSITORY: repository,
    GITHUB_TOKEN: token,
    GITHUB_API_URL: apiUrl,
    GITHUB_REF: ref = "",
    CANARY_PULL_REQUEST: given,
  } = env;
  const number = Number(given || /^refs\/pull\/(\d+)\//.exec(ref)?.[1]);
  if (!repository || !token) {
    throw new Error(
      `${repository ? "GITHUB_TOKEN" : "GITHUB_REPOSITORY"} is not set: a comment needs it; in a workflow, hand it over under env`,
    );
  }
  if (!Number.isSafeInteger(number) || number <= 0) {
    throw new Error(
      `GITHUB_REF is ${JSON.stringify(ref)}, no pull request: run it on the event pull_request, or set CANARY_PULL_REQUEST to the number`,
    );
  }
  return { repository, number, token, ...(apiUrl && { apiUrl }) };
}
