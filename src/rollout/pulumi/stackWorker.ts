import { createRequire } from "node:module";
import { join, sep } from "node:path";
import type * as Automation from "@pulumi/pulumi/automation";
import type { StackResource } from "../../config/stackExport";
import { errorMessage } from "../../internal/http/errorMessage";
import { RepeatableSignal, withoutNeedlessCalls } from "../../internal/pulumiSdk/automation";
import { sdkOfProgram } from "../../internal/pulumiSdk/copies";
import { explainMissingCli } from "../../internal/pulumiSdk/missingCli";
import { guardInlinePrograms } from "../../internal/pulumiSdk/inlinePrograms";
import { loadSeldomUsedLazily } from "../../internal/pulumiSdk/lazyPackages";
import { type Load, MissingSdkPart } from "../../internal/pulumiSdk/sdkPart";
import { tellsRoutes } from "../routes/recordedRoutes";

/** What a worker is for; its only argument, as JSON. */
export interface WorkerTask {
  /** The project's folder; it is the working folder, too. */
  folder: string;
  stack: string;
  /** The program's file, if it is kept warm; else Pulumi starts it for each `up`. */
  main?: string;
  /** The folder in whose `bin` Pulumi's CLI is. @default as PATH says */
  pulumiRoot?: string;
  /** Whether the engine's output is printed as it comes. @default false */
  verbose?: boolean;
}

/** What a worker is told. */
export type WorkerOrder =
  { do: "up"; id: number; refresh?: boolean } | { do: "cancel"; id: number } | { do: "unlock"; id: number };

/** What it answers; `errors` are the engine's messages, or what else went wrong. */
export interface WorkerAnswer {
  id: number;
  errors?: string[];
  /** What an `up` that came to its end recorded of routes. */
  recorded?: StackResource[];
  /** Why it is slower than it could be, once it is ready. */
  notices?: string[];
}

/** How long an `up` may take to end in order after it was told to, in ms; then it is told more plainly. */
const CANCEL_GRACE_MS = 60_000;

/**
 * Keeps a Pulumi program loaded, and brings its stack up when it is told to: a process of its own, so that whatever the
 * program does to its process does not touch the run. It ends with the process that started it.
 */
async function main(task: WorkerTask): Promise<string[]> {
  const notices: string[] = [];
  const load = sdkOfProgram(task.folder);
  loadSeldomUsedLazily(load);
  const stack = await openStack(task, load, (text) => notices.push(text));
  let running: { id: number; cancel(): void } | undefined;
  const orders: { [K in WorkerOrder["do"]]: (order: WorkerOrder & { do: K }) => Promise<void> } = {
    up: async ({ id, refresh }) => {
      const ending = endable();
      running = { id, cancel: ending.cancel };
      answer({ id, ...(await up(stack, ending.signal, { refresh, verbose: task.verbose }).finally(ending.done)) });
      running = undefined;
    },
    cancel: async ({ id }) => {
      if (running?.id === id) {
        running.cancel();
      }
    },
    unlock: async ({ id }) =>
      answer({
        id,
        errors: await stack.cancel().then(
          () => undefined,
          (error: unknown) => [errorMessage(error)],
        ),
      }),
  };
  process.on("message", (order: WorkerOrder) => void orders[order.do](order as never));
  process.on("disconnect", () => {
    running?.cancel();
    const leave = setInterval(() => running === undefined && process.exit(), 50);
    leave.ref();
  });
  if (task.main !== undefined) {
    preload(task.folder, task.main);
  }
  return notices;
}

/** An `up`; gives what went wrong in it, or what it recorded. */
async function up(
  stack: Automation.Stack,
  signal: AbortSignal,
  { refresh = false, verbose = false }: { refresh?: boolean; verbose?: boolean },
): Promise<Omit<WorkerAnswer, "id">> {
  const errors: string[] = [];
  const recorded = new Map<string, StackResource>();
  try {
    await stack.up({
      signal,
      refresh,
      color: "never",
      suppressOutputs: true,
      ...(verbose && { onOutput: print, onError: print }),
      onEvent: ({ diagnosticEvent: told, resOutputsEvent: done }) => {
        if (told?.severity === "error") {
          errors.push(`${nameOf(told.urn)}${plainText(told.message)}`);
        }
        const resource = done?.metadata.new as StackResource | undefined;
        if (resource && tellsRoutes(resource)) {
          recorded.set(resource.urn, resource);
        }
      },
    });
    return { recorded: [...recorded.values()] };
  } catch (error) {
    const messages = errors.filter((message) => !/^update failed$/.test(message));
    return { errors: messages.length > 0 ? messages : [errorMessage(error)] };
  }
}

/** @param notice Told where the SDK is not as it is known here, and Automation is used in its plain, slower way. */
async function openStack(
  { folder, stack, main: file, pulumiRoot: root }: WorkerTask,
  load: Load,
  notice: (text: string) => void,
): Promise<Automation.Stack> {
  const automation = load("@pulumi/pulumi/automation") as typeof Automation;
  const command = await automation.PulumiCommand.get({ root }).catch((error: unknown) => {
    throw explainMissingCli(error, root);
  });
  const pulumiCommand =
    unlessMissing(
      () => withoutNeedlessCalls(command, load),
      "Pulumi's CLI is started several times for each up",
      notice,
    ) ?? command;
  // One that loses the engine must not be taken for one without resources.
  const isKept =
    file !== undefined &&
    unlessMissing(() => (guardInlinePrograms(load), true), "the program is restarted for each up", notice);
  const program = isKept ? () => runAnew(folder, file) : undefined;
  const workspace = await automation.LocalWorkspace.create({ workDir: folder, pulumiCommand, program });
  return automation.Stack.select(stack, workspace);
}

/** Undefined where the SDK is without what this takes; then it is told what comes of it. */
function unlessMissing<T>(take: () => T, otherwise: string, notice: (text: string) => void): T | undefined {
  try {
    return take();
  } catch (error) {
    if (!(error instanceof MissingSdkPart)) {
      throw error;
    }
    notice(`${otherwise}: ${error.message}`);
    return undefined;
  }
}

/** Loads the program as if for the first time, and gives what it exports, like Pulumi's own way to run it. */
async function runAnew(folder: string, file: string): Promise<Record<string, unknown> | undefined> {
  forget(folder);
  const exported: unknown = createRequire(file)(file);
  return (await (typeof exported === "function" ? exported() : exported)) as Record<string, unknown> | undefined;
}

/** Loads the packages that a program needs, which stay; the program itself would register resources. */
function preload(folder: string, file: string): void {
  const load = createRequire(file);
  for (const name of Object.keys(packageOf(load, folder).dependencies ?? {})) {
    try {
      load(name);
    } catch {
      // It is not for us to say that it cannot be loaded; the program may not need it.
    }
  }
}

function packageOf(load: NodeRequire, folder: string): { dependencies?: Record<string, string> } {
  try {
    return load(join(folder, "package.json")) as { dependencies?: Record<string, string> };
  } catch {
    return {};
  }
}

/** Drops what is loaded of the project's own files. */
function forget(folder: string): void {
  for (const file of Object.keys(require.cache)) {
    if (file.startsWith(folder + sep) && !file.includes(`${sep}node_modules${sep}`) && file !== __filename) {
      delete require.cache[file];
    }
  }
}

/** A signal that can be given twice: Pulumi's CLI ends in order at the first interrupt, and at once at the second. */
function endable(): { signal: AbortSignal; cancel(): void; done(): void } {
  const ending = new RepeatableSignal();
  let timer: NodeJS.Timeout | undefined;
  const cancel = () => {
    if (timer === undefined) {
      ending.give();
      timer = setTimeout(() => ending.give(), CANCEL_GRACE_MS);
    }
  };
  return { signal: ending.signal, cancel, done: () => clearTimeout(timer) };
}

function print(text: string): void {
  process.stderr.write(text);
}

function answer(what: WorkerAnswer): void {
  if (process.connected) {
    process.send?.(what);
  }
}

function nameOf(urn: string | undefined): string {
  const name = urn?.split("::").at(-1);
  return name === undefined || name === "" ? "" : `${name}: `;
}

/** A message without the engine's colours. */
function plainText(message: string): string {
  return message.replace(/<\{%[^%]*%\}>/g, "").trim();
}

main(JSON.parse(process.argv[2]) as WorkerTask).then(
  (notices) => answer({ id: 0, notices }),
  (error: unknown) => {
    answer({ id: 0, errors: [errorMessage(error)] });
    process.exitCode = 1;
    process.disconnect?.();
  },
);
