import {
  environment,
  environmentVariables,
  exportLines,
  down,
  status,
  up,
  AbortedError,
  SandboxError,
  type Status,
} from ".";
import { HELP, parseCall, UsageError, type Call } from "./cluster/arguments";
import { ensureImages, type ImageName } from "./images";
import { createProgress } from "./progress";
import { InterruptedError, ToolError, UnsupportedPlatformError } from "./tools";

/** The exit codes; the help names them. */
const WORKED = 0;
const FAILED = 1;
const WRONG_CALL = 2;
const NOT_SUPPORTED = 3;

async function run(call: Call): Promise<number> {
  const { name } = call;
  switch (call.command) {
    case "help":
      console.log(HELP);
      return WORKED;
    case "up":
      return bringUp(call);
    case "down":
      if (!(await down({ name, wipe: call.wipe, progress: createProgress() })))
        console.error(`There is no sandbox "${name}" to take down.`);
      return WORKED;
    case "status": {
      const found = await status({ name });
      console.log(call.json ? JSON.stringify(found, undefined, 2) : describe(found));
      return found.phase === "up" && found.apiReady && found.nodeReady ? WORKED : FAILED;
    }
    case "image": {
      const [image] = await ensureImages([call.image as ImageName], createProgress());
      console.log(image.archive);
      return WORKED;
    }
    case "env": {
      const env = environment({ name });
      console.log(call.json ? JSON.stringify(env, undefined, 2) : exportLines(environmentVariables(env)));
      return WORKED;
    }
  }
}

async function bringUp(call: Call): Promise<number> {
  const progress = createProgress();
  const abort = new AbortController();
  const onSignal = (): void => {
    if (!abort.signal.aborted) console.error("\nInterrupted: taking down what was started …");
    abort.abort(new AbortedError("Interrupted."));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  try {
    const env = await up({ name: call.name, mesh: call.mesh, progress, signal: abort.signal });
    const option = call.name === "canary" ? "" : ` --name ${call.name}`;
    progress.line(
      `The node's address is ${env.nodeAddress}. To use the sandbox: eval "$(npx tsx sandbox/cli.ts env${option})"`,
    );
    return WORKED;
  } catch (error) {
    if (!abort.signal.aborted && !(error instanceof InterruptedError)) throw error;
    const trouble =
      error instanceof AbortedError || error instanceof InterruptedError ? "" : ` But: ${(error as Error).message}`;
    console.error(
      trouble
        ? `Interrupted.${trouble}`
        : "Interrupted: nothing that was started is left; what was built is kept for the next time.",
    );
    return FAILED;
  }
}

function describe(found: Status): string {
  const lines = [
    `${found.name}: ${found.phase}${found.kubernetes ? `, Kubernetes ${found.kubernetes}` : ""}${found.mesh ? ", with mesh" : ""}`,
  ];
  if (found.phase === "up" || found.phase === "starting") {
    lines.push(
      `node ${found.nodeAddress} is ${found.nodeReady ? "ready" : "not ready"}, the API server ${found.apiReady ? "answers" : "does not answer"}; up since ${found.startedAt ?? "?"}`,
    );
  }
  if (found.memory)
    lines.push(
      `memory: ${megabytes(found.memory.workingSet)}, and ${megabytes(found.memory.total - found.memory.workingSet)} of cached files`,
    );
  for (const [name, program] of Object.entries(found.programs)) {
    const state = program.pid
      ? "runs"
      : program.waitingFor
        ? `waits for ${program.waitingFor}`
        : (program.lastExit ?? "not started");
    lines.push(
      `  ${name.padEnd(24)}${state}${program.restarts > 0 ? `, started again ${program.restarts} times (${program.lastExit ?? "?"})` : ""}`,
    );
  }
  if (found.logs) lines.push(`logs: ${found.logs}`);
  if (found.others.length > 0) lines.push(`other sandboxes: ${found.others.join(", ")}`);
  return lines.join("\n");
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

function codeOf(error: unknown): number {
  if (error instanceof UsageError) {
    console.error(`${error.message}\n\n${HELP}`);
    return WRONG_CALL;
  }
  if (error instanceof SandboxError || error instanceof ToolError) {
    console.error(error.message);
    return error instanceof UnsupportedPlatformError ? NOT_SUPPORTED : FAILED;
  }
  console.error(error);
  return FAILED;
}

async function main(): Promise<void> {
  let code: number;
  try {
    code = await run(parseCall(process.argv.slice(2)));
  } catch (error) {
    code = codeOf(error);
  }
  process.exitCode = code;
}

void main();
