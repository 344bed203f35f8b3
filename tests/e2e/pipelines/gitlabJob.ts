import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { PROJECT_ROOT } from "../../../demo/programStack";
import type { ThrowawayRepository } from "../support/throwawayRepository";

export const GITLAB_EXAMPLE = join(PROJECT_ROOT, "examples/gitlab-ci");

/**
 * Validates pipelines with GitLab's schema, and runs their jobs in a shell; downloaded when it is first needed, like
 * the sandbox's tools.
 */
const GITLAB_CI_LOCAL = "gitlab-ci-local@4.64.0";

/**
 * Runs it in a repository's clone. The files that it keeps are hidden from git.
 * @throws Error with its complete output
 */
export async function gitlabCi(
  { clone, env }: Pick<ThrowawayRepository, "clone" | "env">,
  variables: Record<string, string>,
  ...args: string[]
): Promise<{ stdout: string; stderr: string }> {
  const given = Object.entries(variables).flatMap(([name, value]) => ["--variable", `${name}=${value}`]);
  const command = ["--yes", GITLAB_CI_LOCAL, "--state-dir", ".git/gitlab-ci-local", ...given, ...args];
  return promisify(execFile)("npx", command, { cwd: clone, env, maxBuffer: 64 * 1024 * 1024 }).catch(
    ({ stdout, stderr }: { stdout: string; stderr: string }) => {
      throw new Error(`${stdout}\n${stderr}`);
    },
  );
}
