import assert from "node:assert/strict";
import { CommentHost, TOKEN } from "../../unit/preview/comment/commentHost";
import { testEngine } from "../support/engine";
import type { Kubectl } from "../support/kubectl";
import { sharedMesh } from "../support/mesh";
import { credentials, repositoryWithStacks, weightsOf } from "../support/repositoryStacks";
import type { ThrowawayRepository } from "../support/throwawayRepository";
import { GITLAB_EXAMPLE, gitlabCi } from "./gitlabJob";

/** A setting that there is not. */
const MISSPELT = { rollout: { steps: [50], holds: "1s" } };

/** The apps of the stacks. */
const APPS = { staging: "shop-gl-staging", prod: "shop-gl-prod" };

const OURS = "12";

/** Where the project is, as a runner of its host says. */
const PLACE = { CI_SERVER_PROTOCOL: "https", CI_SERVER_HOST: "git.example.com", CI_PROJECT_PATH: "acme/shop" };

describe("the pipeline for GitLab, its jobs run on a repository", function () {
  this.timeout("15m");
  const host = new CommentHost();
  let apiUrl: string;
  let kubectl: Kubectl;
  let repository: ThrowawayRepository;
  let secrets: Record<string, string>;

  before(async () => {
    const mesh = await sharedMesh(await testEngine());
    kubectl = mesh.kubectl;
    apiUrl = await host.start();
    repository = await repositoryWithStacks(APPS, mesh.address, GITLAB_EXAMPLE);
    const { backend, kubeconfig, passphrase } = await credentials();
    secrets = {
      GITLAB_TOKEN: TOKEN,
      KUBECONFIG: kubeconfig,
      PULUMI_BACKEND_URL: backend,
      PULUMI_CONFIG_PASSPHRASE: passphrase,
    };
  });
  after(async () => {
    host.stop();
    await repository?.remove();
  });

  /** Runs one job; it fails if the job does. */
  const job = async (name: string, variables: Record<string, string>): Promise<string> => {
    const { stdout } = await gitlabCi(
      repository,
      { CI_API_V4_URL: apiUrl, ...PLACE, ...variables },
      "--force-shell-executor",
      name,
    );
    return stdout;
  };
  const onPush = async (name: string): Promise<string> => {
    await repository.git("checkout", "--quiet", "main"); // where a runner begins; the job before may have left it
    return job(name, { CI_PIPELINE_SOURCE: "push", ...secrets });
  };
  const onMergeRequest = (name: string, from: string, given: Record<string, string>) =>
    job(name, {
      CI_PIPELINE_SOURCE: "merge_request_event",
      CI_PROJECT_ID: OURS,
      CI_MERGE_REQUEST_IID: "7",
      CI_MERGE_REQUEST_PROJECT_ID: OURS,
      CI_MERGE_REQUEST_SOURCE_PROJECT_ID: from,
      ...given,
    });

  it("what is merged is brought up", async () => {
    await onPush("deliver staging");
    assert.deepEqual(await weightsOf(kubectl, APPS.staging), { v1: 100, v2: 0 });
  });

  describe("a merge request", () => {
    let base: string;
    before(async () => {
      base = await repository.git("rev-parse", "main");
      await repository.git("checkout", "--quiet", "-b", "more-v2");
      await repository.setWeights("staging", { v1: 70, v2: 30 });
    });
    after(async () => {
      await repository.allow("pulumi");
      await repository.git("checkout", "--quiet", "main");
    });

    it("gets one comment, however often it is previewed", async () => {
      await onMergeRequest("preview staging", OURS, secrets);
      await onMergeRequest("preview staging", OURS, secrets);
      assert.deepEqual(host.comments.length, 1);
      assert.match(host.comments[0].body, /Traffic of `shop\/staging`.*30% of the requests move from v1/s);
      assert.deepEqual(await weightsOf(kubectl, APPS.staging), { v1: 100, v2: 0 });
    });

    it("of a fork is rendered, without credentials and without an engine", async () => {
      await repository.forbid("pulumi");
      const output = await onMergeRequest("render staging", "13", { CI_MERGE_REQUEST_DIFF_BASE_SHA: base });
      assert.match(output, /30% of the requests move from v1.*\+ {10}weight: 30/s);
    });
  });

  it("a version that waits for its traffic is rolled out, and the branch keeps how", async () => {
    await onPush("deliver prod");
    assert.deepEqual(await weightsOf(kubectl, APPS.prod), { v1: 0, v2: 100 });
    assert.deepEqual((await repository.configOnMain("prod"))["shop:weights"], { v1: 0, v2: 100 });
    assert.match(await repository.git("show", "origin/main:Pulumi.prod.rollout.jsonl"), /"type":"promoted"/);
  });

  it("where nothing waits, nothing is rolled out", async () => {
    const before = await repository.git("rev-parse", "origin/main");
    await onPush("deliver prod");
    await repository.git("fetch", "--quiet");
    assert.equal(await repository.git("rev-parse", "origin/main"), before);
  });

  it("a misspelt setting of the rollout fails the job", async () => {
    await repository.git("checkout", "--quiet", "main");
    await repository.git("pull", "--quiet");
    await repository.configure("prod", MISSPELT);
    await repository.commit("a misspelt setting");
    await repository.git("push", "--quiet");
    await assert.rejects(onPush("deliver prod"), /rollout\.holds/);
  });
});
