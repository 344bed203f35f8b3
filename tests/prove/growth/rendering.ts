import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { PROJECT_ROOT } from "../../../demo/programStack";
import type { Rendering } from "./renderOne";
import type { Size } from "./size";

/** Renders a stack of that size in a process of its own, whose TypeScript is loaded as Pulumi loads a program's. */
export async function measureRendering(size: Size): Promise<Rendering> {
  const args = ["--require", "sucrase/register/ts", join(__dirname, "renderOne.ts"), JSON.stringify(size)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: PROJECT_ROOT });
  return JSON.parse(stdout) as Rendering;
}
