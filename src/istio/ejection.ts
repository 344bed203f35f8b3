import type { Plain } from "./plain";
import { blockInForce, portSettingsIndex } from "./policyInForce";
import { type TrafficPolicyArgs, renderTrafficPolicy } from "./trafficPolicy";

/** What decides whether a pod can be ejected. */
export interface EjectionContext {
  /** How many pods the destination has at the least; undefined if that is not known. */
  pods?: number;
  /** The Service's port. */
  servicePort: number;
  /** The policy whose block counts where the destination's own has none. */
  service?: Plain<TrafficPolicyArgs>;
}

/** Istio's share where none is set, in percent. */
const ISTIOS_PERCENT = 10;

/**
 * The least share in percent of which Envoy ejects one of so many pods: it ejects none where that would be more than
 * the share (since its #27909 of 2023; older ones ejected one pod whatever the share was).
 */
export function leastPercent(pods: number): number {
  return Math.ceil(100 / pods);
}

/** Whether any number of errors ejects a pod by this block. */
export function ejects(block: Readonly<Record<string, unknown>>): boolean {
  const { consecutive5xxErrors, consecutiveGatewayErrors, splitExternalLocalOriginErrors: split } = block;
  const counts = (errors: unknown) => typeof errors === "number" && errors > 0;
  return (
    consecutive5xxErrors === undefined ||
    counts(consecutive5xxErrors) ||
    counts(consecutiveGatewayErrors) ||
    (split === true &&
      (block.consecutiveLocalOriginFailures === undefined || counts(block.consecutiveLocalOriginFailures)))
  );
}

/** The share that a block sets, in percent; Istio takes 0 for its own. */
export function percentOf({ maxEjectionPercent: percent }: Readonly<Record<string, unknown>>): number | undefined {
  return typeof percent === "number" && percent > 0 ? percent : undefined;
}

/**
 * Istio's `trafficPolicy`, in which an outlier detection that sets no share gets one that can eject one of the pods.
 * Nothing is added where Istio's own can do that, nor for a lone pod: nobody else could take its requests.
 *
 * @param given The destination's own policy, sound; undefined if it has none.
 * @returns Undefined if there is nothing to say.
 */
export function renderEjectingPolicy(
  given: Plain<TrafficPolicyArgs> | undefined,
  { pods = 0, servicePort, service }: EjectionContext,
): Record<string, unknown> | undefined {
  const policy = given === undefined ? undefined : renderTrafficPolicy(given);
  const { block } = blockInForce("outlierDetection", given, service, servicePort) ?? {};
  const needed = Number.isInteger(pods) && pods > 1 && leastPercent(pods) > ISTIOS_PERCENT;
  if (block === undefined || !needed || percentOf(block) !== undefined || !ejects(block)) {
    return policy;
  }
  const outlierDetection = { ...block, maxEjectionPercent: leastPercent(pods) };
  const index = policy === undefined ? -1 : portSettingsIndex(policy, servicePort);
  if (index < 0) {
    return { ...policy, outlierDetection };
  }
  const settings = (policy?.portLevelSettings ?? []) as object[];
  return {
    ...policy,
    portLevelSettings: settings.map((each, at) => (at === index ? { ...each, outlierDetection } : each)),
  };
}
