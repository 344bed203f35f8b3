import { hostname } from "node:os";
import { UpError, UpErrorKind } from "./rolloutStack";

/** Another update has the stack. */
export const LOCKED: readonly RegExp[] = [
  /stack is currently locked by/, // a backend in files or a bucket
  /Another update is currently in progress/, // Pulumi Cloud
];

/** The program was cut off from the engine; see `guardInlinePrograms`. */
const CUT_OFF = /the connection to Pulumi's engine was lost/;

/** The cluster or the backend could not be reached, or could not answer, in the words of Go, Kubernetes and Pulumi. */
export const UNREACHABLE: readonly RegExp[] = [
  /connection refused/i,
  /connection reset/i,
  /unreachable/i,
  /no route to host/i,
  /no such host/i,
  /i\/o timeout/i,
  /TLS handshake timeout/i,
  /context deadline exceeded/i,
  /request canceled/i,
  /unexpected EOF/i,
  /: EOF\b/i,
  /http2: /i,
  /etcdserver: /i,
  /unable to load schema/i,
  /the server is currently unable to handle the request/i,
  /server was unable to return a response in the time allotted/i,
];

/**
 * Objects do not get ready. What the cluster says of them may well speak of refused connections, too: those of their
 * probes.
 */
export const NOT_READY: readonly RegExp[] = [
  /probe failed/i,
  /back-?off/i,
  /ErrImagePull/i,
  /failed to become/i,
  /not ready/i,
  /Minimum number of/i,
  /did not (become|get) ready/i,
  /timed out waiting/i,
];

const LONGEST_MESSAGE = 600;

/** An `up`'s failure, by what was said about it. */
export function upErrorOf(errors: readonly string[], wasCancelled: boolean): UpError {
  const text = [...new Set(errors.map((error) => error.trim()))].join("; ").replace(/\s+/g, " ");
  const message = text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE - 1)}…` : text;
  if (wasCancelled) {
    return new UpError(UpErrorKind.Cancelled, message);
  }
  return new UpError(mayPass(errors) ? UpErrorKind.Passing : UpErrorKind.Broken, message);
}

function mayPass(errors: readonly string[]): boolean {
  return (
    anyMatches(errors, [...LOCKED, CUT_OFF]) || (anyMatches(errors, UNREACHABLE) && !anyMatches(errors, NOT_READY))
  );
}

function anyMatches(errors: readonly string[], patterns: readonly RegExp[]): boolean {
  return errors.some((error) => patterns.some((pattern) => pattern.test(error)));
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
