import type { Engine } from "../../../sandbox/engine/engine";
import { useEngine } from "../../../sandbox/engine/findEngine";

let engine: Promise<Engine> | undefined;

/**
 * The engine that all tests of this process use; found, or built, for the first that asks. It is said which one, where
 * no run of several processes has said so.
 */
export function testEngine(): Promise<Engine> {
  engine ??= useEngine(process.env.TEST_RESULTS === undefined ? undefined : () => undefined);
  return engine;
}
