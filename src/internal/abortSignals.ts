import { setMaxListeners } from "node:events";

/**
 * The signal, which any number of tasks may listen to at once. Each of ours stops listening when it ends; from 11
 * listeners on, Node would warn of a leak (MaxListenersExceededWarning).
 */
export function sharedByMany(signal: AbortSignal): AbortSignal {
  setMaxListeners(0, signal);
  return signal;
}
