import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Schema } from "../../../tools/docs/schema";

/** Where the reviewed schema is kept: what programs in Python, Go, C#, Java and YAML see of the package. */
export const REVIEWED_SCHEMA = join(__dirname, "../components/schema.json");

/** The reviewed schema, which a test compares with what Pulumi infers; to infer it takes seconds, to read it does not. */
export function reviewedSchema(): Schema {
  return JSON.parse(readFileSync(REVIEWED_SCHEMA, "utf8")) as Schema;
}
