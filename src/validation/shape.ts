import { checkKnown, checkObject } from "./kinds";
import { Findings, shown } from "./problem";
import { isKnown } from "./unknown";

/**
 * Looks at a value and records what is wrong with it. Checks are composed: {@link shape} of an object's fields, {@link
 * list} of a list's elements. A check never throws, whatever it is given, and passes over values that are not known
 * yet.
 */
export interface Check {
  (value: unknown, findings: Findings): void;
  /** Set by {@link required}: what is needed where the field is left out. */
  readonly required?: string;
  /** Set by {@link plain}: a value that is not known yet is given to it, too, for it to refuse. */
  readonly plain?: true;
}

/** The same check for a field that may not be left out. `what` says to a person what is needed, e.g. "a duration". */
export function required(check: Check, what: string): Check {
  return Object.assign((value: unknown, findings: Findings) => check(value, findings), {
    required: what,
    plain: check.plain,
  });
}

/** The same check for a value that must be known from the start: resources are named after it or made because of it. */
export function plain(check: Check): Check {
  const known = (value: unknown, findings: Findings) => {
    if (checkKnown(value, findings)) {
      check(value, findings);
    }
  };
  return Object.assign(known, { required: check.required, plain: true as const });
}

/** What holds between the fields of an object of this type, each of them sound by itself or not known yet. */
export type Rule<T> = (value: T, findings: Findings) => void;

/**
 * An object of the type `T`: with its fields and no others. Type checks say so in TypeScript; a stack's config and
 * programs in other languages need it said at run time, where a misspelt field would otherwise be passed over in
 * silence.
 *
 * @param fields The check of each field; a field that is undefined counts as left out.
 * @param rules What holds between fields. They see the whole object, and only if every field is sound by itself.
 */
export function shape<T extends object>(fields: { readonly [Name in keyof T]-?: Check }, ...rules: Rule<T>[]): Check {
  const checks = Object.entries<Check>(fields);
  const names = checks.map(([name]) => name);
  return (value, findings) => {
    if (!checkObject(value, findings, `an object with fields out of ${names.join(", ")}`)) {
      return;
    }
    const before = findings.all().length;
    for (const name of Object.keys(value).filter((each) => !names.includes(each))) {
      findings.field(name).add("is an unknown argument", `expected one of ${names.join(", ")}`);
    }
    for (const [name, check] of checks) {
      const field = Object.hasOwn(value, name) ? value[name] : undefined;
      if (field !== undefined && (isKnown(field) || check.plain)) {
        check(field, findings.field(name));
      } else if (field === undefined && check.required !== undefined) {
        findings.field(name).add("is missing", `${check.required} is needed`);
      }
    }
    if (findings.all().length === before) {
      rules.forEach((rule) => rule(value as T, findings));
    }
  };
}

/**
 * A list whose elements all pass a check. `least` is how many there must be; `what` says it to a person, e.g. "a list
 * of matches".
 */
export function list(item: Check, what: string, least = 0): Check {
  return (value, findings) => {
    if (!isKnown(value)) {
      return;
    }
    if (!Array.isArray(value) || value.length < least) {
      findings.add(`is ${shown(value)}`, `${what}${least > 0 ? ` with at least ${least}` : ""} is needed`);
      return;
    }
    for (const [index, element] of value.entries()) {
      if (isKnown(element) || item.plain) {
        item(element, findings.field(index));
      }
    }
  };
}

/**
 * An object whose fields are names of someone's choosing. `what` says it to a person, e.g. "an object of texts by label
 * names".
 */
export function entries(what: string, value: Check, name: Check = () => undefined): Check {
  return (object, findings) => {
    if (checkObject(object, findings, what)) {
      for (const [key, each] of Object.entries(object)) {
        name(key, findings.field(key));
        if (each === undefined) {
          findings.field(key).add("is undefined", "a value is needed; leave the name out, too, if there is none");
        } else if (isKnown(each)) {
          value(each, findings.field(key));
        }
      }
    }
  };
}

/** A rule for {@link shape}: exactly one of these fields is set. */
export function exactlyOneOf(...names: string[]): Check {
  return (value, findings) => {
    const set = setOf(value, names);
    if (set.length !== 1) {
      findings.add(
        set.length === 0 ? `has none of ${names.join(", ")}` : `has ${set.join(" and ")}`,
        "exactly one of them is needed",
      );
    }
  };
}

/** A rule for {@link shape}: at most one of these fields is set. */
export function atMostOneOf(...names: string[]): Check {
  return (value, findings) => {
    const set = setOf(value, names);
    if (set.length > 1) {
      findings.add(`has ${set.join(" and ")}`, `only one of ${names.join(", ")} may be set`);
    }
  };
}

/** A rule for {@link shape}: at least one of these fields is set; an object without any would say nothing. */
export function atLeastOneOf(...names: string[]): Check {
  return (value, findings) => {
    if (setOf(value, names).length === 0) {
      findings.add("sets nothing", `at least one of ${names.join(", ")} is needed; leave it out otherwise`);
    }
  };
}

/** A rule for {@link shape}: a field that makes sense only beside another. */
export function needs(name: string, other: string): Check {
  return (value, findings) => {
    if (setOf(value, [name]).length === 1 && setOf(value, [other]).length === 0) {
      findings.field(name).add(`is set without ${other}`, `it needs ${other} beside it`);
    }
  };
}

/** Those of the names that an object has a value for, known or not. */
export function setOf(value: unknown, names: readonly string[]): string[] {
  const object = value as Record<string, unknown>;
  return names.filter((name) => Object.hasOwn(object, name) && object[name] !== undefined);
}
