/**
 * The JSON in one of our annotations in an object's inputs; empty if there is none, or it is broken: after a change by
 * hand, the earlier state counts as unknown.
 */
export function annotationData<T>(inputs: unknown, annotation: string): Record<string, T> {
  const { metadata } = (inputs ?? {}) as { metadata?: { annotations?: Record<string, unknown> } };
  const text = metadata?.annotations?.[annotation];
  try {
    return typeof text === "string" ? ((JSON.parse(text) ?? {}) as Record<string, T>) : {};
  } catch {
    return {};
  }
}
