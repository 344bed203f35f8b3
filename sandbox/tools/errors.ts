/**
 * A tool or an image could not be made, and the user can do something about it. The message tells what was requested,
 * what is missing or wrong, and what to do; no stack trace is needed.
 */
export class ToolError extends Error {
  override readonly name: string = "ToolError";
}

/** The work was ended by a signal; nothing unfinished is left. */
export class InterruptedError extends ToolError {
  override readonly name = "InterruptedError";
}

/** This machine cannot build or run what was requested, whatever is installed on it. */
export class UnsupportedPlatformError extends ToolError {
  override readonly name = "UnsupportedPlatformError";
}
