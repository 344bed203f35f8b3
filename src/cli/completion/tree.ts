import type { Argument, Command, Option } from "commander";

/** What can stand in a place of the command line. */
export type Values =
  { kind: "none" | "any" | "stack" | "folder" | "file" } | { kind: "choices"; choices: readonly string[] };

/** An option as a shell completes it. */
export interface OptionNode {
  /** `--stack` and, if there is one, `-s`. */
  flags: readonly string[];
  /** Its value; none for a switch. */
  values: Values;
  text: string;
}

/** A command as a shell completes it. */
export interface CommandNode {
  name: string;
  text: string;
  options: readonly OptionNode[];
  /** What its arguments can be. */
  values: Values;
}

/** What a shell can complete: the commands and their options, those of the whole program at each of them. */
export interface CompletionTree {
  program: string;
  options: readonly OptionNode[];
  commands: readonly CommandNode[];
}

/** Reads the tree off a program as it parses its call, so that completion cannot know less or more. */
export function completionTree(program: Command): CompletionTree {
  const help = program.createHelp();
  const global = program.options.filter(({ hidden }) => !hidden).map(optionNode);
  const own = (command: Command): OptionNode[] => [...help.visibleOptions(command).map(optionNode), ...global];
  return {
    program: program.name(),
    options: help.visibleOptions(program).map(optionNode),
    commands: help.visibleCommands(program).map((command) => ({
      name: command.name(),
      text: help.subcommandDescription(command),
      options: distinct(own(command)),
      values:
        command.name() === "help"
          ? { kind: "choices", choices: program.commands.map((each) => each.name()) }
          : argumentValues(command.registeredArguments),
    })),
  };
}

function optionNode({ short, long, argChoices, description, flags, required, optional }: Option): OptionNode {
  const values: Values =
    !required && !optional
      ? { kind: "none" }
      : argChoices === undefined
        ? named(/[<[]([\w-]+)/.exec(flags)?.[1])
        : { kind: "choices", choices: argChoices };
  return { flags: [long, short].filter((flag) => flag !== undefined), values, text: firstSentence(description) };
}

function argumentValues(given: readonly Argument[]): Values {
  if (given.length === 0) {
    return { kind: "none" };
  }
  const [{ argChoices }] = given;
  return argChoices === undefined ? { kind: "any" } : { kind: "choices", choices: argChoices };
}

/** The name of a value in help says what it is. */
function named(name: string | undefined): Values {
  return name === "stack" || name === "folder" || name === "file" ? { kind: name } : { kind: "any" };
}

function distinct(options: readonly OptionNode[]): OptionNode[] {
  return options.filter(({ flags }, index) => options.findIndex((each) => each.flags[0] === flags[0]) === index);
}

function firstSentence(text: string): string {
  return text.split(/[.;:](?:\s|$)/)[0];
}
