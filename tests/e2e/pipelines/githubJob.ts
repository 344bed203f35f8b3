import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { PROJECT_ROOT } from "../../../demo/programStack";

export const GITHUB_EXAMPLE = join(PROJECT_ROOT, "examples/github-actions");

/** The contexts of a workflow's expressions, e.g. `{ inputs: { stack: "prod" } }`. */
export type Contexts = Record<string, unknown>;

interface Step {
  id?: string;
  if?: string | boolean;
  uses?: string;
  with?: Record<string, unknown>;
  run?: string;
  env?: Record<string, unknown>;
}

interface Workflow {
  env?: Record<string, unknown>;
  jobs: Record<string, { if?: string; env?: Record<string, unknown>; steps: Step[] }>;
}

/** What a job did. */
export interface JobResult {
  /** Whether its condition held. */
  ran: boolean;
  /** False if a step failed. */
  succeeded: boolean;
  /** What its commands printed. */
  output: string;
  /** What is in the job's summary. */
  summary: string;
}

/**
 * Runs the commands of a workflow's job in a clone, as a runner does: conditions and expressions, the environment of
 * workflow, job and step, and the files by which steps pass values on. Third-party actions are skipped: their work was
 * done before.
 */
export class GithubJob {
  private readonly temp: string;
  private readonly handed: Record<string, string> = {};
  private output = "";
  private succeeded = true;

  constructor(
    private readonly clone: string,
    private readonly contexts: Contexts,
    private readonly env: NodeJS.ProcessEnv,
  ) {
    this.temp = join(clone, ".git", "runner");
  }

  async run(file: string, name: string): Promise<JobResult> {
    const { env = {}, jobs } = parse(await readFile(join(this.clone, ".github/workflows", file), "utf8")) as Workflow;
    const job = jobs[name];
    const contexts = { runner: { temp: this.temp }, steps: {}, ...this.contexts };
    if (!holds(job.if, contexts)) {
      return { ran: false, succeeded: true, output: "", summary: "" };
    }
    await mkdir(this.temp, { recursive: true });
    await writeFile(this.file("summary"), "");
    await this.runSteps(job.steps, contexts, { ...env, ...job.env });
    return {
      ran: true,
      succeeded: this.succeeded,
      output: this.output,
      summary: await readFile(this.file("summary"), "utf8"),
    };
  }

  private file(name: string): string {
    return join(this.temp, `github-${name}`);
  }

  private async runSteps(steps: readonly Step[], contexts: Contexts, env: Record<string, unknown>): Promise<void> {
    for (const step of steps) {
      const isDue = holds(step.if, contexts) && (this.succeeded || String(step.if).includes("always()"));
      if (isDue && step.uses?.startsWith("./")) {
        await this.runAction(step.uses, filled(step.with, contexts), env);
      } else if (isDue && step.run !== undefined) {
        await this.runStep(step, contexts, env);
      }
    }
  }

  /** A composite action sees its inputs, but not the job's contexts. */
  private async runAction(folder: string, given: Record<string, string>, env: Record<string, unknown>): Promise<void> {
    const { inputs, runs } = parse(await readFile(join(this.clone, folder, "action.yml"), "utf8")) as {
      inputs: Record<string, { default?: string }>;
      runs: { steps: Step[] };
    };
    const defaults = Object.fromEntries(Object.entries(inputs).map(([key, { default: value = "" }]) => [key, value]));
    await this.runSteps(runs.steps, { inputs: { ...defaults, ...given } }, env);
  }

  private async runStep(
    { id, run = "", env: own }: Step,
    contexts: Contexts,
    env: Record<string, unknown>,
  ): Promise<void> {
    const files = {
      GITHUB_ENV: this.file("env"),
      GITHUB_OUTPUT: this.file("output"),
      GITHUB_STEP_SUMMARY: this.file("summary"),
    };
    await Promise.all([
      writeFile(files.GITHUB_ENV, ""),
      writeFile(files.GITHUB_OUTPUT, ""),
      writeFile(this.file("step.sh"), fill(run, contexts)),
    ]);
    const variables = {
      ...this.env,
      RUNNER_TEMP: this.temp,
      ...files,
      ...filled(env, contexts),
      ...this.handed,
      ...filled(own, contexts),
    };
    this.succeeded = (await this.bash(this.file("step.sh"), variables)) === 0 && this.succeeded;
    Object.assign(this.handed, await assignments(files.GITHUB_ENV));
    if (id !== undefined) {
      (contexts.steps as Record<string, object>)[id] = { outputs: await assignments(files.GITHUB_OUTPUT) };
    }
  }

  private bash(script: string, env: NodeJS.ProcessEnv): Promise<number | null> {
    return new Promise((resolve, reject) => {
      const child = spawn("bash", ["-e", script], { cwd: this.clone, env, stdio: ["ignore", "pipe", "pipe"] });
      [child.stdout, child.stderr].forEach((stream) =>
        stream.on("data", (text: Buffer) => (this.output += text.toString())),
      );
      child.on("error", reject).on("close", resolve);
    });
  }
}

async function assignments(file: string): Promise<Record<string, string>> {
  const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line.includes("="));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

function filled(given: Record<string, unknown> = {}, contexts: Contexts): Record<string, string> {
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, fill(String(value), contexts)]));
}

function fill(text: string, contexts: Contexts): string {
  return text.replace(/\$\{\{(.*?)\}\}/g, (_, expression: string) => String(valueOf(expression, contexts) ?? ""));
}

function holds(condition: string | boolean | undefined, contexts: Contexts): boolean {
  return condition === undefined || Boolean(valueOf(String(condition), contexts));
}

/**
 * An expression of GitHub's. Once names are replaced by values, the expressions in the examples are also JavaScript.
 */
function valueOf(expression: string, contexts: Contexts): unknown {
  const code = expression.replace(/'[^']*'|\b(?:github|inputs|secrets|steps|runner|matrix)(?:\.[\w-]+)+/g, (part) =>
    part.startsWith("'") ? part : (JSON.stringify(lookUp(part, contexts)) ?? "undefined"),
  );
  return new Function("always", `return (${code});`)(() => true);
}

function lookUp(path: string, contexts: Contexts): unknown {
  return path
    .split(".")
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], contexts);
}
