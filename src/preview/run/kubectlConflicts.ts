import type { EngineEvent } from "@pulumi/pulumi/automation";

/** The variable that has Pulumi's Kubernetes provider take fields from their managers. */
export const TAKE_FIELDS = "PULUMI_K8S_ENABLE_PATCH_FORCE";

/** How the API server says who manages the fields that an apply would change. */
const MANAGER = /\bconflicts? with "([^"]*)"/g;

/** What the engine adds where a preview has failed for another reason. */
const CONSEQUENCE = /^preview failed\s*$/;

/**
 * Whether a preview failed for nothing but fields that somebody has changed with kubectl. An `up` takes those over
 * without a word, and brings back what the program says; the provider does not look ahead to that in a preview, and
 * meets a conflict: before 4.29 with every object, since then with those that an `up` has changed since it created
 * them. Fields of other managers, as of a controller, are a conflict for the `up`, too.
 */
export function failedByKubectlAlone(events: readonly EngineEvent[]): boolean {
  const errors = events.flatMap(({ diagnosticEvent }) =>
    diagnosticEvent?.severity === "error" ? [diagnosticEvent.message] : [],
  );
  const reasons = errors.filter((message) => !CONSEQUENCE.test(message));
  return (
    reasons.length > 0 &&
    reasons.every((message) => {
      const managers = [...message.matchAll(MANAGER)].map(([, manager]) => manager);
      return managers.length > 0 && managers.every((manager) => manager.startsWith("kubectl"));
    })
  );
}
