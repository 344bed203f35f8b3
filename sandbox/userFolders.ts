import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** The folder for files that can be made again: `$XDG_CACHE_HOME`, by default `~/.cache`. */
export function userCache(env: NodeJS.ProcessEnv = process.env): string {
  return absolute(env.XDG_CACHE_HOME) ?? join(homedir(), ".cache");
}

/** The folder for files that must outlive a process: `$XDG_STATE_HOME`, by default `~/.local/state`. */
export function userState(env: NodeJS.ProcessEnv = process.env): string {
  return absolute(env.XDG_STATE_HOME) ?? join(homedir(), ".local", "state");
}

/** The XDG specification says that relative paths are ignored. */
function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}
