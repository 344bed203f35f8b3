/**
 * What an error says to a person. Several addresses that were all tried in vain are one error without words of its own.
 */
export function errorMessage(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return errorMessage(error.errors[0]);
  }
  const { message, code } = (error ?? {}) as { message?: string; code?: string };
  return message || code || String(error);
}
