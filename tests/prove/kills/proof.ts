import { passes } from "../mocha";
import type { Proof } from "../proof";

/** A rollout's process ended at random moments. */
export const kills: Proof = {
  name: "kills",
  what: "a rollout that is killed at random moments goes on to the same end",
  declare: (command) => void command.option("--kills <number>", "how many runs are killed, each at another moment", "20"),
  run: ({ kills: count }) => passes(["tests/e2e/rollout/crash.test.ts"], { ROLLOUT_KILLS: String(count) }),
};
