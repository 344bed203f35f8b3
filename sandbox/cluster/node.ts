import { spawn } from "node:child_process";
import { closeSync, openSync, readlinkSync } from "node:fs";
import { entering } from "./cgroups";
import { SandboxError } from "./errors";
import { tailOf } from "./files";
import { identify, type ProcessIdentity } from "./processes";

/** How long a new process may take to get its own namespaces. */
const NAMESPACES_MS = 10_000;

/**
 * Starts the node: a process in network, mount, PID and IPC namespaces of its own, with the supervisor as its only
 * child and the first process of the PID namespace. Ending either of them ends everything in the node. It outlives this
 * process. Returns once the namespaces exist.
 * @param entrances files to which a process writes its id in order to enter the sandbox's cgroups
 * @param log where the supervisor's own output goes
 * @throws SandboxError if it ends at once, with its output
 */
export async function startNode(
  kube: string,
  plan: string,
  entrances: readonly string[],
  log: string,
): Promise<ProcessIdentity> {
  // It enters the cgroups before anything is started, so that whoever empties them ends everything.
  const [shell, ...args] = entering(entrances, [
    "unshare",
    "--net",
    "--ipc",
    "--mount",
    "--propagation",
    "slave",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
    kube,
    "supervise",
    plan,
  ]);
  const output = openSync(log, "a", 0o644);
  const child = spawn(shell, args, { detached: true, stdio: ["ignore", output, output] });
  closeSync(output);
  const failure = new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("exit", (code, signal) => resolve(signal ? `ended by ${signal}` : `exit code ${code}`));
  });
  child.unref();
  const ownNetwork = readlinkSync("/proc/self/ns/net");
  const deadline = Date.now() + NAMESPACES_MS;
  while (Date.now() < deadline) {
    const ended = await Promise.race([failure, new Promise<undefined>((resolve) => setTimeout(resolve, 5))]);
    if (ended !== undefined)
      throw new SandboxError(`The node's first process could not be started (${ended}): ${tailOf(log, 5)}`);
    const process = child.pid === undefined ? undefined : identify(child.pid);
    if (process && networkOf(process.pid) !== ownNetwork) return process;
  }
  throw new SandboxError(
    `The node's first process has no network namespace of its own after ${NAMESPACES_MS / 1000} s: ${tailOf(log, 5)}`,
  );
}

function networkOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return readlinkSync("/proc/self/ns/net"); // ended; the caller notices that by itself
  }
}
