/** Somewhere that comments on a change are kept, e.g. a pull request of GitHub. */
export interface CommentThread {
  /** Every comment, oldest first. */
  list(): Promise<readonly Comment[]>;
  create(body: string): Promise<void>;
  update(id: string, body: string): Promise<void>;
}

/** A comment that is there. */
export interface Comment {
  id: string;
  body: string;
}

/**
 * Puts a comment in the place of the one that begins with the same mark, or adds it: one comment for each stack,
 * however often its preview runs.
 *
 * @param mark The comment's first line.
 */
export async function postComment(
  thread: CommentThread,
  mark: string,
  body: string,
): Promise<"created" | "updated" | "unchanged"> {
  const found = (await thread.list()).find((comment) => comment.body.startsWith(mark));
  if (found === undefined) {
    await thread.create(body);
    return "created";
  }
  // Hosts of comments are not agreed on line ends and trailing blanks.
  if (normal(found.body) === normal(body)) {
    return "unchanged";
  }
  await thread.update(found.id, body);
  return "updated";
}

function normal(body: string): string {
  return body.replace(/\r\n/g, "\n").trim();
}
