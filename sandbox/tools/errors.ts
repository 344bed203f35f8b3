/**
 * A tool or an image could not be had, and the person who asked can do something about it. The message says
 * what was asked, what is missing or wrong, and what to do; it needs no stack trace.
 */
export class ToolError extends Error {
  override readonly name: string = "ToolError";
}

/** The work was ended by a signal; nothing half made is left. */
export class InterruptedError extends ToolError {
  override readonly name = "InterruptedError";
}

/** This machine cannot build or run what was asked, whatever is installed on it. */
export class UnsupportedPlatformError extends ToolError {
  override readonly name = "UnsupportedPlatformError";
}
