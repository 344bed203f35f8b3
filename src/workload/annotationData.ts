/**
 * What an annotation of ours says as JSON in an object's inputs; nothing where it has none, or a broken one: whoever
 * changed it by hand made what was before unknown.
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
