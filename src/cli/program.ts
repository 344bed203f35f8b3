import { Command, Option } from "commander";
import { COMMANDS, declared } from "./commandTable";
import { EXIT_CODES_HELP } from "./exitCodes";
import type { Session } from "./session";

/** All that comes before the end of the second line of help. */
const DESCRIPTION = `Moves an app's traffic between versions step by step, by the weights in a Pulumi stack's config: each step is one \`pulumi up\`, is held while gates are evaluated, and then continues or rolls back.`;

const EXAMPLES = `
Examples:
  canary plan --steps 10,50 --hold 2m      what would be done, and how long it would take
  canary rollout --yes                     run it, with the settings in the stack's config under \`rollout\`
  canary status --watch                    watch progress from another terminal
  canary approve                           approve a run that waits for a person
  canary set v1=90 v2=10                   set the weights directly, without a rollout
  canary preview --comment github          what an up would do, for a reviewer

${EXIT_CODES_HELP}`;

/**
 * The command with all its commands.
 *
 * @param words The words of the call: commands that are not among them are declared with what the help of the program
 *   says of them, and nothing that they need is loaded. @default all commands are whole
 */
export function createProgram(session: Session, words?: readonly string[]): Command {
  const program = new Command("canary")
    .description(DESCRIPTION)
    .addOption(new Option("-s, --stack <stack>", "the stack; by default PULUMI_STACK, or the one selected in Pulumi"))
    .option("-C, --cwd <folder>", "the folder of the Pulumi project; by default the current one")
    .option("--json", "print JSON; for a run, one event per line")
    .option("-y, --yes", "skip confirmation prompts (required when not running in a terminal)")
    .option("--verbose", "print Pulumi's output during ups to standard error (or set CANARY_VERBOSE)")
    .option("--no-color", "disable colors (or set NO_COLOR)")
    .option("--config-prefix <prefix>", "the namespace of the app's config keys, if it is not the project's name")
    .addHelpText("after", EXAMPLES)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => session.terminal.out(text),
      writeErr: (text) => session.terminal.err(text.trimEnd()),
    })
    .showHelpAfterError("(see canary --help, or canary help COMMAND)")
    .exitOverride();
  const isWhole = (name: string) => words === undefined || words.includes(name) || words.includes("completion");
  for (const entry of COMMANDS) {
    const command = isWhole(entry.name) ? entry.load(session) : declared(entry);
    program.addCommand(command.copyInheritedSettings(program));
  }
  return program;
}
