import * as pulumi from "@pulumi/pulumi";
import { Findings, type Problem, ValidationError } from "../src/validation/problem";

/**
 * An argument as a value that was checked: what was known at the start has been checked before anything was registered,
 * what becomes known later is checked here, before the object it belongs to is sent to the cluster.
 *
 * @param subject Whose argument it is, e.g. `CanaryApp "myapp"`.
 * @param path Its path, e.g. `versions[1].replicas`; "" where the check names its own.
 * @throws ValidationError inside the output, which fails the resource that it is given to. Of a secret it tells no more
 *   than where it is.
 */
export function validated<T>(
  subject: string,
  path: string,
  input: pulumi.Input<T>,
  check: (value: pulumi.Unwrap<T>, findings: Findings) => void,
): pulumi.Output<pulumi.Unwrap<T>> {
  const given = pulumi.output(input);
  return given.apply((value) => {
    const findings = Findings.at(path);
    check(value, findings);
    return findings.all().length === 0 ? value : refusal(subject, path, given, findings.all());
  }) as pulumi.Output<pulumi.Unwrap<T>>;
}

async function refusal(
  subject: string,
  path: string,
  given: pulumi.Output<unknown>,
  problems: readonly Problem[],
): Promise<never> {
  throw new ValidationError(subject, (await pulumi.isSecret(given)) ? unrevealed(path, problems) : problems);
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
