import type { Counts } from "./counts";
import { goTests } from "./goTests";
import type { Write } from "./output";

/** Tests that are not mocha's, with counts of their own. */
export interface TestProgram {
  /** What the run calls it. */
  name: string;
  run(write: Write): Promise<Counts>;
}

/**
 * Packages of the sandbox's Go modules that have tests of their own; not all packages, which would compile Kubernetes
 * again.
 */
const GO_PACKAGES = {
  "sandbox/go/kube": "./supervise",
  "sandbox/go/demo": "./...",
  "sandbox/go/istio": "./cmd/charts",
  "sandbox/go/pulumi": "./pulumi-language-nodejs",
};

/** All of them, in the order in which they run; only where all tests do. */
export const PROGRAMS: readonly TestProgram[] = Object.entries(GO_PACKAGES).map(([module, packages]) => ({
  name: `${module} ${packages}`,
  run: (write) => goTests(module, packages, write),
}));
