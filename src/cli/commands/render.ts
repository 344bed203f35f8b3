import { Command, Option } from "commander";
import { changesBetween } from "../../preview/change/betweenRecordings";
import type { Recording } from "../../render/recorder";
import { renderedDiff } from "../../render/diff";
import { gapLines, gapsOf, isWhole } from "../../render/gaps";
import { atRevision } from "../../render/revision";
import { render } from "../../render/steps";
import { RenderFormat, renderedText } from "../../render/text";
import { previewReport, type PreviewReport } from "../../preview/report/previewReport";
import { text } from "../../preview/report/text";
import { DEFAULT_LIMITS } from "../../preview/warnings/warning";
import { readProject } from "../../config/project";
import { CommandError } from "../errors";
import { ExitCode } from "../exitCodes";
import type { Session } from "../session";

interface RenderOptions {
  format: RenderFormat;
  diff?: string;
  strict?: boolean;
}

/** `canary render`: a stack's objects without an engine, a cluster or credentials. */
export function renderCommand(session: Session): Command {
  return new Command("render")
    .summary("print the stack's objects, without engine, cluster or credentials")
    .description(
      "Runs the stack's program in this process and prints the objects it creates, in the order in which they are needed. Secrets in the config are redacted; values that are known only once other resources exist are printed as [unknown].",
    )
    .addOption(
      new Option("-f, --format <format>", "output format")
        .choices(Object.values(RenderFormat))
        .default(RenderFormat.Yaml),
    )
    .option("--diff <revision>", "print what has changed since a git revision instead: the traffic, then the objects")
    .option("--strict", "fail where a value is unknown, or objects are missing, instead of printing what is known")
    .addHelpText(
      "after",
      `
Examples:
  canary render --stack prod --strict > objects.yaml
  canary render --stack prod --diff origin/main

Exit codes: 0 done; with --diff, nothing has changed; 1 failed, 2 usage error or invalid settings, 10 something has changed.`,
    )
    .action(async (_options: object, command: Command) => {
      const { options, reference } = await session.call<RenderOptions>(command);
      const { recordStack } = await import("../../render/program"); // it brings all of Pulumi's SDK
      const { folder, name } = await readProject(reference.workDir);
      const now = await recordStack(folder, reference.stack);
      const steps = render(now.resources);
      const gaps = gapsOf(now, steps);
      const told = gapLines(gaps, now);
      if (options.strict === true && !isWhole(gaps)) {
        throw new CommandError(told.join("\n"));
      }
      told.forEach((line) => session.terminal.err(line));
      if (options.diff === undefined) {
        now.warnings.forEach((warning) => session.terminal.err(`warning: ${warning}`));
        return session.terminal.out(renderedText(steps, options.json ? RenderFormat.Json : options.format, gaps));
      }
      const before = await atRevision(folder, options.diff, (then) => recordStack(then, reference.stack));
      const report = reportOf(before, now, name, reference.stack);
      const objects = renderedDiff(render(before.resources), steps);
      if (options.json) {
        session.json({ ...report, objects, ...gaps });
      } else {
        session.terminal.out([text(report), objects].filter((part) => part !== "").join("\n"));
      }
      session.exitCode = objects === "" ? ExitCode.Done : ExitCode.Changes;
    });
}

/** The cluster has no part in it, so nothing is said of it. */
function reportOf(before: Recording, now: Recording, project: string, stack: string): PreviewReport {
  return previewReport(changesBetween(before, now), {
    project,
    stack,
    limits: DEFAULT_LIMITS,
    unverified: [],
  });
}
