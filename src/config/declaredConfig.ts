import { isObject } from "../internal/objects";
import type { ConfigValues } from "./configValues";

/** How a Pulumi.yaml declares a config key. */
interface Declaration {
  type?: string;
  description?: string;
  secret?: boolean;
  default?: unknown;
  value?: unknown;
  items?: Items;
}

interface Items {
  type?: string;
  items?: Items;
}

const FIELDS = ["type", "description", "secret", "default", "value", "items"];
const TYPES = ["string", "integer", "boolean", "array", "object"];

/**
 * The values that a Pulumi.yaml has for keys that a stack does not set, by full key.
 *
 * @param config What it says under `config`, as data.
 * @throws Error that names the key, if Pulumi would refuse the file
 */
export function declaredDefaults(project: string, config: unknown): ConfigValues {
  if (!isObject(config)) {
    return {};
  }
  const values = Object.entries(config).map(([key, declared]) => {
    const full = key.includes(":") ? key : `${project}:${key}`;
    const { value, default: otherwise } = declarationOf(key, declared, full.startsWith(`${project}:`));
    return [full, value ?? otherwise] as const;
  });
  return Object.fromEntries(values.filter(([, value]) => value !== undefined && value !== null));
}

function declarationOf(key: string, declared: unknown, isOwn: boolean): Declaration {
  if (["string", "boolean"].includes(typeof declared) || Number.isInteger(declared) || Array.isArray(declared)) {
    return isOwn ? { default: declared } : { value: declared };
  }
  const unknown = isObject(declared) ? Object.keys(declared).filter((name) => !FIELDS.includes(name)) : [];
  if (!isObject(declared) || unknown.length > 0) {
    throw new Error(
      `config.${key} is neither a text, a whole number, a boolean or a list, nor an object of ${FIELDS.join(", ")}`,
    );
  }
  checkDeclaration(key, declared, isOwn);
  return declared;
}

function checkDeclaration(key: string, declared: Declaration, isOwn: boolean): void {
  const { type, items, default: otherwise, value } = declared;
  if ((otherwise ?? undefined) !== undefined && (value ?? undefined) !== undefined) {
    throw new Error(`config.${key} has a default and a value: leave one of them out`);
  }
  if (!isOwn && ((otherwise ?? undefined) !== undefined || type !== undefined)) {
    throw new Error(`config.${key} is another package's: it can have a value, and neither type nor default`);
  }
  if (type !== undefined && !TYPES.includes(type)) {
    throw new Error(`config.${key} has the type ${type}: one of ${TYPES.join(", ")} is needed`);
  }
  if (type === "array" && items === undefined) {
    throw new Error(`config.${key} is an array without items, which say the type of its elements`);
  }
  if (type !== undefined && (otherwise ?? undefined) !== undefined && !hasType(otherwise, { type, items })) {
    throw new Error(`config.${key} has a default that is not of its type, ${type}`);
  }
}

function hasType(value: unknown, { type, items }: Items): boolean {
  switch (type) {
    case "string":
      return typeof value === "string";
    case "integer":
      return Number.isInteger(value) || (typeof value === "string" && /^[-+]?[0-9]+$/.test(value));
    case "boolean":
      return typeof value === "boolean" || value === "true" || value === "false";
    case "object":
      return isObject(value);
    default:
      return Array.isArray(value) && items !== undefined && value.every((each) => hasType(each, items));
  }
}
