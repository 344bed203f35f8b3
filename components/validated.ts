import * as pulumi from "@pulumi/pulumi";
import { Findings, type Problem, ValidationError } from "../src/validation/problem";
import { onceCreated } from "./onceCreated";

/**
 * The parsed value of an argument, once it is known. What was known at the start was checked before anything was
 * registered; what becomes known later is checked here, before the object it belongs to is sent to the cluster.
 *
 * @param subject The owner of the argument, e.g. `CanaryApp "myapp"`.
 * @param path The argument's path, e.g. `versions[1].replicas`; "" if `parse` adds its own.
 * @param parse Returns the parsed value, or undefined after recording what is wrong.
 * @throws ValidationError inside the output, which fails the resource that it is given to. For a secret, the message
 * tells only where it is. A preview refuses nothing because of a value that is not final: see {@link onceCreated}.
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

/** An argument as it is, checked once it is known; otherwise like {@link parsed}. */
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
 * Fails the Output whose `apply` returns it, or makes it unknown where the value is not final yet. Only a promise can
 * ask whether the value is a secret.
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

/** The paths of the invalid arguments, without anything that they contain, not even the keys of maps. */
function unrevealed(path: string, problems: readonly Problem[]): Problem[] {
  const refused = new Set(problems.map((problem) => argumentOf(path, problem.path)));
  return [...refused].map((argument) => ({
    path: argument,
    what: "is not allowed as it is",
    allowed: "it contains a secret, so its value is not shown: try it without the secret to see what is allowed",
  }));
}

/**
 * The argument that a path inside its value leads through.
 *
 * @param path The argument's own path; "" if only the path inside the value is known.
 */
export function argumentOf(path: string, within: string): string {
  return path === "" ? (/^[\w-]+/.exec(within)?.[0] ?? "the arguments") : path;
}
