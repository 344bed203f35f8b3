const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const guards = new Set<() => void>();

/**
 * Runs `cleanup` if a signal ends this process before the returned function has been called. `cleanup` must be
 * synchronous. If nobody else listens for the signal, the process then ends by it, as it would have without this;
 * otherwise the other listener decides.
 */
export function onInterrupt(cleanup: () => void): () => void {
  if (guards.size === 0) for (const signal of SIGNALS) process.on(signal, handle);
  guards.add(cleanup);
  return () => {
    if (guards.delete(cleanup) && guards.size === 0) release();
  };
}

function release(): void {
  for (const signal of SIGNALS) process.removeListener(signal, handle);
}

function handle(signal: NodeJS.Signals): void {
  // In reverse order: a child process must have ended before the folder it writes to is removed.
  for (const cleanup of [...guards].reverse()) cleanup();
  if (process.listenerCount(signal) > 1) return;
  guards.clear();
  release();
  process.kill(process.pid, signal);
}
