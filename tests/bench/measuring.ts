import { spawnSync } from "node:child_process";
import { mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT_ROOT, type StackPlace, stackVariables } from "../../demo/programStack";

/** The environment in which Pulumi works on a stack. */
export function variablesOf(place: StackPlace): NodeJS.ProcessEnv {
  return { ...process.env, ...stackVariables(place) };
}

/** A project whose program does nothing, with the same packages at hand. */
export function emptyProject(): string {
  const folder = mkdtempSync(join(tmpdir(), "canary-bench-"));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: empty\nruntime: nodejs\n");
  writeFileSync(
    join(folder, "package.json"),
    '{ "name": "empty", "main": "index.js", "dependencies": { "@pulumi/pulumi": "*" } }\n',
  );
  writeFileSync(join(folder, "index.js"), 'require("@pulumi/pulumi");\n');
  symlinkSync(join(PROJECT_ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** Runs a program to its end; gives the seconds that it took. */
export function run(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): number {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: "utf8" });
  if (status !== 0) {
    throw new Error(`${program} ${args.join(" ")} ended with ${status}:\n${stdout}\n${stderr}`);
  }
  return (performance.now() - start) / 1000;
}

/** The middle one. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median, and between what all lie. */
export function describe(values: readonly number[]): string {
  return `${median(values).toFixed(2)} s (${Math.min(...values).toFixed(2)}–${Math.max(...values).toFixed(2)})`;
}
