/**
 * How Pulumi reads a scalar of a config file: by the rules of the Go package yaml.v3, which are neither YAML 1.1's nor
 * YAML 1.2's. The unit tests have a table of them that the end-to-end tests compare with Pulumi's CLI.
 */

/** What a scalar without quotes is taken for. */
export type ScalarKind = "text" | "number" | "boolean" | "null" | "date";

/** A scalar as it is read. */
export interface ReadScalar {
  kind: ScalarKind;
  /** A date is the text that a program gets of it; a whole number beyond 2^53 is the nearest one there is. */
  value: string | number | boolean | null;
  /** What it is as the key of an object. */
  key: string;
}

const TAG_PREFIX = "tag:yaml.org,2002:";

const CONSTANTS: ReadonlyMap<string, ReadScalar> = new Map([
  ...constants("boolean", true, "true", ["true", "True", "TRUE"]),
  ...constants("boolean", false, "false", ["false", "False", "FALSE"]),
  ...constants("null", null, "<nil>", ["", "~", "null", "Null", "NULL"]),
  ...constants("number", Number.NaN, "NaN", [".nan", ".NaN", ".NAN"]),
  ...constants("number", Infinity, "+Inf", [".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"]),
  ...constants("number", -Infinity, "-Inf", ["-.inf", "-.Inf", "-.INF"]),
]);

function constants(
  kind: ScalarKind,
  value: ReadScalar["value"],
  key: string,
  sources: readonly string[],
): [string, ReadScalar][] {
  return sources.map((source) => [source, { kind, value, key }]);
}

/** A text as what it is. */
export function textScalar(value: string): ReadScalar {
  return { kind: "text", value, key: value };
}

/** A scalar without quotes and without a tag. */
export function plainScalar(source: string): ReadScalar {
  return CONSTANTS.get(source) ?? date(source) ?? numeral(source) ?? textScalar(source);
}

/**
 * A scalar with a tag, whether it has quotes or not.
 *
 * @param tag In full, e.g. `tag:yaml.org,2002:int`. Tags that are not YAML's own say nothing.
 * @throws Error if the source is not what the tag says
 */
export function taggedScalar(tag: string, source: string): ReadScalar {
  const name = tag.startsWith(TAG_PREFIX) ? tag.slice(TAG_PREFIX.length) : "";
  switch (name) {
    case "int":
    case "float":
    case "bool":
    case "null":
    case "timestamp":
      return checked(name, source);
    case "binary":
      return textScalar(decoded(source));
    default:
      return textScalar(source);
  }
}

const KINDS = { int: "number", float: "number", bool: "boolean", null: "null", timestamp: "date" } as const;

function checked(name: keyof typeof KINDS, source: string): ReadScalar {
  const constant = CONSTANTS.get(source);
  // Only a tag that asks for a date has one looked for.
  const read = constant ?? (name === "timestamp" ? date(source) : numeral(source)) ?? textScalar(source);
  const isWhole = constant === undefined && wholeNumber(source.replaceAll("_", "")) !== undefined;
  if (read.kind !== KINDS[name] || (name === "int" && !isWhole)) {
    throw new Error(`${JSON.stringify(source)} is not a !!${name}`);
  }
  return read;
}

function decoded(source: string): string {
  const compact = source.replaceAll(/[\r\n]/g, "");
  if (!/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact)) {
    throw new Error(`${JSON.stringify(source)} is not base64, which !!binary needs`);
  }
  return Buffer.from(compact, "base64").toString("utf8");
}

function numeral(source: string): ReadScalar | undefined {
  if (/^\./.test(source)) {
    const isNumber = /^\.[0-9]+(_[0-9]+)*([eE][-+]?[0-9]+(_[0-9]+)*)?$/.test(source);
    return isNumber ? floating(source.replaceAll("_", "")) : undefined;
  }
  if (!/^[-+0-9]/.test(source)) {
    return undefined;
  }
  const digits = source.replaceAll("_", "");
  const whole = wholeNumber(digits);
  if (whole !== undefined) {
    return { kind: "number", value: Number(whole), key: String(whole) };
  }
  return /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(digits) ? floating(digits) : undefined;
}

const LEAST = -(2n ** 63n);
const MOST = 2n ** 64n - 1n;
const MOST_WITH_SIGN = 2n ** 63n - 1n;

/** In base 2, 8, 10 or 16, where a leading zero is base 8; undefined for what does not fit into 64 bits, too. */
function wholeNumber(digits: string): bigint | undefined {
  const [, sign = "", prefix = "", rest = ""] = /^([-+]?)(0[xX]|0[oO]|0[bB]|0(?=[0-9]))?(.*)$/s.exec(digits) ?? [];
  const inner = sign === "" && /^0[ob]$/.test(prefix) ? /^[-+]/.exec(rest)?.[0] : undefined; // 0b-1 is read, too
  const body = inner === undefined ? rest : rest.slice(1);
  const [form, literal] = BASES[prefix.toLowerCase()];
  if (!form.test(body)) {
    return undefined;
  }
  const magnitude = BigInt(`${literal}${body}`);
  const value = sign === "-" || inner === "-" ? -magnitude : magnitude;
  const most = sign === "" && inner === undefined ? MOST : MOST_WITH_SIGN;
  return value >= LEAST && value <= most ? value : undefined;
}

const BASES: Readonly<Record<string, readonly [form: RegExp, literal: string]>> = {
  "": [/^[0-9]+$/, ""],
  "0": [/^[0-7]+$/, "0o"],
  "0o": [/^[0-7]+$/, "0o"],
  "0b": [/^[01]+$/, "0b"],
  "0x": [/^[0-9a-fA-F]+$/, "0x"],
};

/** Undefined for what is too large. */
function floating(digits: string): ReadScalar | undefined {
  const value = Number(digits) + 0; // without a sign at zero
  return Number.isFinite(value) ? { kind: "number", value, key: floatKey(value) } : undefined;
}

/** As Go writes it: with an exponent, of two digits at least, from a million up and from 0.0001 down. */
function floatKey(value: number): string {
  const [mantissa, exponent] = value.toExponential().split("e");
  const size = Number(exponent);
  return value === 0 || (size >= -4 && size < 6)
    ? String(value)
    : `${mantissa}e${size < 0 ? "-" : "+"}${String(Math.abs(size)).padStart(2, "0")}`;
}

const DATE = /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})$/;
const ZONED =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})[Tt]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,]([0-9]+))?(Z|[-+][0-9]{2}:[0-9]{2})$/;
const UNZONED = /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2}) *([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,]([0-9]+))?$/;

/** A date or a point in time, which a program gets as `2026-11-28 00:00:00 +0000 UTC`. */
function date(source: string): ReadScalar | undefined {
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", zone = "Z"] =
    DATE.exec(source) ?? ZONED.exec(source) ?? UNZONED.exec(source) ?? [];
  if (year === undefined || !isDay(Number(year), Number(month), Number(day))) {
    return undefined;
  }
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59 || !isZone(zone)) {
    return undefined;
  }
  const two = (part: string) => part.padStart(2, "0");
  const nanoseconds = fraction.slice(0, 9).replace(/0+$/, "");
  const time = `${[hour, minute, second].map(two).join(":")}${nanoseconds === "" ? "" : `.${nanoseconds}`}`;
  const offset = zone === "Z" ? "+0000" : zone.replace(":", "");
  const name = zone === "Z" || (offset === "+0000" && isUtcHere()) ? "UTC" : offset;
  const value = `${year}-${two(month)}-${two(day)} ${time} ${offset} ${name}`;
  return { kind: "date", value, key: value };
}

function isDay(year: number, month: number, day: number): boolean {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

function isZone(zone: string): boolean {
  const [, hours, minutes] = /^[-+]([0-9]{2}):([0-9]{2})$/.exec(zone) ?? [];
  return hours === undefined || (Number(hours) <= 24 && Number(minutes) <= 60);
}

/** A zone that is this machine's own has its name, not its offset, behind the time. Of others only the offset is known. */
function isUtcHere(): boolean {
  return new Date().getTimezoneOffset() === 0;
}
