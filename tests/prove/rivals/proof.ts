import type { Proof } from "../proof";
import { wholeFrom } from "../whole";

/** Other ways to move traffic, compared with CanaryApp. */
export const rivals: Proof = {
  name: "rivals",
  what: "how long traffic takes to follow, what fails and what it costs: beside Flagger, Argo Rollouts, helm and kubectl",
  document: "comparison.md",
  declare: (command) =>
    void command
      .option("--contenders <names>", "which, by name, with commas between them (default: all)")
      .option("--runs <number>", "how often each is measured", wholeFrom(1), 1),
  run: async ({ contenders, runs }) => {
    const [{ CONTENDERS }, { measureRivals }] = await Promise.all([import("./contenders"), import("./run")]);
    const names = typeof contenders === "string" ? contenders.split(",") : CONTENDERS.map(({ name }) => name);
    const unknown = names.filter((name) => !CONTENDERS.some((each) => each.name === name));
    if (unknown.length > 0) {
      throw new Error(
        `--contenders names ${unknown.join(", ")}; known are ${CONTENDERS.map(({ name }) => name).join(", ")}`,
      );
    }
    return measureRivals(
      CONTENDERS.filter(({ name }) => names.includes(name)),
      runs as number,
    );
  },
  table: async () => {
    const [{ rivalsTable }, { rivalsResults }] = await Promise.all([import("./table"), import("./results")]);
    return rivalsTable(rivalsResults());
  },
  plots: async () => {
    const [{ rivalsPlots }, { rivalsResults }] = await Promise.all([import("./plots"), import("./results")]);
    return rivalsPlots(rivalsResults());
  },
};
