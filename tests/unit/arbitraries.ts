import * as fc from "fast-check";
import { UNKNOWN } from "../../src/validation/unknown";

const INNER = "abcdefghijklmnopqrstuvwxyz0123456789-";
const ENDS = "abcdefghijklmnopqrstuvwxyz0123456789";

/** A DNS label of at most `longest` characters; now and then one that every JavaScript object has as a property. */
export function dnsLabels(longest = 15): fc.Arbitrary<string> {
  const end = fc.constantFrom(...ENDS);
  const inner = fc.string({ unit: fc.constantFrom(...INNER), maxLength: longest - 2 });
  const made = fc.oneof(
    end,
    fc.tuple(end, inner, end).map((parts) => parts.join("")),
  );
  return fc.oneof(
    { arbitrary: made, weight: 9 },
    { arbitrary: fc.constantFrom("constructor", "valueof", "0", "1", "10"), weight: 1 },
  );
}

/** A DNS label that a Service may have for a name. */
export function serviceNames(): fc.Arbitrary<string> {
  return dnsLabels().filter((label) => /^[a-z]/.test(label));
}

/** Names of versions, each once. */
export function versionNames(least = 1, most = 6): fc.Arbitrary<string[]> {
  return fc.uniqueArray(dnsLabels(), { minLength: least, maxLength: most });
}

/** As many whole percents as asked for, with the sum 100. */
export function percents(count: number): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: 0, max: 100 }), { minLength: count - 1, maxLength: count - 1 }).map((cuts) => {
    const bounds = [0, ...[...cuts].sort((a, b) => a - b), 100];
    return bounds.slice(1).map((bound, index) => bound - bounds[index]);
  });
}

/** Versions, and a share for each with the sum 100. */
export function sharedVersions(
  least = 1,
  most = 6,
): fc.Arbitrary<{ versions: string[]; shares: Record<string, number> }> {
  return versionNames(least, most).chain((versions) =>
    percents(versions.length).map((parts) => ({
      versions,
      shares: Object.fromEntries(versions.map((name, index) => [name, parts[index]])),
    })),
  );
}

/** Whatever a weight must not be: out of range, a fraction, not a number, or of another type. */
export function wrongPercents(): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.integer({ min: -(2 ** 31), max: -1 }),
    fc.integer({ min: 101, max: 2 ** 31 }),
    fc.double({ noNaN: true, noInteger: true }),
    fc.constantFrom(
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      null,
      true,
      false,
      "",
      "25",
      "25%",
      25n,
    ),
    fc.string(),
    fc.array(fc.integer({ min: 0, max: 100 })),
    fc.dictionary(fc.string(), fc.integer()),
  );
}

const EVERYTHING: fc.ObjectConstraints = {
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
};

const ODD_OBJECTS: (() => unknown)[] = [
  () => ({}),
  () => [],
  () => Object.create(null),
  () => Object.create({ name: "inherited" }),
  () => JSON.parse('{"__proto__": {"weight": 1}}'),
];

/** Any value that a program can give: of every type, with odd prototypes. */
export function anyValue(): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.anything(EVERYTHING) },
    { weight: 2, arbitrary: fc.constantFrom(undefined, null) },
    { weight: 3, arbitrary: fc.constantFrom(0, -1, "", "a", true, false, Number.NaN, Symbol("odd"), () => 0) },
    { weight: 1, arbitrary: fc.constantFrom(...ODD_OBJECTS).map((make) => make()) },
  );
}

/** Any value that a validator can meet: whatever a program gives, and the mark of a value that is not known yet. */
export function anything(): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 25, arbitrary: anyValue() }, { weight: 1, arbitrary: fc.constant(UNKNOWN) });
}

/** An object in which each of these fields is missing, sound, or anything. */
export function roughly(fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Record<string, unknown>> {
  const rough = Object.entries(fields).map(([name, sound]) => [name, fc.oneof(sound, anything())] as const);
  return fc.record(Object.fromEntries(rough), { requiredKeys: [] });
}

/** The elements of a list in another order. */
export function shuffled<T>(list: readonly T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray([...list], { minLength: list.length, maxLength: list.length });
}
