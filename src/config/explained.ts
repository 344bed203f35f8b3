import { basename } from "node:path";
import { Findings, type Problem, ValidationError } from "../validation/problem";
import type { Misread } from "./misread";
import type { Elsewhere, StackConfig } from "./stackConfig";

/** A text, and where it stands in the file. */
interface Spelt extends Misread {
  /** The path as problems name it. */
  at: string;
}

/**
 * Runs a check of a stack's config. Where the file is not read as a person would expect, the mistakes are reported with
 * what it says, and where; and with the places of values that it does not have.
 *
 * @param prefix What comes before the `:` of the keys.
 */
export function explained<T>(config: StackConfig, prefix: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof ValidationError)) {
      throw error;
    }
    const spelt = speltIn(config, prefix);
    const problems = error.problems.map((problem) => withSpelling(problem, spelt));
    const isMissing = problems.some(({ path }) => REQUIRED.some((name) => path === `${prefix}:${name}`));
    const note = config.elsewhere !== undefined && isMissing ? noteOf(config.elsewhere, prefix) : undefined;
    throw new ValidationError(error.subject, problems, note ?? error.note);
  }
}

/** Without these, nothing can be checked. */
const REQUIRED = ["appName", "versions", "weight", "weights"];

function noteOf({ file, environments }: Elsewhere, prefix: string): string {
  const keys = `${prefix}:versions and ${prefix}:weights`;
  return environments === undefined
    ? `There is no ${file}. If the stack's name is right, its config is not made yet: set ${keys} with \`pulumi config set\`. If Pulumi Cloud keeps it (\`pulumi stack init --remote-config\` or \`--esc-config\`), it cannot be changed here: use a stack whose config is in its file.`
    : `${basename(file)} takes values from ${environments.join(", ")} of Pulumi ESC: the keys have to be there under \`pulumiConfig\`, or in the file.`;
}

function speltIn(config: StackConfig, prefix: string): Spelt[] {
  return Object.keys(config.values)
    .filter((key) => key.startsWith(`${prefix}:`))
    .flatMap((key) => {
      const root = Findings.at(`${prefix}:`).field(key.slice(prefix.length + 1));
      return (config.misread?.(key) ?? []).map((each) => ({
        ...each,
        at: each.path.reduce((findings, name) => findings.field(name), root).path,
      }));
    });
}

const KINDS: Readonly<Record<Misread["kind"], string>> = {
  number: "the number",
  boolean: "the boolean",
  date: "the date",
  null: "no value,",
};

function withSpelling(problem: Problem, spelt: readonly Spelt[]): Problem {
  const found = spelt.find(
    ({ at, isKey, source, value }) => at === problem.path && (isKey ? source !== value : problem.isNoText),
  );
  if (found === undefined) {
    return problem;
  }
  const { source, kind, value, line, column, isKey } = found;
  const where = `line ${line}, column ${column}`;
  if (isKey) {
    return {
      ...problem,
      allowed: `${problem.allowed}. The file has ${source} without quotes (${where}), which Pulumi reads as ${value}: write "${source}"`,
    };
  }
  return {
    ...problem,
    what: `is ${source} without quotes (${where}), which Pulumi reads as ${KINDS[kind]} ${value}`,
    allowed: `write "${source}"`,
  };
}
