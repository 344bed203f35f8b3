import { UnsupportedPlatformError } from "../tools/errors";

/**
 * A sandbox failed or was used incorrectly. The message tells what was requested, what is wrong and what to do; no
 * stack trace is needed.
 */
export class SandboxError extends Error {
  override readonly name: string = "SandboxError";
}

/** The caller's `AbortSignal` ended `up`; what it had started has been taken down. */
export class AbortedError extends SandboxError {
  override readonly name = "AbortedError";
}

/** This machine, or the current user, cannot run a sandbox. The message lists everything that is missing. */
export class PreflightError extends UnsupportedPlatformError {}
