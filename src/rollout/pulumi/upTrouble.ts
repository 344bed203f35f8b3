import { hostname } from "node:os";
import { UpError, UpTrouble } from "./stackUnderRun";

/** Another update has the stack. */
const LOCKED = /stack is currently locked by|Another update is currently in progress/;

/** The cluster or the backend could not be asked. */
const UNREACHABLE =
  /connection refused|connection reset|unreachable|i\/o timeout|no route to host|TLS handshake timeout|context deadline exceeded|unexpected EOF|: EOF\b|no such host|request canceled|client connection lost|http2: |the server is currently unable to handle the request|etcdserver: |unable to load schema|server was unable to return a response in the time allotted/i;

/** The program was cut off from the engine; see {@link guardInlinePrograms}. */
const CUT_OFF = /the connection to Pulumi's engine was lost/;

/**
 * What the cluster itself says of objects that do not get ready may well speak of refused connections: those of their
 * probes.
 */
const NOT_READY =
  /probe failed|back-?off|CrashLoop|ErrImagePull|ImagePullBackOff|failed to become|not ready|Minimum number of|did not (become|get) ready|timed out waiting/i;

const LONGEST_MESSAGE = 600;

/** An `up`'s failure, by what was said about it. */
export function upErrorOf(errors: readonly string[], wasCancelled: boolean): UpError {
  const text = [...new Set(errors.map((error) => error.trim()))].join("; ").replace(/\s+/g, " ");
  const message = text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE - 1)}…` : text;
  if (wasCancelled) {
    return new UpError(UpTrouble.Cancelled, message);
  }
  return new UpError(mayPass(errors) ? UpTrouble.Passing : UpTrouble.Broken, message);
}

function mayPass(errors: readonly string[]): boolean {
  return (
    errors.some((error) => LOCKED.test(error) || CUT_OFF.test(error)) ||
    (errors.some((error) => UNREACHABLE.test(error)) && !errors.some((error) => NOT_READY.test(error)))
  );
}

/**
 * The process ids by which the stack is locked, if all of them are this machine's: a lock of a backend in files or a
 * bucket outlives its process. Undefined if it is not locked so.
 */
export function localLockHolders(errors: readonly string[]): number[] | undefined {
  const holders = errors.flatMap((error) => [...error.matchAll(/created by \S*@(\S+) \(pid (\d+)\)/g)]);
  return holders.length > 0 && holders.every(([, host]) => host === hostname())
    ? holders.map(([, , pid]) => Number(pid))
    : undefined;
}
