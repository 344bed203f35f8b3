import { type SpawnOptions, spawn } from "node:child_process";
import type { Write } from "./output";

/** How a program ended. */
export interface Ended {
  /** Its exit code; null if it could not be started or was killed. */
  status: number | null;
  /** Why it could not be started. */
  error?: Error;
}

/** Runs a program to its end. */
export function runChild(program: string, args: readonly string[], take: Write, options: SpawnOptions): Promise<Ended> {
  return new Promise((done) => {
    const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", take);
    }
    child.on("error", (error) => done({ status: null, error }));
    child.on("close", (status) => done({ status }));
  });
}
