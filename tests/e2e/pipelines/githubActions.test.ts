import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { CommentHost, TOKEN } from "../../unit/preview/comment/commentHost";
import { testEngine } from "../support/engine";
import type { Kubectl } from "../support/kubectl";
import { sharedMesh } from "../support/mesh";
import { credentials, killedRollout, pulumi, repositoryWithStacks, weightsOf } from "../support/repositoryStacks";
import type { ThrowawayRepository } from "../support/throwawayRepository";
import { GITHUB_EXAMPLE, GithubJob, type JobResult } from "./githubJob";

/** A setting that there is not. */
const MISSPELT = { rollout: { steps: [50], holds: "1s" } };

/** The apps of the stacks. */
const APPS = { staging: "shop-gh-staging", prod: "shop-gh-prod" };

describe("the workflows for GitHub Actions, their commands run on a repository", function () {
  this.timeout("15m");
  const host = new CommentHost();
  let apiUrl: string;
  let kubectl: Kubectl;
  let repository: ThrowawayRepository;
  let secrets: Record<string, string>;
  let backend: string;

  before(async () => {
    const mesh = await sharedMesh(await testEngine());
    kubectl = mesh.kubectl;
    apiUrl = await host.start();
    repository = await repositoryWithStacks(APPS, mesh.address, GITHUB_EXAMPLE);
    const given = await credentials();
    backend = given.backend;
    secrets = { KUBECONFIG: await readFile(given.kubeconfig, "utf8"), PULUMI_CONFIG_PASSPHRASE: given.passphrase };
  });
  after(async () => {
    host.stop();
    await repository?.remove();
  });

  const onPush = (inputs: object): Promise<JobResult> => {
    const contexts = {
      github: { event_name: "push", repository: "acme/shop", ref_name: "main", token: TOKEN },
      inputs: { backend, rollout: false, ...inputs },
      secrets,
    };
    return new GithubJob(repository.clone, contexts, repository.env).run("canary-deliver.yml", "deliver");
  };

  const onPullRequest = (job: string, from: string, given: Record<string, string>): Promise<JobResult> => {
    const event = { pull_request: { number: 7, head: { repo: { full_name: from } }, user: { login: "ada" } } };
    const inputs = { stack: "staging", backend, "max-step": 50, "max-warnings": 1000 };
    const env = {
      ...repository.env,
      GITHUB_API_URL: apiUrl,
      GITHUB_REPOSITORY: "acme/shop",
      GITHUB_REF: "refs/pull/7/merge",
    };
    return new GithubJob(
      repository.clone,
      { github: { event_name: "pull_request", repository: "acme/shop", token: TOKEN, event }, inputs, secrets: given },
      env,
    ).run("canary-preview.yml", job);
  };

  it("what is merged is brought up", async () => {
    const { succeeded, output } = await onPush({ stack: "staging" });
    assert.ok(succeeded, output);
    assert.deepEqual(await weightsOf(kubectl, APPS.staging), { v1: 100, v2: 0 });
  });

  describe("a pull request of the repository", () => {
    before(async () => {
      await repository.git("checkout", "--quiet", "-b", "more-v2");
      await repository.setWeights("staging", { v1: 70, v2: 30 });
    });
    after(() => repository.git("checkout", "--quiet", "main"));

    it("gets one comment, however often it is previewed", async () => {
      for (let time = 0; time < 2; time++) {
        const { succeeded, output } = await onPullRequest("preview", "acme/shop", secrets);
        assert.ok(succeeded, output);
      }
      assert.deepEqual(host.comments.length, 1);
      assert.match(host.comments[0].body, /Traffic of `shop\/staging`.*30% of the requests move from v1/s);
      assert.deepEqual(await weightsOf(kubectl, APPS.staging), { v1: 100, v2: 0 });
    });

    it("fails where the preview does", async () => {
      await repository.setWeights("staging", { v1: 70, v2: 31 });
      const { succeeded } = await onPullRequest("preview", "acme/shop", secrets);
      assert.ok(!succeeded);
      assert.match(host.comments[0].body, /The preview failed/);
      await repository.git("reset", "--quiet", "--hard", "HEAD~1");
    });

    it("is not rendered as one of a fork", async () =>
      assert.equal((await onPullRequest("render", "acme/shop", secrets)).ran, false));
  });

  describe("a pull request of a fork", () => {
    before(async () => {
      await repository.git("checkout", "--quiet", "more-v2");
      await repository.forbid("pulumi");
    });
    after(async () => {
      await repository.allow("pulumi");
      await repository.git("checkout", "--quiet", "main");
    });

    it("is told of in the summary, without credentials and without an engine", async () => {
      const { succeeded, output, summary } = await onPullRequest("render", "eve/shop", {});
      assert.ok(succeeded, output);
      assert.match(summary, /30% of the requests move from v1.*\+ {10}weight: 30/s);
    });

    it("is not previewed with them", async () =>
      assert.equal((await onPullRequest("preview", "eve/shop", {})).ran, false));
  });

  it("a version that waits for its traffic is rolled out, and the branch keeps how", async () => {
    const { succeeded, output, summary } = await onPush({ stack: "prod", rollout: true });
    assert.ok(succeeded, output);
    assert.deepEqual(await weightsOf(kubectl, APPS.prod), { v1: 0, v2: 100 });
    assert.deepEqual((await repository.configOnMain("prod"))["shop:weights"], { v1: 0, v2: 100 });
    assert.match(await repository.git("show", "origin/main:Pulumi.prod.rollout.jsonl"), /"type":"promoted"/);
    assert.match(summary, /v2/);
  });

  it("where nothing waits, nothing is rolled out", async () => {
    const before = await repository.git("rev-parse", "origin/main");
    const { succeeded, output } = await onPush({ stack: "prod", rollout: true });
    assert.ok(succeeded, output);
    await repository.git("fetch", "--quiet");
    assert.equal(await repository.git("rev-parse", "origin/main"), before);
  });

  it("a rollout whose job was killed is finished by the next job, and the branch keeps how", async () => {
    await repository.git("pull", "--quiet");
    await repository.setWeights("prod", { v1: 100, v2: 0 });
    await repository.git("push", "--quiet");
    await pulumi(repository, "prod", "up", "--yes", "--skip-preview");
    await killedRollout(repository, "prod");
    // What a job does last, however it ends: the config and the journal are kept, and the lock is not.
    await repository.git("add", "Pulumi.prod.yaml", "Pulumi.prod.rollout.jsonl");
    await repository.git("commit", "--quiet", "--message", "Rollout on prod");
    await repository.git("push", "--quiet");
    await rm(join(repository.clone, "Pulumi.prod.rollout.lock"));

    const { succeeded, output } = await onPush({ stack: "prod", rollout: true });
    assert.ok(succeeded, output);
    assert.deepEqual(await weightsOf(kubectl, APPS.prod), { v1: 0, v2: 100 });
    assert.deepEqual((await repository.configOnMain("prod"))["shop:weights"], { v1: 0, v2: 100 });
    const journal = await repository.git("show", "origin/main:Pulumi.prod.rollout.jsonl");
    const lastRun = journal.slice(journal.lastIndexOf('{"type":"started"'));
    assert.deepEqual(lastRun.match(/"type":"(takenOver|promoted)"/g), ['"type":"takenOver"', '"type":"promoted"']);
  });

  it("a misspelt setting of the rollout fails the job", async () => {
    await repository.configure("prod", MISSPELT);
    await repository.commit("a misspelt setting");
    const { succeeded, output } = await onPush({ stack: "prod", rollout: true });
    assert.ok(!succeeded, output);
    assert.match(output, /rollout\.holds/);
  });
});
