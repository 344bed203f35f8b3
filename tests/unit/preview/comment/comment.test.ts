import assert from "node:assert/strict";
import { type Comment, type CommentThread, postComment } from "../../../../src/preview/comment/comment";
import { pullRequestComments, pullRequestOf } from "../../../../src/preview/comment/github";
import { mergeRequestComments, mergeRequestOf } from "../../../../src/preview/comment/gitlab";
import { CommentHost, TOKEN } from "./commentHost";

const MARK = "<!-- canary preview of shop/dev -->";

const HOSTS: [string, (apiUrl: string, token: string) => CommentThread][] = [
  ["GitHub", (apiUrl, token) => pullRequestComments({ repository: "acme/shop", number: 7, token, apiUrl })],
  ["GitLab", (apiUrl, token) => mergeRequestComments({ project: "acme/shop", number: 7, token, apiUrl })],
];

for (const [name, thread] of HOSTS) {
  describe(`a comment on ${name}`, () => {
    let host: CommentHost;
    let url: string;
    beforeEach(async () => {
      host = new CommentHost();
      url = await host.start();
    });
    afterEach(() => host.stop());

    it("is added once, then updated in place, and left alone where it is the same", async () => {
      const comments = thread(url, TOKEN);
      assert.equal(await postComment(comments, MARK, `${MARK}\none\n`), "created");
      assert.equal(await postComment(comments, MARK, `${MARK}\ntwo\n`), "updated");
      assert.equal(await postComment(comments, MARK, `${MARK}\ntwo`), "unchanged");
      assert.deepEqual(
        host.comments.map(({ body }) => body),
        [`${MARK}\ntwo\n`],
      );
    });

    it("is found behind more than a page of others, and those are left alone", async () => {
      host.comments.push(...Array.from({ length: 130 }, (_, id) => ({ id, body: `about ${MARK}` })), {
        id: 500,
        body: `${MARK}\r\none`,
      });
      assert.equal(await postComment(thread(url, TOKEN), MARK, `${MARK}\ntwo`), "updated");
      assert.deepEqual(
        host.comments.filter(({ body }) => body.endsWith("two")).map(({ id }) => id),
        [500],
      );
      assert.equal(host.comments.length, 131);
    });

    it("fails with what the host said, without the token", async () => {
      await assert.rejects(
        postComment(thread(url, "wrong-secret"), MARK, MARK),
        (error: Error) => /401: .*Bad credentials/s.test(error.message) && !error.message.includes("wrong-secret"),
      );
    });
  });
}

describe("which request a comment is for", () => {
  const github = { GITHUB_REPOSITORY: "acme/shop", GITHUB_TOKEN: TOKEN, GITHUB_REF: "refs/pull/7/merge" };
  it("is read from the environment of GitHub Actions", () => {
    assert.deepEqual(pullRequestOf(github), { repository: "acme/shop", number: 7, token: TOKEN });
    assert.equal(
      pullRequestOf({
        ...github,
        GITHUB_REF: "refs/heads/main",
        CANARY_PULL_REQUEST: "8",
        GITHUB_API_URL: "https://ghe/api/v3",
      }).number,
      8,
    );
    assert.throws(
      () => pullRequestOf({ ...github, GITHUB_REF: "refs/heads/main" }),
      /GITHUB_REF is "refs\/heads\/main", no pull request/,
    );
    assert.throws(() => pullRequestOf({ ...github, GITHUB_TOKEN: undefined }), /GITHUB_TOKEN is not set/);
  });

  it("is read from the environment of GitLab's pipelines", () => {
    const gitlab = { CI_PROJECT_ID: "12", CI_MERGE_REQUEST_IID: "7", GITLAB_TOKEN: TOKEN };
    assert.deepEqual(mergeRequestOf(gitlab), { project: "12", number: 7, token: TOKEN });
    assert.throws(() => mergeRequestOf({ ...gitlab, CI_MERGE_REQUEST_IID: "" }), /CI_MERGE_REQUEST_IID is not set/);
  });
});

describe("a comment's thread", () => {
  it("is asked for no more than needed", async () => {
    const calls: string[] = [];
    const there: Comment[] = [{ id: "1", body: MARK }];
    const thread: CommentThread = {
      list: async () => (calls.push("list"), there),
      create: async () => void calls.push("create"),
      update: async () => void calls.push("update"),
    };
    await postComment(thread, MARK, MARK);
    assert.deepEqual(calls, ["list"]);
  });
});
