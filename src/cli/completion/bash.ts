import type { CommandNode, CompletionTree, OptionNode, Values } from "./tree";

/** A script for bash; `source` it, or put it where bash looks for completions. */
export function bashCompletion({ program, options, commands }: CompletionTree): string {
  const everyOption = [...options, ...commands.flatMap((command) => command.options)];
  return `# bash completion for ${program}
_canary_stacks() {
  local file
  for file in Pulumi.*.yaml; do
    [[ -e $file ]] && file=\${file#Pulumi.} && printf '%s\\n' "\${file%.yaml}"
  done
}

_${program}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev="" command="" skip="" word index
  ((COMP_CWORD > 0)) && prev=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    if [[ -n $skip ]]; then
      skip=""
      continue
    fi
    case $word in
      ${valueFlags(everyOption).join("|")}) skip=1 ;;
      -*) ;;
      *) command=$word; break ;;
    esac
  done
  case $command in
    "")
      case $prev in
${valueCases(options, 8)}
      esac
      COMPREPLY=($(compgen -W ${quoted([...commands.map(({ name }) => name), ...flagsOf(options)])} -- "$cur"))
      ;;
${commands.map(commandCase).join("\n")}
  esac
}

complete -o default -F _${program} ${program}
`;
}

function commandCase({ name, options, values }: CommandNode): string {
  return `    ${name})
      case $prev in
${valueCases(options, 8)}
      esac
      if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W ${quoted(flagsOf(options))} -- "$cur"))
      else
        ${reply(values)}
      fi
      ;;`;
}

/** What follows an option is its value. */
function valueCases(options: readonly OptionNode[], indent: number): string {
  return options
    .filter(({ values }) => values.kind !== "none")
    .map(({ flags, values }) => `${" ".repeat(indent)}${flags.join("|")}) ${reply(values)}; return ;;`)
    .join("\n");
}

function reply(values: Values): string {
  switch (values.kind) {
    case "choices":
      return `COMPREPLY=($(compgen -W ${quoted(values.choices)} -- "$cur"))`;
    case "stack":
      return `COMPREPLY=($(compgen -W "$(_canary_stacks)" -- "$cur"))`;
    case "folder":
      return 'COMPREPLY=($(compgen -d -- "$cur"))';
    case "file":
      return 'COMPREPLY=($(compgen -f -- "$cur"))';
    default:
      return "COMPREPLY=()";
  }
}

function flagsOf(options: readonly OptionNode[]): string[] {
  return options.flatMap(({ flags }) => flags);
}

function valueFlags(options: readonly OptionNode[]): string[] {
  return [...new Set(flagsOf(options.filter(({ values }) => values.kind !== "none")))];
}

function quoted(words: readonly string[]): string {
  return `'${words.join(" ")}'`;
}
