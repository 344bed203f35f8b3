import { type Engine, useEngine } from "../../../engine/engine";

let engine: Promise<Engine> | undefined;

/** The engine that all tests of this process use; found, or built, for the first that asks. */
export function testEngine(): Promise<Engine> {
  engine ??= useEngine();
  return engine;
}
