import type { PulumiCommand } from "@pulumi/pulumi/automation";
import { type Load, type SdkPart, sdkMember } from "./sdkPart";

/** What Automation calls around an `up`, where its caller needs no answer: each would start the CLI once more. */
const NEEDLESS: readonly { args: readonly string[]; stdout: string }[] = [
  { args: ["stack", "select"], stdout: "" },
  { args: ["stack", "output"], stdout: "{}" },
  { args: ["stack", "history"], stdout: "[]" },
];

const RUN: SdkPart = {
  module: "automation",
  name: "PulumiCommand.run",
  kind: "function",
  purpose: "to bring a stack up by one start of Pulumi's CLI",
};

interface Runnable {
  run(args: string[], ...rest: unknown[]): Promise<unknown>;
}

/**
 * Pulumi's CLI without the calls around an `up` that select the stack, and read its outputs and its history: they are
 * answered as if there were nothing. For stacks whose commands name the stack, and whose `up`s are not asked for what
 * they brought about.
 *
 * @param load `require` that has brought the command.
 * @throws MissingSdkPart if Automation starts the CLI in another way than is known here: then the command itself will
 * do, slower.
 */
export function withoutNeedlessCalls(command: PulumiCommand, load?: Load): PulumiCommand {
  const run = sdkMember<Runnable["run"]>(command, RUN, load);
  const wrapped = Object.create(command) as PulumiCommand & Runnable;
  wrapped.run = async (args, ...rest) => {
    const needless = NEEDLESS.find((each) => each.args.every((word, index) => args[index] === word));
    return needless === undefined ? run(args, ...rest) : { stdout: needless.stdout, stderr: "", code: 0 };
  };
  return wrapped;
}

/** A signal that can be given more than once. */
export class RepeatableSignal {
  private readonly controller = new AbortController();

  constructor() {
    const { signal } = this.controller;
    const add = signal.addEventListener.bind(signal);
    // Whoever listens only after it was given, because Pulumi's CLI had not been started yet, hears it at once.
    signal.addEventListener = (type: string, listener: EventListener, ...options: [AddEventListenerOptions?]) => {
      add(type, listener, ...options);
      if (signal.aborted) {
        setImmediate(() => listener.call(signal, new Event("abort")));
      }
    };
  }

  /**
   * For Automation, which sends Pulumi's CLI an interrupt each time: it ends in order at the first, and at once at the
   * second.
   */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  give(): void {
    if (this.signal.aborted) {
      this.signal.dispatchEvent(new Event("abort"));
    } else {
      this.controller.abort();
    }
  }
}
