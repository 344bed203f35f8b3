import type { Proof } from "../proof";
import { wholeFrom } from "../whole";

/** Every kind of change under load. */
export const availability: Proof = {
  name: "availability",
  what: "no request fails while anything changes",
  declare: (command) =>
    void command
      .option("--kinds <names>", "which kinds of change, by name, with commas between them (default: all)")
      .option("--requests <number>", "how many requests each kind is under at least", wholeFrom(1), 50_000)
      .option(
        "--repetitions <number>",
        "how often each change is made at least (default: each kind's own number)",
        wholeFrom(1),
      )
      .option("--rate <number>", "requests a second, over all ways of sending them", wholeFrom(1), 360),
  run: async ({ kinds, ...extent }) => {
    const [{ KINDS }, { proveAvailability }] = await Promise.all([import("./kinds"), import("./run")]);
    const names = typeof kinds === "string" ? kinds.split(",") : KINDS.map(({ name }) => name);
    const unknown = names.filter((name) => !KINDS.some((kind) => kind.name === name));
    if (unknown.length > 0) {
      throw new Error(`--kinds names ${unknown.join(", ")}; known are ${KINDS.map(({ name }) => name).join(", ")}`);
    }
    return proveAvailability(
      KINDS.filter(({ name }) => names.includes(name)),
      extent as { requests: number; rate: number },
    );
  },
  table: async () => (await import("./table")).availabilityTable(),
};
