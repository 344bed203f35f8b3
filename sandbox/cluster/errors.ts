import { UnsupportedPlatformError } from "../tools/errors";

/**
 * Something about a sandbox went wrong or was asked wrongly. The message says what was asked, what is wrong and
 * what to do, and needs no stack trace.
 */
export class SandboxError extends Error {
  override readonly name: string = "SandboxError";
}

/** The caller's `AbortSignal` ended `up`; what it had started has been taken down. */
export class AbortedError extends SandboxError {
  override readonly name = "AbortedError";
}

/** This machine, or the user who asked, cannot run a sandbox. The message lists everything that is missing. */
export class PreflightError extends UnsupportedPlatformError {}
