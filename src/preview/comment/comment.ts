/** A place where comments on a change are kept, e.g. a pull request on GitHub. */
export interface CommentThread {
  /** Every comment, oldest first. */
  list(): Promise<readonly Comment[]>;
  /**
   * Adds a comment. Where an answer is lost, `find` looks for it before it is sent again.
   *
   * @returns The comment that `find` came upon; undefined if it was added in the usual way.
   */
  create(body: string, find: () => Promise<Comment | undefined>): Promise<Comment | undefined>;
  update(id: string, body: string): Promise<void>;
}

/** A comment that is there. */
export interface Comment {
  id: string;
  body: string;
}

/**
 * Replaces the comment that begins with the same mark, or adds one: there is one comment for each stack, however often
 * its preview runs.
 *
 * @param mark The comment's first line.
 */
export async function postComment(
  thread: CommentThread,
  mark: string,
  body: string,
): Promise<"created" | "updated" | "unchanged"> {
  const find = async () => (await thread.list()).find((comment) => comment.body.startsWith(mark));
  const before = await find();
  // Another process may have added one meanwhile, with another text.
  const found = before ?? (await thread.create(body, find));
  if (found === undefined || normal(found.body) === normal(body)) {
    return before === undefined ? "created" : "unchanged";
  }
  await thread.update(found.id, body);
  return "updated";
}

/** Hosts of comments are not agreed on line ends and trailing blanks. */
function normal(body: string): string {
  return body.replace(/\r\n/g, "\n").trim();
}
