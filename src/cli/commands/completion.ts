import { Argument, Command } from "commander";
import { bashCompletion } from "../completion/bash";
import { fishCompletion } from "../completion/fish";
import { completionTree, type CompletionTree } from "../completion/tree";
import { zshCompletion } from "../completion/zsh";
import type { Terminal } from "../terminal";

const SHELLS: Readonly<Record<string, (tree: CompletionTree) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** `canary completion`: a script by which a shell completes the command's words. */
export function completionCommand(terminal: Terminal): Command {
  return new Command("completion")
    .summary("print a completion script for a shell")
    .description("Prints a completion script for commands, options and stack names.")
    .addArgument(new Argument("<shell>", "the shell").choices(Object.keys(SHELLS)))
    .addHelpText(
      "after",
      `
Examples:
  source <(canary completion bash)                                      in the current shell
  canary completion bash > ~/.local/share/bash-completion/completions/canary
  canary completion zsh > "\${fpath[1]}/_canary"
  canary completion fish > ~/.config/fish/completions/canary.fish`,
    )
    .action((shell: string, _options: object, command: Command) => {
      terminal.out(SHELLS[shell](completionTree(command.parent as Command)));
    });
}
