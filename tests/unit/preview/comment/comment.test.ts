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

    it("survives a host that fails for a moment, at any of its calls, and is there once", async () => {
      host.troubles = [{ status: 502 }, { status: 200, lost: true }, { status: 502 }];
      assert.equal(await postComment(thread(url, TOKEN), MARK, `${MARK}\none`), "created");
      const calls = host.calls.map((call) => call.split(" ")[0]);
      assert.deepEqual(calls, ["GET", "GET", "POST", "GET", "POST"]);
      host.troubles = [{ status: 200, lost: true }, { status: 500 }];
      assert.equal(await postComment(thread(url, TOKEN), MARK, `${MARK}\ntwo`), "updated");
      assert.deepEqual(
        host.comments.map(({ body }) => body),
        [`${MARK}\ntwo`],
      );
    });

    it("is not added a second time where the answer to the first is lost", async () => {
      host.troubles = [
        { status: 200, lost: true },
        { status: 502, lost: true },
      ];
      assert.equal(await postComment(thread(url, TOKEN), MARK, `${MARK}\none`), "created");
      assert.deepEqual(
        host.comments.map(({ body }) => body),
        [`${MARK}\none`],
      );
      assert.equal(host.calls.filter((call) => call.startsWith("POST")).length, 1);
    });

    it("takes the place of one that another process added meanwhile", async () => {
      const comments = thread(url, TOKEN);
      host.troubles = [{ status: 200, lost: true }, { status: 502 }];
      const posting = postComment(comments, MARK, `${MARK}\nours`);
      while (host.calls.length < 2) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      host.comments.push({ id: 1, body: `${MARK}\ntheirs` });
      assert.equal(await posting, "updated");
      assert.deepEqual(host.comments, [{ id: 1, body: `${MARK}\nours` }]);
    });

    it("is given up where the host fails for good, with what it said", async () => {
      host.troubles = [{ status: 404 }];
      await assert.rejects(postComment(thread(url, TOKEN), MARK, MARK), /GET http.*: 404: .*Unicorn/);
      assert.equal(host.calls.length, 1);
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
