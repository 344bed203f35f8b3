import * as pulumi from "@pulumi/pulumi";
import { Findings, type Problem, ValidationError } from "../src/validation/problem";
import { onceCreated } from "./onceCreated";

/**
 * What an argument says, once it is known. What was known at the start has been checked before anything was registered;
 * what becomes known later is read here, before the object it belongs to is sent to the cluster.
 *
 * @param subject Whose argument it is, e.g. `CanaryApp "myapp"`.
 * @param path Its path, e.g. `versions[1].replicas`; "" where `parse` names its own.
 * @param parse Gives what the value says; or undefined, and then it has recorded what is wrong.
 * @throws ValidationError inside the output, which fails the resource that it is given to. Of a secret it tells no more
 *   than where it is. In a preview, nothing is refused because of a value that is not final: see {@link onceCreated}.
 */
export function parsed<T, R>(
  subject: string,
  path: string,
  input: pulumi.Input<T>,
  parse: (value: pulumi.Unwrap<T>, findings: Findings) => R | undefined,
): pulumi.Output<R> {
  const given = pulumi.output(input);
  return given.apply((value): R => {
    const findings = Findings.at(path);
    const result = parse(value, findings);
    const sound = result !== undefined && findings.all().length === 0;
    return sound ? result : refusal(subject, path, given, findings.all());
  });
}

/** An argument as it is, checked once it is known; otherwise as {@link parsed}. */
export function validated<T>(
  subject: string,
  path: string,
  input: pulumi.Input<T>,
  check: (value: pulumi.Unwrap<T>, findings: Findings) => void,
): pulumi.Output<pulumi.Unwrap<T>> {
  const given = pulumi.output(input);
  return given.apply((value): pulumi.Unwrap<T> => {
    const findings = Findings.at(path);
    check(value, findings);
    return findings.all().length === 0 ? value : refusal(subject, path, given, findings.all());
  });
}

/**
 * Fails the Output whose `apply` returns it, or makes it unknown where the value may still become another. Whether it is
 * a secret, only a promise can ask.
 */
function refusal(subject: string, path: string, given: pulumi.Output<unknown>, problems: readonly Problem[]): never {
  const refused = async () => {
    if (problems.length === 0) {
      throw new Error(`${subject}: ${path || "an argument"} was neither understood nor refused`);
    }
    throw new ValidationError(subject, (await pulumi.isSecret(given)) ? unrevealed(path, problems) : problems);
  };
  return onceCreated(given).apply(refused) as never;
}

/** The arguments that something is wrong with, and nothing of what they hold: not a key of a map either. */
function unrevealed(path: string, problems: readonly Problem[]): Problem[] {
  const refused = new Set(problems.map((problem) => argumentOf(path, problem.path)));
  return [...refused].map((argument) => ({
    path: argument,
    what: "is not allowed as it is",
    allowed: "it holds a secret, so nothing more is told: without the secret, the message says what is allowed",
  }));
}

/**
 * The argument that a path of something within it leads through.
 *
 * @param path The argument's own path; "" where all that is known is the path within.
 */
export function argumentOf(path: string, within: string): string {
  return path === "" ? (/^[\w-]+/.exec(within)?.[0] ?? "the arguments") : path;
}
