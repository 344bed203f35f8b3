import { isObject } from "../src/internal/objects";
import { isOutput } from "../src/internal/pulumiSdk/marks";
import type { PodSpec } from "../src/workload/pod";

/**
 * Whether a PodSpec can be completed before all of it is known: no field that has to be inspected for that is an
 * Output. Other fields may be, e.g. the images.
 */
export function openPodSpec(spec: unknown): spec is PodSpec {
  if (!isOpen(spec) || !Array.isArray(spec.containers) || spec.containers.length === 0) {
    return false;
  }
  const { containers, serviceAccountName, terminationGracePeriodSeconds } = spec;
  return (
    containers.every((container) => isOpen(container) && hasOpenEnd(container)) &&
    [serviceAccountName, terminationGracePeriodSeconds].every((value) => !isLate(value))
  );
}

function hasOpenEnd({ lifecycle }: Record<string, unknown>): boolean {
  return lifecycle === undefined || (isOpen(lifecycle) && !isLate(lifecycle.preStop));
}

function isOpen(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !isLate(value);
}

function isLate(value: unknown): boolean {
  return isOutput(value) || value instanceof Promise;
}
