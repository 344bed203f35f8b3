import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** The folder of what can be made again: `$XDG_CACHE_HOME`, by default `~/.cache`. */
export function userCache(env: NodeJS.ProcessEnv = process.env): string {
  return absolute(env.XDG_CACHE_HOME) ?? join(homedir(), ".cache");
}

/** The folder of what must outlive a process: `$XDG_STATE_HOME`, by default `~/.local/state`. */
export function userState(env: NodeJS.ProcessEnv = process.env): string {
  return absolute(env.XDG_STATE_HOME) ?? join(homedir(), ".local", "state");
}

/** The XDG specification has relative paths ignored. */
function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}
