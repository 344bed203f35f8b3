const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const guards = new Set<() => void>();

/**
 * Runs `cleanup` if a signal ends this process before the returned function has been called. `cleanup` must be
 * synchronous. Where nobody else listens for the signal, the process then ends by it, as it would have without
 * a guard; otherwise that is left to the other listener.
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
  // The latest first: a child process must be gone before the folder it writes to is.
  for (const cleanup of [...guards].reverse()) cleanup();
  if (process.listenerCount(signal) > 1) return;
  guards.clear();
  release();
  process.kill(process.pid, signal);
}
