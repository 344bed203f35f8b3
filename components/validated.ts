import * as pulumi from "@pulumi/pulumi";
import { Findings } from "../validation/problem";

/**
 * An argument as a value that was checked: what was known at the start has been checked before anything was registered,
 * what becomes known later is checked here, before the object it belongs to is sent to the cluster.
 *
 * @param subject Whose argument it is, e.g. `CanaryApp "myapp"`.
 * @param path Its path, e.g. `versions[1].replicas`; "" where the check names its own.
 * @throws ValidationError inside the output, which fails the resource that it is given to.
 */
export function validated<T>(
  subject: string,
  path: string,
  input: pulumi.Input<T>,
  check: (value: pulumi.Unwrap<T>, findings: Findings) => void,
): pulumi.Output<pulumi.Unwrap<T>> {
  return pulumi.output(input).apply((value) => {
    const findings = Findings.at(path);
    check(value, findings);
    findings.throwIfAny(subject);
    return value;
  }) as pulumi.Output<pulumi.Unwrap<T>>;
}
