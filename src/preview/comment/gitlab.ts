import { add, call, callAll, type JsonApi } from "./api";
import type { CommentThread } from "./comment";

/** Which merge request. */
export interface MergeRequest {
  /** The project's id or `group/name`. */
  project: string;
  /** The merge request's number in its project. */
  number: number;
  /** A token of the scope `api`. */
  token: string;
  /** The API's address. @default "https://gitlab.com/api/v4" */
  apiUrl?: string;
}

/** The comments (notes) of a merge request of GitLab. */
export function mergeRequestComments({
  project,
  number,
  token,
  apiUrl = "https://gitlab.com/api/v4",
}: MergeRequest): CommentThread {
  const api: JsonApi = { url: apiUrl, headers: { "private-token": token } };
  const notes = `/projects/${encodeURIComponent(project)}/merge_requests/${number}/notes`;
  return {
    list: async () =>
      (await callAll<{ id: number; body: string }>(api, notes)).map(({ id, body }) => ({ id: String(id), body })),
    create: (body, find) => add(api, notes, { body }, find),
    update: (id, body) => call(api, "PUT", `${notes}/${id}`, { body }),
  };
}

/**
 * The merge request that a pipeline of GitLab runs for, from its environment.
 *
 * @throws Error that names the variable that is missing.
 */
export function mergeRequestOf(env: Readonly<Record<string, string | undefined>>): MergeRequest {
  const { CI_PROJECT_ID: project, CI_MERGE_REQUEST_IID: iid, GITLAB_TOKEN: token, CI_API_V4_URL: apiUrl } = env;
  const missing = Object.entries({ CI_PROJECT_ID: project, CI_MERGE_REQUEST_IID: iid, GITLAB_TOKEN: token }).find(
    ([, value]) => !value,
  );
  if (missing !== undefined) {
    throw new Error(
      `${missing[0]} is not set: a comment needs it; run it in a pipeline of merge requests, with a token of the scope api in GITLAB_TOKEN`,
    );
  }
  return { project: project as string, number: Number(iid), token: token as string, ...(apiUrl && { apiUrl }) };
}
