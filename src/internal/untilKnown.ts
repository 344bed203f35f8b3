/** Asks until there is an answer, and gives that to whoever asks later. */
export function untilKnown<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    const asked = (answer ??= ask());
    asked.catch(() => (answer = answer === asked ? undefined : answer));
    return asked;
  };
}
