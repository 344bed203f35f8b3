import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ConfigValues } from "../../../src/config/configValues";
import { isKnown } from "../../../src/validation/unknown";

/** What a file was read as: the texts that a program gets, objects and lists as data; or that it is refused. */
export type Reading = { values: Record<string, unknown> } | { refused: true };

/** What Pulumi's CLI makes of the cases. The end-to-end suite `config` compares it with the CLI, and records it. */
export interface Readings {
  /** The version of the CLI. */
  pulumi: string;
  scalars: Reading;
  documents: Record<string, Reading>;
  projects: Record<string, Reading>;
}

/** Where they are kept. */
export const READINGS_FILE = join(__dirname, "readings.json");

/** Those that were recorded. */
export const READINGS = JSON.parse(readFileSync(READINGS_FILE, "utf8")) as Readings;

/** Values of a config as a program gets them. */
export function programTexts(values: ConfigValues): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      isKnown(value) ? (typeof value === "object" && value !== null ? value : String(value)) : "[secret]",
    ]),
  );
}
