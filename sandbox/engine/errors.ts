/** An engine cannot be had in this way. The message explains why; no stack trace is needed. */
export class EngineError extends Error {
  override readonly name = "EngineError";
}

/** The first line of an error's message, for a list of reasons. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().split("\n")[0].slice(0, 200);
}
