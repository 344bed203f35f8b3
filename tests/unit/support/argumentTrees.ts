import * as fc from "fast-check";
import {
  type ArgumentModel,
  type ArgumentType,
  type ArgumentsModel,
  argumentModel,
} from "../../../tools/docs/argumentModel";
import { sharedVersions } from "../arbitraries";

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
 * made from the types themselves: an argument that is new is among them from its first day.
 */
export function argumentTrees(): fc.Arbitrary<Tree> {
  const trees = new Trees(argumentModel(["CanaryAppArgs"]));
  const slips = fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(SLIP, { minLength: 1, maxLength: 2 }) },
  );
  return fc.tuple(trees.app(), slips).map(([tree, wrong]) => wrong.reduce(slipped, tree));
}

class Trees {
  constructor(private readonly model: ArgumentModel) {}

  /** An app's arguments, with a share for every version. */
  app(): fc.Arbitrary<Tree> {
    const { fields } = this.model.objects.get("CanaryAppArgs") as ArgumentsModel;
    const others = fields.filter(({ name }) => !["versions", "weight", "weights"].includes(name));
    // Most versions have no more than they must: an argument more for each of three would leave hardly a sound tree.
    const more = this.object(this.model.objects.get("VersionArgs") as ArgumentsModel, ["name", "image", "podSpec"]);
    const version = fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: more });
    return fc
      .tuple(
        sharedVersions(1, 3),
        fc.array(version, { minLength: 3, maxLength: 3 }),
        this.some({ name: "", text: "", fields: others }),
        fc.boolean(),
      )
      .map(([{ versions, shares }, rooms, rest, byNumber]) => ({
        ...rest,
        versions: versions.map((name, index) => ({ ...rooms[index], name, image: `example.com/${name}:1` })),
        ...(byNumber && versions.length === 2 ? { weight: shares[versions[1]] } : { weights: { ...shares } }),
      }));
  }

  private object(model: ArgumentsModel, without: readonly string[] = []): fc.Arbitrary<Tree> {
    return this.some({ ...model, fields: model.fields.filter(({ name }) => !without.includes(name)) });
  }

  /**
   * An object with what it must have, and a few of its other fields: mostly one, because many exclude each other. What
   * is passed through to Istio as it is, is not ours to judge.
   */
  private some({ fields }: ArgumentsModel): fc.Arbitrary<Tree> {
    const must = fields.filter(({ required }) => required).map(({ name }) => name);
    const may = fields.filter(({ required, name }) => !required && name !== "extra").map(({ name }) => name);
    const count = fc.constantFrom(1, 1, 1, 1, 1, 2, 3, may.length).map((most) => Math.min(most, may.length));
    return count
      .chain((most) => fc.shuffledSubarray(may, { minLength: most, maxLength: most }))
      .chain((chosen) => {
        const names = [...must, ...chosen];
        const each = fields
          .filter(({ name }) => names.includes(name))
          .map(({ name, type }) => [name, this.values(type, name)] as const);
        return fc.record(Object.fromEntries(each)) as fc.Arbitrary<Tree>;
      });
  }

  private values(type: ArgumentType, name: string): Values {
    switch (type.kind) {
      case "text":
        return TEXTS.find(([form]) => form.test(name))?.[1] ?? fc.oneof(WORDS, PATHS);
      case "number":
        return NUMBERS.find(([form]) => form.test(name))?.[1] ?? fc.constantFrom(0, 1, 2, 3, 10, 100, 1024);
      case "flag":
        return fc.boolean();
      case "anything":
        return fc.constant({});
      case "enum":
        return fc.constantFrom(...(this.model.enums.get(type.name)?.values ?? []).map(({ value }) => value));
      case "list":
        return fc.array(this.values(type.of, name), { minLength: 1, maxLength: 3 });
      case "map":
        return fc.dictionary(fc.constantFrom("a", "x-user", "end-user", "istio"), this.values(type.of, name), {
          maxKeys: 2,
        });
      case "object":
        return this.object(this.model.objects.get(type.name) as ArgumentsModel);
      case "elsewhere":
      case "either":
      case "literal":
        throw new Error(`no component's argument is of kind ${type.kind}`);
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
