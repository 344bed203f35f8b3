import { InvalidArgumentError } from "commander";
import type { Proof } from "../proof";

/** What a larger stack costs. */
export const growth: Proof = {
  name: "growth",
  what: "time and memory of rendering, preview and up, by apps, versions and routes",
  document: "growth.md",
  declare: (command) =>
    void command
      .option("--most-apps <number>", "the largest stack that is made on the cluster; 0 for rendering alone", whole, 50)
      .option("--least-apps <number>", "the smallest one", whole, 1)
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

function whole(text: string): number {
  if (!/^\d+$/.test(text)) {
    throw new InvalidArgumentError("a whole number from 0 is needed");
  }
  return Number(text);
}
