import { Command, Option } from "commander";
import { abortCommand } from "./commands/abort";
import { approveCommand } from "./commands/approve";
import { completionCommand } from "./commands/completion";
import { pauseCommand } from "./commands/pause";
import { planCommand } from "./commands/plan";
import { previewCommand } from "./commands/preview";
import { promoteCommand } from "./commands/promote";
import { renderCommand } from "./commands/render";
import { reportCommand } from "./commands/report";
import { resumeCommand } from "./commands/resume";
import { rollbackCommand } from "./commands/rollback";
import { rolloutCommand } from "./commands/rollout";
import { setCommand } from "./commands/set";
import { statusCommand } from "./commands/status";
import { EXIT_CODES_HELP } from "./exitCodes";
import type { Session } from "./session";

/** All that comes before the end of the second line of help. */
const DESCRIPTION = `Moves the traffic of an app in several versions step by step, by the weights in a Pulumi stack's config: each step is one \`pulumi up\`, is held while gates are asked, and goes on or back.`;

const EXAMPLES = `
Examples:
  canary plan --steps 10,50 --hold 2m      what would be done, and how long it takes
  canary rollout --yes                     do it, as the stack's config says under \`rollout\`
  canary status --watch                    how it goes, from another terminal
  canary approve                           let a run go on that waits for a person
  canary set v1=90 v2=10                   just this, at once
  canary preview --comment github          what an up would do, for a reviewer

${EXIT_CODES_HELP}`;

/** The command with all its commands. */
export function createProgram(session: Session): Command {
  const program = new Command("canary")
    .description(DESCRIPTION)
    .addOption(
      new Option("-s, --stack <stack>", "the stack; by default PULUMI_STACK, or the one that Pulumi has selected"),
    )
    .option("-C, --cwd <folder>", "the folder of the Pulumi project; by default this one")
    .option("--json", "print JSON for programs: of a run, one event a line")
    .option("-y, --yes", "do not ask; needed without a terminal by what moves traffic")
    .option("--verbose", "print what Pulumi prints during ups to standard error; also by the variable CANARY_VERBOSE")
    .option("--no-color", "no colours; also by the variable NO_COLOR")
    .option("--config-prefix <prefix>", "what the app's keys in the config start with, if it is not the project's name")
    .addHelpText("after", EXAMPLES)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => session.terminal.out(text),
      writeErr: (text) => session.terminal.err(text.trimEnd()),
    })
    .showHelpAfterError("(see canary --help, or canary help COMMAND)")
    .exitOverride();
  const commands = [
    statusCommand,
    planCommand,
    rolloutCommand,
    approveCommand,
    pauseCommand,
    resumeCommand,
    abortCommand,
    rollbackCommand,
    promoteCommand,
    setCommand,
    reportCommand,
    previewCommand,
    renderCommand,
  ].map((make) => make(session));
  for (const command of [...commands, completionCommand(session.terminal)]) {
    program.addCommand(command.copyInheritedSettings(program));
  }
  return program;
}
