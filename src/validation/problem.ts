import { isKnown } from "./unknown";

/** One mistake in what was given, described so that its author can fix it. */
export interface Problem {
  /** The argument or config key, e.g. `weights.v2` or `routes[0].match[1].uri`. */
  path: string;
  /** What is wrong with it, e.g. "is 101". */
  what: string;
  /** What is allowed there, and what to do. */
  allowed: string;
  /** Whether a text is needed and something else is there, which a config's YAML reads where a text has no quotes. */
  isNoText?: true;
}

/** All mistakes of one app's arguments or one stack's config, reported together, before anything is registered. */
export class ValidationError extends Error {
  /**
   * @param subject The owner of the arguments, e.g. `CanaryApp "myapp"`.
   * @param problems The mistakes; at least one.
   * @param note What else is needed to fix them.
   * @default nothing
   */
  constructor(
    readonly subject: string,
    readonly problems: readonly Problem[],
    readonly note?: string,
  ) {
    super([describe(subject, problems), ...(note === undefined ? [] : [note])].join("\n"));
    this.name = "ValidationError";
  }
}

function describe(subject: string, problems: readonly Problem[]): string {
  const count = problems.length === 1 ? "1 mistake" : `${problems.length} mistakes`;
  const lines = problems.map(({ path, what, allowed }) => `  - ${path} ${what}; ${allowed}`);
  return [`${subject}: ${count}; nothing was changed.`, ...lines].join("\n");
}

/** Collects the mistakes found below one path. Validators add to it and go on, so that all are found in one run. */
export class Findings {
  private constructor(
    /** The argument or config key that is looked at. */
    readonly path: string,
    private readonly problems: Problem[],
  ) {}

  /** An empty collection whose paths start with `path`. */
  static at(path = ""): Findings {
    return new Findings(path, []);
  }

  /** The same collection, one argument deeper: `.field("v2")`, `.field(0)` for an element of a list. */
  field(name: string | number): Findings {
    return new Findings(extend(this.path, name), this.problems);
  }

  /** Records that the value at this path is wrong. */
  add(what: string, allowed: string): void {
    this.problems.push({ path: this.path || "the arguments", what, allowed });
  }

  /**
   * Records that the value at this path is no text where one is needed, or is the text that YAML makes of a date.
   *
   * @param allowed What the text has to be.
   * @returns Whether that is what is wrong with it.
   */
  addNoText(value: unknown, allowed: string): boolean {
    const read = readAs(value);
    if (read === undefined) {
      return false;
    }
    const [what, toDo] = read;
    const problem = { path: this.path || "the arguments", what, allowed: `${toDo}: ${allowed}` };
    this.problems.push({ ...problem, isNoText: true });
    return true;
  }

  /** Everything found so far, below this path and elsewhere, in the order it was found. */
  all(): readonly Problem[] {
    return this.problems;
  }

  /** Throws a {@link ValidationError} if anything was found. */
  throwIfAny(subject: string): void {
    if (this.problems.length > 0) {
      throw new ValidationError(subject, this.problems);
    }
  }
}

function extend(path: string, name: string | number): string {
  if (typeof name === "number") {
    return `${path}[${name}]`;
  }
  const plain = /^[A-Za-z_][\w-]*$/.test(name);
  if (!plain) {
    return `${path}[${JSON.stringify(name)}]`;
  }
  return path === "" ? name : path.endsWith(":") ? `${path}${name}` : `${path}.${name}`;
}

/** The text of a date without quotes, as Pulumi gives it to a program. */
const DATE = /^(\d{4}-\d{2}-\d{2}) \d{2}:\d{2}:\d{2}(\.\d+)? [-+]\d{4} \S+$/;

/** The number that a person wrote may be another one. */
const LEADING_ZERO = ", or what it was before it was read: 0123456 without quotes is 42798";

/** What a value is where a text is needed, and what to write instead; undefined for texts, lists and objects. */
function readAs(value: unknown): [what: string, toDo: string] | undefined {
  switch (typeof value) {
    case "number":
      return [`is ${value}, a number`, `write it in quotes, "${value}"${value < 512 ? "" : LEADING_ZERO}`];
    case "boolean":
      return [`is ${value}, a boolean`, `write it in quotes, "${value}"`];
    case "string": {
      const [, date] = DATE.exec(value) ?? [];
      return date === undefined ? undefined : [`is ${shown(value)}, a date`, `write it in quotes, "${date}"`];
    }
    default:
      return value === null ? ["is null", "write a text, in quotes if it is null or ~"] : undefined;
  }
}

/** How a wrong value is shown in a message: short, quoted where it is text, never more than 60 characters. */
export function shown(value: unknown): string {
  if (!isKnown(value)) {
    return "not known yet";
  }
  const text =
    typeof value === "string" ? JSON.stringify(value) : typeof value === "object" ? safeJson(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
