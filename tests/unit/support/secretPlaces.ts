import { type ArgumentModel, type ArgumentType, type ArgumentsModel } from "../../../tools/docs/argumentModel";
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
 * @param root The type of the arguments.
 * @param base What every tree begins with.
 * @param secret Makes the secret.
 */
export function secretPlaces(model: ArgumentModel, root: string, base: Tree, secret: () => unknown): SecretPlace[] {
  const places = new Places(model, secret);
  places.object(root, "", (fields) => ({ ...base, ...fields }), Object.keys(base));
  return places.found;
}

class Places {
  readonly found: SecretPlace[] = [];
  private readonly seen = new Set<string>();

  constructor(
    private readonly model: ArgumentModel,
    private readonly secret: () => unknown,
  ) {}

  object(name: string, path: string, whole: (fields: Tree) => Tree, given: readonly string[] = []): void {
    if (this.seen.has(name)) {
      return;
    }
    this.seen.add(name);
    const { fields } = this.model.objects.get(name) as ArgumentsModel;
    const needed = Object.fromEntries(
      fields
        .filter((field) => field.required && !given.includes(field.name))
        .map((field) => [field.name, this.sound(field.type, field.name)]),
    );
    for (const field of fields) {
      this.inside(field.type, path === "" ? field.name : `${path}.${field.name}`, (value) =>
        whole({ ...needed, [field.name]: value }),
      );
    }
  }

  private inside(type: ArgumentType, path: string, whole: (value: unknown) => Tree): void {
    switch (type.kind) {
      case "text":
      case "enum":
        this.found.push({ path, args: whole(this.secret()) });
        break;
      case "anything":
        this.found.push({ path: `${path}.field`, args: whole({ field: this.secret() }) });
        break;
      case "list":
        return this.inside(type.of, `${path}[0]`, (value) => whole([value]));
      case "map":
        return this.inside(type.of, `${path}.key`, (value) => whole({ key: value }));
      case "object":
        return this.object(type.name, path, whole);
    }
  }

  private sound(type: ArgumentType, name: string): unknown {
    switch (type.kind) {
      case "text":
        return SOUND_TEXTS.find(([form]) => form.test(name))?.[1] ?? "v1";
      case "number":
        return /status/i.test(name) ? 503 : 10;
      case "enum":
        return this.model.enums.get(type.name)?.values[0].value;
      case "list":
        return [this.sound(type.of, name)];
      case "map":
        return { key: this.sound(type.of, name) };
      case "object": {
        const { fields } = this.model.objects.get(type.name) as ArgumentsModel;
        return Object.fromEntries(
          fields.filter(({ required }) => required).map((field) => [field.name, this.sound(field.type, field.name)]),
        );
      }
      default:
        return {};
    }
  }
}
