import { type Command as CommandType, Command, InvalidArgumentError, Option } from "commander";
import { KubernetesApi } from "../../internal/kubernetes/api";
import { explainMissingCli } from "../../internal/pulumiSdk/missingCli";
import { postComment } from "../../preview/comment/comment";
import { pullRequestComments, pullRequestOf } from "../../preview/comment/github";
import { mergeRequestComments, mergeRequestOf } from "../../preview/comment/gitlab";
import { commentMark, markdown } from "../../preview/report/markdown";
import { PreviewOutcome, type PreviewReport } from "../../preview/report/previewReport";
import { text } from "../../preview/report/text";
import { runPreview } from "../../preview/run/runPreview";
import { unverifiable } from "../../preview/run/verification";
import { DEFAULT_LIMITS } from "../../preview/warnings/warning";
import { type Project, readProject } from "../../config/project";
import { PulumiCli } from "../../config/pulumiCli";
import { StackClusters } from "../../config/stackClusters";
import type { StackConfig } from "../../config/stackConfig";
import { readStackExport, type StackExport } from "../../config/stackExport";
import { ConfigElsewhereError, readWholeConfig } from "../../config/wholeConfig";
import { UsageError } from "../errors";
import { ExitCode } from "../exitCodes";
import type { Session } from "../session";

interface PreviewOptions {
  format?: keyof typeof FORMATS;
  comment?: keyof typeof THREADS;
  maxStep: number;
  maxWarnings: number;
  refresh: boolean;
  policyPack?: string[];
  policyPackConfig?: string[];
}

const FORMATS = {
  text,
  markdown,
  json: (report: PreviewReport) => `${JSON.stringify(report, undefined, 2)}\n`,
};

const THREADS = {
  github: (env: NodeJS.ProcessEnv) => pullRequestComments(pullRequestOf(env)),
  gitlab: (env: NodeJS.ProcessEnv) => mergeRequestComments(mergeRequestOf(env)),
};

/** How long the cluster may take to say that it is there. */
const VERIFY_MS = 10_000;

/** `canary preview`: what an `up` would do to the traffic. */
export function previewCommand(session: Session): CommandType {
  return new Command("preview")
    .summary("show what an up would do to the traffic, for a reviewer")
    .description(
      "Runs the stack's preview and shows what happens to the traffic: every version's share before and after, versions added and removed, other changes, and warnings. Changes nothing.",
    )
    .addOption(
      new Option(
        "-f, --format <format>",
        "output for a terminal (text), a comment (markdown) or a program (json)",
      ).choices(Object.keys(FORMATS)),
    )
    .addOption(
      new Option("--comment <host>", "also keep it in a comment on this pull or merge request").choices(
        Object.keys(THREADS),
      ),
    )
    .option(
      "--max-step <points>",
      "warn if more of a route's requests move at once, in percentage points",
      number(1, 100),
      DEFAULT_LIMITS.maxStep,
    )
    .option(
      "--max-warnings <count>",
      "exit with code 11 if there are more than <count> warnings",
      number(0, Number.MAX_SAFE_INTEGER),
      Number.POSITIVE_INFINITY,
    )
    .option("--no-refresh", "do not check the cluster for changes made by others")
    .option("--policy-pack <folder>", "also run this policy pack (repeatable)", several)
    .option(
      "--policy-pack-config <file>",
      "the policy pack's config as JSON (repeatable, in the order of the packs)",
      several,
    )
    .addHelpText(
      "after",
      `
Examples:
  canary preview --stack prod
  canary preview --stack prod --comment github            in a workflow, with GITHUB_TOKEN
  canary preview --stack prod --format json --max-warnings 0

Exit codes: 0 nothing changes, 1 the preview failed, 2 usage error, 10 something changes, 11 too many warnings.`,
    )
    .action(async (_options: object, command: Command) => {
      const { options, reference } = await session.call<PreviewOptions>(command);
      const thread = options.comment && threadOf(options.comment, session.env);
      const project = await readProject(reference.workDir);
      const { LocalWorkspace, Stack } = await import("@pulumi/pulumi/automation"); // the other commands start in half the time without it
      const workspace = await LocalWorkspace.create({ workDir: project.folder, envVars: plainEnv(session.env) }).catch(
        (error: unknown) => {
          throw explainMissingCli(error);
        },
      );
      const stack = await Stack.select(reference.stack, workspace);
      const cli = new PulumiCli(project.folder, reference.stack, session.env);
      // Pulumi's preview does without the stack's file; what cannot be done then is to ask the cluster.
      const config = await readWholeConfig(project, reference.stack, cli).catch((error: unknown) => {
        if (error instanceof ConfigElsewhereError) {
          return error;
        }
        throw error;
      });
      const known = config instanceof ConfigElsewhereError ? config : clustersOf(project, cli, config, session.env);
      const clusters = async () => {
        if (known instanceof ConfigElsewhereError) {
          throw known;
        }
        return known;
      };
      const { maxStep, refresh, policyPack: policyPacks, policyPackConfig: policyPackConfigs } = options;
      const report = await runPreview(stack, {
        project: project.name,
        limits: { maxStep },
        verify: (signal = AbortSignal.timeout(VERIFY_MS)) => unverifiableClusters(clusters, signal),
        openApi: async (provider) =>
          KubernetesApi.of(provider === undefined ? {} : await (await clusters()).ofProvider(provider)),
        refresh,
        policyPacks,
        policyPackConfigs,
      });
      session.terminal.out(FORMATS[options.format ?? (options.json ? "json" : "text")](report));
      if (thread !== undefined) {
        session.terminal.err(`comment ${await postComment(thread, commentMark(report), markdown(report))}`);
      }
      session.exitCode = exitCodeOf(report, options.maxWarnings);
    });
}

/** The clusters of a stack, by its state, which is read once. */
function clustersOf(project: Project, cli: PulumiCli, config: StackConfig, env: NodeJS.ProcessEnv): StackClusters {
  let state: Promise<StackExport> | undefined;
  return new StackClusters({ config, env, cli, folder: project.folder }, () => (state ??= readStackExport(cli)));
}

/** Why the stack's clusters cannot verify the preview, each reason once. */
async function unverifiableClusters(clusters: () => Promise<StackClusters>, signal: AbortSignal): Promise<string[]> {
  const all = clusters().then((known) => known.all());
  const opening = await all.then(
    (references) => references.map((reference) => () => KubernetesApi.of(reference)),
    (error: Error) => [() => Promise.reject<KubernetesApi>(error)],
  );
  const reasons = await Promise.all(opening.map((open) => unverifiable(open, signal)));
  return [...new Set(reasons.flat())];
}

function exitCodeOf({ outcome, warnings }: PreviewReport, maxWarnings: number): ExitCode {
  if (outcome === PreviewOutcome.Failed) {
    return ExitCode.Failed;
  }
  if (warnings.length > maxWarnings) {
    return ExitCode.TooManyWarnings;
  }
  return outcome === PreviewOutcome.Changes ? ExitCode.Changes : ExitCode.Done;
}

function threadOf(host: keyof typeof THREADS, env: NodeJS.ProcessEnv) {
  try {
    return THREADS[host](env);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function number(least: number, most: number): (text: string) => number {
  return (given) => {
    const value = Number(given);
    if (given.trim() === "" || !(value >= least && value <= most)) {
      throw new InvalidArgumentError(
        `Expected a number ${most > 1e9 ? `of ${least} or more` : `from ${least} to ${most}`}.`,
      );
    }
    return value;
  };
}

function several(given: string, before: readonly string[] = []): string[] {
  return [...before, given];
}

function plainEnv(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
