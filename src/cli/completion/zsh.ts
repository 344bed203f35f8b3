import type { CommandNode, CompletionTree, OptionNode, Values } from "./tree";

/** A script for zsh: `_canary` in a folder of its `fpath`, or sourced after `compinit`. */
export function zshCompletion({ program, options, commands }: CompletionTree): string {
  return `#compdef ${program}
_canary_stacks() {
  local -a stacks
  stacks=(Pulumi.*.yaml(N))
  stacks=(\${\${stacks#Pulumi.}%.yaml})
  compadd -a stacks
}

_${program}() {
  local curcontext="$curcontext" state line
  typeset -A opt_args
  _arguments -C \\
${options
  .flatMap(specs)
  .map((spec) => `    ${spec} \\`)
  .join("\n")}
    '1: :->command' \\
    '*:: :->arguments'
  case $state in
    command)
      local -a commands
      commands=(
${commands.map(({ name, text }) => `        ${quoted(`${name}:${text}`)}`).join("\n")}
      )
      _describe 'command' commands
      ;;
    arguments)
      case $words[1] in
${commands.map(commandCase).join("\n")}
      esac
      ;;
  esac
}

if [[ $funcstack[1] == _${program} ]]; then
  _${program} "$@"
else
  compdef _${program} ${program}
fi
`;
}

function commandCase({ name, options, values }: CommandNode): string {
  const all = [...options.flatMap(specs), ...(values.kind === "none" ? [] : [quoted(`*: :${action(values)}`)])];
  return `        ${name})
          _arguments \\
${all.map((spec) => `            ${spec}`).join(" \\\n")}
          ;;`;
}

function specs({ flags, values, text }: OptionNode): string[] {
  const told = `[${text.replace(/[[\]\\:]/g, "\\$&")}]`;
  const value = values.kind === "none" ? "" : `: :${action(values)}`;
  return flags.map((flag) => quoted(`${flag}${told}${value}`));
}

function action(values: Values): string {
  switch (values.kind) {
    case "choices":
      return `(${values.choices.join(" ")})`;
    case "stack":
      return "_canary_stacks";
    case "folder":
      return "_files -/";
    case "file":
      return "_files";
    default:
      return " ";
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
