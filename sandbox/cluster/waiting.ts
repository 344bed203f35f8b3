import { join } from "node:path";
import { AbortedError, SandboxError } from "./errors";
import { readIfThere, tailOf } from "./files";
import type { Paths } from "./paths";
import { isRunning, type ProcessIdentity } from "./processes";

/** The status of one of the node's programs, as the supervisor records it. */
export interface ProgramStatus {
  /** Its process in the node's PID namespace; 0 while it is not running. */
  readonly pid: number;
  /** Restarts. */
  readonly restarts: number;
  /** The latest start, RFC 3339. */
  readonly startedAt?: string;
  /** The first condition that does not hold yet. */
  readonly waitingFor?: string;
  /** How the latest run ended. */
  readonly lastExit?: string;
}

/** What is waited for, and where. */
export interface Waiting {
  readonly paths: Paths;
  readonly node: ProcessIdentity;
  readonly signal?: AbortSignal;
}

/** The time limit for one part of the cluster. A busy machine needs several times the usual. */
const PATIENCE_MS = 180_000;

/** After this many exits a program is considered unable to start. */
const HOPELESS_RESTARTS = 8;

/**
 * Waits until `holds` returns something other than undefined or false, and returns that.
 * @param what what is waited for, for the error: "the API server"
 * @throws SandboxError if it takes more than 3 minutes, the node ends, or a program keeps exiting; it names the program
 * and includes the end of its log
 * @throws AbortedError
 */
export async function until<T>(
  what: string,
  waiting: Waiting,
  holds: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    if (waiting.signal?.aborted) throw new AbortedError(`Waiting for ${what}: interrupted.`);
    const value = await holds();
    if (value !== undefined && value !== false) return value;
    if (!isRunning(waiting.node)) {
      throw new SandboxError(
        `Waiting for ${what}: the node has ended. Its last words:\n${tailOf(join(waiting.paths.logs, "node.log"), 10)}`,
      );
    }
    const hopeless = Object.entries(programStatuses(waiting.paths)).find(
      ([, status]) => status.restarts >= HOPELESS_RESTARTS,
    );
    if (hopeless)
      throw new SandboxError(
        `Waiting for ${what}: ${hopeless[0]} keeps ending (${hopeless[1].lastExit ?? "no reason known"}).${logOf(waiting.paths, hopeless[0])}`,
      );
    if (Date.now() > deadline)
      throw new SandboxError(
        `Waiting for ${what} took more than ${PATIENCE_MS / 60_000} minutes.${suspects(waiting.paths)}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The node's programs, by name; empty before the supervisor has written its first status. */
export function programStatuses(paths: Paths): Record<string, ProgramStatus> {
  const content = readIfThere(paths.programs);
  return content === undefined ? {} : (JSON.parse(content) as Record<string, ProgramStatus>);
}

/** What is known about the programs that are not running properly. */
function suspects(paths: Paths): string {
  const doubtful = Object.entries(programStatuses(paths)).filter(
    ([, status]) => status.pid === 0 || status.restarts > 0,
  );
  const lines = doubtful.map(([name, status]) => {
    const state = status.waitingFor
      ? `waits for ${status.waitingFor}`
      : `was started ${status.restarts + 1} times, ${status.lastExit ?? "runs"}`;
    return `\n${name} ${state}.${status.restarts > 0 ? logOf(paths, name) : ""}`;
  });
  return lines.length > 0 ? lines.join("") : ` All programs run; their logs are in ${paths.logs}.`;
}

function logOf(paths: Paths, program: string): string {
  const file = join(paths.logs, `${program}.log`);
  return ` The end of ${file}:\n${tailOf(file, 8)}`;
}
