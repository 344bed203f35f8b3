import type { Proof } from "../proof";
import { wholeFrom } from "../whole";

/** What a larger stack costs. */
export const growth: Proof = {
  name: "growth",
  what: "time and memory of rendering, preview and up, by apps, versions and routes",
  document: "growth.md",
  declare: (command) =>
    void command
      .option(
        "--most-apps <number>",
        "the largest stack that is made on the cluster; 0 for rendering alone",
        wholeFrom(0),
        50,
      )
      .option("--least-apps <number>", "the smallest one", wholeFrom(1), 1)
      .option("--no-rendering", "only what needs the cluster"),
  run: async ({ leastApps, mostApps, rendering }) => {
    const { measureOnCluster, measureRenderings } = await import("./run");
    if (rendering !== false) {
      await measureRenderings();
    }
    if (mostApps !== 0) {
      await measureOnCluster(leastApps as number, mostApps as number);
    }
    return true;
  },
  table: async () => {
    const [{ growthTable }, { keptResults }] = await Promise.all([import("./table"), import("../results")]);
    return growthTable(keptResults("growth/rendering"), keptResults("growth/engine"));
  },
};
