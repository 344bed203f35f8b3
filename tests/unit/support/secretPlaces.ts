import type { PropertyDefinition } from "@pulumi/pulumi/provider/experimental/analyzer";
import { type Properties, type SchemaType, typeName } from "../../../tools/docs/schema";
import type { Tree } from "./argumentTrees";

/** A text among arguments that can be a secret. */
export interface SecretPlace {
  /** Where it is, e.g. `routes[0].match[0].uri.exact`. */
  path: string;
  /** Arguments with a secret there, and what they need beside it. */
  args: Tree;
}

/** What is sound for a text that an object has to have, by the argument's name. */
const SOUND_TEXTS: readonly [RegExp, string][] = [
  [/delay|duration|interval|ttl/i, "1s"],
  [/host|authority/i, "shop.example.com"],
  [/path|uri/i, "/api"],
  [/regex/i, "/v1/.*"],
];

/**
 * A tree of arguments for every text that the arguments' types have, each kind of object once, with that text secret.
 *
 * @param types The types of the arguments, by name.
 * @param root The type of the arguments.
 * @param base What every tree begins with.
 * @param secret Makes the secret.
 */
export function secretPlaces(
  types: ReadonlyMap<string, SchemaType>,
  root: string,
  base: Tree,
  secret: () => unknown,
): SecretPlace[] {
  const places = new Places(types, secret);
  places.object(root, "", (fields) => ({ ...base, ...fields }), Object.keys(base));
  return places.found;
}

class Places {
  readonly found: SecretPlace[] = [];
  private readonly seen = new Set<string>();

  constructor(
    private readonly types: ReadonlyMap<string, SchemaType>,
    private readonly secret: () => unknown,
  ) {}

  object(name: string, path: string, whole: (fields: Tree) => Tree, given: readonly string[] = []): void {
    if (this.seen.has(name)) {
      return;
    }
    this.seen.add(name);
    const properties = this.types.get(name)?.properties as Properties;
    const needed = this.needed(properties, given);
    for (const [field, definition] of Object.entries(properties)) {
      this.inside(definition, path === "" ? field : `${path}.${field}`, (value) =>
        whole({ ...needed, [field]: value }),
      );
    }
  }

  private inside(definition: PropertyDefinition, path: string, whole: (value: unknown) => Tree): void {
    if ("$ref" in definition) {
      const name = typeName(definition.$ref);
      const type = this.types.get(name);
      if (type?.properties !== undefined) {
        return this.object(name, path, whole);
      }
      const [at, value] = type === undefined ? [`${path}.field`, { field: this.secret() }] : [path, this.secret()];
      this.found.push({ path: at, args: whole(value) });
    } else if (definition.items !== undefined) {
      this.inside(definition.items, `${path}[0]`, (value) => whole([value]));
    } else if (definition.additionalProperties !== undefined) {
      this.inside(definition.additionalProperties, `${path}.key`, (value) => whole({ key: value }));
    } else if (definition.type === "string") {
      this.found.push({ path, args: whole(this.secret()) });
    }
  }

  /** Sound values for what an object has to have. */
  private needed(properties: Properties, given: readonly string[] = []): Tree {
    const fields = Object.entries(properties).filter(
      ([name, { optional }]) => optional !== true && !given.includes(name),
    );
    return Object.fromEntries(fields.map(([name, definition]) => [name, this.sound(definition, name)]));
  }

  private sound(definition: PropertyDefinition, name: string): unknown {
    if ("$ref" in definition) {
      const { properties = {}, enum: values } = this.types.get(typeName(definition.$ref)) ?? {};
      return values === undefined ? this.needed(properties) : values[0].value;
    }
    if (definition.items !== undefined) {
      return [this.sound(definition.items, name)];
    }
    if (definition.additionalProperties !== undefined) {
      return { key: this.sound(definition.additionalProperties, name) };
    }
    if (definition.type === "string") {
      return SOUND_TEXTS.find(([form]) => form.test(name))?.[1] ?? "v1";
    }
    return definition.type === "number" ? (/status/i.test(name) ? 503 : 10) : {};
  }
}
