import { writeFile } from "node:fs/promises";
import { Command, Option } from "commander";
import { reportHtml } from "../../rollout/report/html";
import { reportMarkdown } from "../../rollout/report/markdown";
import { buildTimeline } from "../../rollout/report/timeline";
import { openStackContext } from "../../rollout/runner/stackContext";
import { UsageError } from "../errors";
import type { Session } from "../session";

const FORMATS = { markdown: reportMarkdown, html: reportHtml } as const;

/** `canary report`: a run for people to read. */
export function reportCommand(session: Session): Command {
  return new Command("report")
    .argument("[run]", "the run; by default the last one")
    .summary("write a run's report, with its plot and every decision")
    .description(
      "Writes a run's report from the stack's journal: how it ended, what users saw, shares, success rate and latency over time, and every decision with its metrics.",
    )
    .addOption(new Option("--format <format>", "output format").choices(Object.keys(FORMATS)).default("markdown"))
    .option("--out <file>", "the file to write; by default standard output")
    .addHelpText(
      "after",
      `
Examples:
  canary report --stack prod >> "$GITHUB_STEP_SUMMARY"
  canary report --stack prod --format html --out report.html

With --json, the run's events are printed, one per line.

Exit codes: 0 done, 1 failed, 2 no such run.`,
    )
    .action(async (run: string | undefined, _options: object, command: Command) => {
      const { options, reference } = await session.call<{ format: keyof typeof FORMATS; out?: string }>(command);
      const events = (await openStackContext(reference)).openJournal().readAll();
      const wanted = run ?? events.filter(({ type }) => type === "started").at(-1)?.run;
      const own = events.filter((event) => event.run === wanted);
      if (!own.some(({ type }) => type === "started")) {
        throw new UsageError(
          run === undefined
            ? `Stack "${reference.stack}" has no runs yet.`
            : `Stack "${reference.stack}" has no run ${run}.`,
        );
      }
      const text = options.json
        ? own.map((event) => `${JSON.stringify(event)}\n`).join("")
        : FORMATS[options.format](buildTimeline(own));
      if (options.out === undefined) {
        session.terminal.out(text);
      } else {
        await writeFile(options.out, text);
      }
    });
}
