import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** The folder of this project. */
export const PROJECT_ROOT = join(__dirname, "..", "..");

/** What Pulumi.yaml says of one config key. */
export interface ConfigKey {
  type: string;
  description?: string;
  default?: unknown;
}

/** The config keys that Pulumi.yaml declares, by their names. */
export function declaredConfig(): Record<string, ConfigKey> {
  return (parse(readFileSync(join(PROJECT_ROOT, "Pulumi.yaml"), "utf8")) as { config: Record<string, ConfigKey> })
    .config;
}

/** The config of the dev stack, by full key, as data. */
export function devConfig(): Record<string, unknown> {
  return (parse(readFileSync(join(PROJECT_ROOT, "Pulumi.dev.yaml"), "utf8")) as { config: Record<string, unknown> })
    .config;
}

/**
 * A stack's config as the engine hands it to a program: by full key, texts as they are, everything else as JSON, and
 * the project's default for each key that the stack does not set.
 *
 * @param stack The stack's own config by short key, as data; one that is undefined is not set.
 */
export function engineConfig(stack: Record<string, unknown>): Record<string, string> {
  const defaults = Object.entries(declaredConfig()).map(([key, { default: value }]) => [key, value] as const);
  const whole = {
    ...Object.fromEntries(defaults),
    ...Object.fromEntries(Object.entries(stack).filter(([, value]) => value !== undefined)),
  };
  return Object.fromEntries(
    Object.entries(whole).map(([key, value]) => [
      `canary-app:${key}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}
