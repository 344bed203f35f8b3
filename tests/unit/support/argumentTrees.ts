import type { PropertyDefinition } from "@pulumi/pulumi/provider/experimental/analyzer";
import * as fc from "fast-check";
import { type Properties, type SchemaType, argumentTypes, typeName } from "../../../tools/docs/schema";
import { sharedVersions } from "../arbitraries";
import { reviewedSchema } from "./reviewedSchema";

/** A tree of arguments, right or wrong. */
export type Tree = Record<string, unknown>;

type Values = fc.Arbitrary<unknown>;

/** One of these, and now and then one of those that are wrong. */
function mostly(sound: readonly unknown[], wrong: readonly unknown[]): Values {
  return fc.oneof(
    { weight: 19, arbitrary: fc.constantFrom(...sound) },
    { weight: 1, arbitrary: fc.constantFrom(...wrong) },
  );
}

const DURATIONS = mostly(["1ms", "250ms", "0.5s", "1s", "1m30s", "1h"], ["0s", "1d", "5", "0.1ms"]);
const LABELS = mostly(["a", "v1", "shop", "default", "x0", "mesh-1"], ["UPPER", "end-", "a".repeat(64)]);
const HOSTS = mostly(
  ["shop.example.com", "api.example.com", "*.apps.test", "a.b.c", "10.0.0.1"],
  ["*", "no host", "*.example.com"],
);
const PATHS = mostly(["/", "/api", "/api/v1/hello", "/a b"], ["api", "*", ""]);
const WORDS = mostly(["GET", "text", "x-user", "connect-failure,5xx", "/api", "shop/account"], ["", " "]);

/** What is mostly sound for a text, by the argument's name. */
const TEXTS: readonly [RegExp, Values][] = [
  [/timeout|delay|duration|interval|time$|ttl|maxage|backoff|keepalive|warmup/i, DURATIONS],
  [/hosts?$|authority|origin|sni/i, HOSTS],
  [/^(uri|path|prefix)$/i, PATHS],
  [/regex/i, mostly(["/v[12]/.*", ".*", "(?i)jason", "[a-z]+"], ["a(", "(?=a)"])],
  [/image/i, mostly(["example.com/shop:1.0", "shop"], ["an image"])],
  [/charts/i, mostly(["https://charts.example.com", "oci://charts.example.com/istio", "/charts"], [""])],
  [/name|namespace|release|revision|version|service/i, LABELS],
];

/** What is mostly sound for a number, by the argument's name. */
const NUMBERS: readonly [RegExp, Values][] = [
  [/port/i, mostly([80, 443, 8080, 1, 65535], [0, 65536])],
  [/status|code/i, mostly([200, 301, 302, 404, 503], [99, 600])],
  [/percent|weight|share/i, mostly([0, 1, 10, 50, 100], [101, 99.5])],
  [/settle/i, mostly([0, 1.5, 4], [61])],
  [/drain/i, mostly([5, 10], [0])],
  [/grace/i, mostly([30, 60], [1])],
];

/** Whatever a field may hold by mistake, as far as it can stand in a stack's config. */
const WRONG: Values = fc.oneof(
  fc.constantFrom(
    null,
    undefined,
    true,
    false,
    0,
    -1,
    1.5,
    101,
    2 ** 31,
    2 ** 53,
    Number.NaN,
    "",
    " ",
    "a",
    "25",
    "false",
    "__proto__",
    [],
    {},
  ),
  fc.string({ unit: "binary" }),
  fc.double(),
  fc.jsonValue({ maxDepth: 2 }),
);

/** One change that turns a sound tree into a wrong one, mostly. */
interface Slip {
  /** Which of the tree's places, counted round. */
  place: number;
  kind: "replace" | "remove" | "misspell";
  value: unknown;
}

const SLIP: fc.Arbitrary<Slip> = fc.record({
  place: fc.nat(10_000),
  kind: fc.constantFrom("replace", "replace", "replace", "remove", "misspell"),
  value: WRONG,
});

/**
 * Arguments of a CanaryApp in which every argument of every depth turns up, sound ones and wrong ones mixed. They are
 * made from Pulumi's schema of the component: an argument that is new is among them from its first day.
 */
export function argumentTrees(): fc.Arbitrary<Tree> {
  const trees = new Trees(argumentTypes(reviewedSchema()));
  const slips = fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(SLIP, { minLength: 1, maxLength: 2 }) },
  );
  return fc.tuple(trees.app(), slips).map(([tree, wrong]) => wrong.reduce(slipped, tree));
}

class Trees {
  constructor(private readonly types: ReadonlyMap<string, SchemaType>) {}

  /** An app's arguments, with a share for every version. */
  app(): fc.Arbitrary<Tree> {
    // Most versions have no more than they must: an argument more for each of three would leave hardly a sound tree.
    const more = this.some(this.properties("VersionArgs", ["name", "image", "podSpec"]));
    const version = fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: more });
    return fc
      .tuple(
        sharedVersions(1, 3),
        fc.array(version, { minLength: 3, maxLength: 3 }),
        this.some(this.properties("CanaryAppArgs", ["versions", "weight", "weights"])),
        fc.boolean(),
      )
      .map(([{ versions, shares }, extras, rest, byNumber]) => ({
        ...rest,
        versions: versions.map((name, index) => ({ ...extras[index], name, image: `example.com/${name}:1` })),
        ...(byNumber && versions.length === 2 ? { weight: shares[versions[1]] } : { weights: { ...shares } }),
      }));
  }

  private properties(type: string, without: readonly string[]): Properties {
    const all = Object.entries(this.types.get(type)?.properties as Properties);
    return Object.fromEntries(all.filter(([name]) => !without.includes(name)));
  }

  /**
   * An object with what it must have, and a few of its other fields: mostly one, because many exclude each other. What
   * is passed through to Istio as it is, is not ours to judge.
   */
  private some(properties: Properties): fc.Arbitrary<Tree> {
    const must = Object.keys(properties).filter((name) => properties[name].optional !== true);
    const may = Object.keys(properties).filter((name) => !must.includes(name) && name !== "extra");
    const count = fc.constantFrom(1, 1, 1, 1, 1, 2, 3, may.length).map((most) => Math.min(most, may.length));
    return count
      .chain((most) => fc.shuffledSubarray(may, { minLength: most, maxLength: most }))
      .chain((chosen) => {
        const names = Object.keys(properties).filter((name) => must.includes(name) || chosen.includes(name));
        const each = names.map((name) => [name, this.values(properties[name], name)] as const);
        return fc.record(Object.fromEntries(each)) as fc.Arbitrary<Tree>;
      });
  }

  private values(definition: PropertyDefinition, name: string): Values {
    if ("$ref" in definition) {
      const { properties, enum: values } = this.types.get(typeName(definition.$ref)) ?? {};
      return values !== undefined
        ? fc.constantFrom(...values.map(({ value }) => value))
        : properties !== undefined
          ? this.some(properties)
          : fc.constant({}); // anything
    }
    const { type, items, additionalProperties } = definition;
    if (items !== undefined) {
      return fc.array(this.values(items, name), { minLength: 1, maxLength: 3 });
    }
    if (additionalProperties !== undefined) {
      const names = fc.constantFrom("a", "x-user", "end-user", "istio");
      return fc.dictionary(names, this.values(additionalProperties, name), { maxKeys: 2 });
    }
    switch (type) {
      case "string":
        return TEXTS.find(([form]) => form.test(name))?.[1] ?? fc.oneof(WORDS, PATHS);
      case "number":
        return NUMBERS.find(([form]) => form.test(name))?.[1] ?? fc.constantFrom(0, 1, 2, 3, 10, 100, 1024);
      case "boolean":
        return fc.boolean();
      default:
        throw new Error(`no component's argument is of type ${type}: ${name}`);
    }
  }
}

/** Every place in a tree: the object or list, and the name in it. */
function placesOf(node: unknown): [object, string][] {
  if (typeof node !== "object" || node === null) {
    return [];
  }
  return Object.entries(node).flatMap(([name, value]): [object, string][] => [[node, name], ...placesOf(value)]);
}

function slipped(tree: Tree, { place, kind, value }: Slip): Tree {
  const copy = structuredClone(tree);
  const places = placesOf(copy);
  if (places.length === 0) {
    return copy;
  }
  const [parent, name] = places[place % places.length] as [Tree, string];
  if (kind === "replace") {
    parent[name] = value;
  } else if (Array.isArray(parent)) {
    parent.splice(Number(name), 1);
  } else {
    if (kind === "misspell") {
      parent[`${name}s`] = parent[name];
    }
    delete parent[name];
  }
  return copy;
}
