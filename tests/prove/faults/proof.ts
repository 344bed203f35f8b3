import { passes } from "../mocha";
import type { Proof } from "../proof";

/** Failures around an `up`. */
export const faults: Proof = {
  name: "faults",
  what: "whatever breaks around an up: a clear error, nothing lost, and the next up heals",
  run: () => passes(["tests/e2e/faults/**/*.test.ts"]),
};
