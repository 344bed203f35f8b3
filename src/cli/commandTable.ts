import { Command } from "commander";
import type { Session } from "./session";

/** A command as the help of the program lists it, and how it is loaded. */
export interface CommandEntry {
  name: string;
  /** Its arguments, as help writes them. @default none */
  words?: string;
  /** Whether it has options of its own. @default false */
  hasOptions?: boolean;
  summary: string;
  /** Loads it with all that it needs. */
  load(session: Session): Command;
}

/** All commands, in the order of help. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "status",
    hasOptions: true,
    summary: "show desired and actual shares, health, and the last run",
    load: (session) => (require("./commands/status") as typeof import("./commands/status")).statusCommand(session),
  },
  {
    name: "plan",
    hasOptions: true,
    summary: "show what a rollout would do, and how long it would take",
    load: (session) => (require("./commands/plan") as typeof import("./commands/plan")).planCommand(session),
  },
  {
    name: "rollout",
    hasOptions: true,
    summary: "roll a version out to all users step by step, or back",
    load: (session) => (require("./commands/rollout") as typeof import("./commands/rollout")).rolloutCommand(session),
  },
  {
    name: "approve",
    words: "[gate]",
    hasOptions: true,
    summary: "approve or reject a gate that waits for a person",
    load: (session) => (require("./commands/approve") as typeof import("./commands/approve")).approveCommand(session),
  },
  {
    name: "pause",
    summary: "keep the run in progress at its step",
    load: (session) => (require("./commands/pause") as typeof import("./commands/pause")).pauseCommand(session),
  },
  {
    name: "resume",
    summary: "continue a paused run",
    load: (session) => (require("./commands/resume") as typeof import("./commands/resume")).resumeCommand(session),
  },
  {
    name: "abort",
    summary: "roll the run in progress back",
    load: (session) => (require("./commands/abort") as typeof import("./commands/abort")).abortCommand(session),
  },
  {
    name: "rollback",
    summary: "restore the weights from before the last run",
    load: (session) =>
      (require("./commands/rollback") as typeof import("./commands/rollback")).rollbackCommand(session),
  },
  {
    name: "promote",
    summary: "promote the target of the run in progress now",
    load: (session) => (require("./commands/promote") as typeof import("./commands/promote")).promoteCommand(session),
  },
  {
    name: "set",
    words: "<shares...>",
    summary: "set the weights and run one up, without a rollout",
    load: (session) => (require("./commands/set") as typeof import("./commands/set")).setCommand(session),
  },
  {
    name: "report",
    words: "[run]",
    hasOptions: true,
    summary: "write a run's report, with its plot and every decision",
    load: (session) => (require("./commands/report") as typeof import("./commands/report")).reportCommand(session),
  },
  {
    name: "preview",
    hasOptions: true,
    summary: "show what an up would do to the traffic, for a reviewer",
    load: (session) => (require("./commands/preview") as typeof import("./commands/preview")).previewCommand(session),
  },
  {
    name: "render",
    hasOptions: true,
    summary: "print the stack's objects, without engine, cluster or credentials",
    load: (session) => (require("./commands/render") as typeof import("./commands/render")).renderCommand(session),
  },
  {
    name: "completion",
    words: "<shell>",
    summary: "print a completion script for a shell",
    load: (session) =>
      (require("./commands/completion") as typeof import("./commands/completion")).completionCommand(session.terminal),
  },
];

/** A command that is not called: what the help of the program says of it, and no more. */
export function declared({ name, words, hasOptions = false, summary }: CommandEntry): Command {
  const command = new Command(name).summary(summary).helpOption(false);
  if (words !== undefined) {
    command.arguments(words);
  }
  return hasOptions ? command.option("--any", "options that are not loaded") : command;
}
