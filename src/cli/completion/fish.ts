import type { CompletionTree, OptionNode, Values } from "./tree";

/** A script for fish: a file in its folder of completions. */
export function fishCompletion({ program, options, commands }: CompletionTree): string {
  const names = commands.map(({ name }) => name).join(" ");
  const lines = [
    `# fish completion for ${program}`,
    "function __canary_stacks",
    "    for file in Pulumi.*.yaml",
    "        string replace -r '^Pulumi\\.(.*)\\.yaml$' '$1' -- $file",
    "    end",
    "end",
    `complete -c ${program} -f`,
    ...commands.map(
      ({ name, text }) =>
        `complete -c ${program} -n 'not __fish_seen_subcommand_from ${names}' -a ${name} -d ${quoted(text)}`,
    ),
    ...options.map((option) => line(program, `not __fish_seen_subcommand_from ${names}`, option)),
    ...commands.flatMap(({ name, options: own, values }) => [
      ...own.map((option) => line(program, `__fish_seen_subcommand_from ${name}`, option)),
      ...(values.kind === "choices"
        ? [`complete -c ${program} -n '__fish_seen_subcommand_from ${name}' -a ${quoted(values.choices.join(" "))}`]
        : []),
    ]),
  ];
  return `${lines.join("\n")}\n`;
}

function line(program: string, condition: string, { flags, values, text }: OptionNode): string {
  const names = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  return [`complete -c ${program} -n ${quoted(condition)}`, ...names, ...value(values), `-d ${quoted(text)}`].join(" ");
}

function value(values: Values): string[] {
  switch (values.kind) {
    case "none":
      return [];
    case "choices":
      return ["-x", `-a ${quoted(values.choices.join(" "))}`];
    case "stack":
      return ["-x", "-a '(__canary_stacks)'"];
    case "folder":
      return ["-x", "-a '(__fish_complete_directories)'"];
    case "file":
      return ["-r", "-F"];
    case "any":
      return ["-x"];
  }
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
