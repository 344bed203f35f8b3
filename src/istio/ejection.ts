import { isDeepStrictEqual } from "node:util";
import type { Plain } from "./plain";
import { PORT_BLOCKS, blockInForce, portSettingsIndex } from "./policyInForce";
import { type TrafficPolicyArgs, renderTrafficPolicy } from "./trafficPolicy";

/** What decides whether a pod can be ejected. */
export interface EjectionContext {
  /** The number of pods that the share is derived from; undefined if it is not known. */
  pods?: number;
  /** The Service's ports. */
  servicePorts: readonly number[];
  /** The policy whose block applies where the destination's own has none. */
  service?: Plain<TrafficPolicyArgs>;
}

/** Istio's share where none is set, in percent. */
const ISTIOS_PERCENT = 10;

/**
 * The smallest `maxEjectionPercent` with which Envoy ejects one of this many pods. Envoy ejects no pod if that would
 * exceed the share (since its #27909 of 2023; older versions ejected one pod whatever the share was).
 */
export function leastPercent(pods: number): number {
  return Math.ceil(100 / pods);
}

/** Whether this block ejects a pod after any number of errors. */
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

/** The share that a block sets, in percent; Istio replaces 0 by its default. */
export function percentOf({ maxEjectionPercent: percent }: Readonly<Record<string, unknown>>): number | undefined {
  return typeof percent === "number" && percent > 0 ? percent : undefined;
}

/**
 * Istio's `trafficPolicy`, in which an outlier detection without a share gets one that can eject one of the pods.
 * Nothing is added if Istio's own share can do that, nor for a single pod: nobody else could take its requests.
 *
 * @param given The destination's own policy, valid; undefined if it has none.
 * @returns Undefined if there is nothing to say.
 */
export function renderEjectingPolicy(
  given: Plain<TrafficPolicyArgs> | undefined,
  { pods = 0, servicePorts, service }: EjectionContext,
): Record<string, unknown> | undefined {
  const policy = given === undefined ? undefined : renderTrafficPolicy(given);
  if (!Number.isInteger(pods) || pods <= 1 || leastPercent(pods) <= ISTIOS_PERCENT) {
    return policy;
  }
  const blocks = servicePorts.map((port) => {
    const { block } = blockInForce("outlierDetection", given, service, port) ?? {};
    const ejecting = block !== undefined && percentOf(block) === undefined && ejects(block);
    return {
      port,
      block: ejecting ? { ...block, maxEjectionPercent: leastPercent(pods) } : block,
      isNew: ejecting,
      isOfPort: policy !== undefined && portSettingsIndex(policy, port) >= 0,
    };
  });
  const common = blocks.filter(({ isOfPort }) => !isOfPort);
  // One block for all ports, unless the service has different settings for some of them.
  const isOne = common.every(({ block }) => isDeepStrictEqual(block, common[0].block));
  return blocks
    .filter(({ isNew }) => isNew)
    .reduce<Record<string, unknown> | undefined>((rendered, { port, block: outlierDetection, isOfPort }) => {
      if (!isOfPort && isOne) {
        return { ...rendered, outlierDetection };
      }
      const settings = (rendered?.portLevelSettings ?? []) as PortSettings[];
      return {
        ...rendered,
        portLevelSettings: isOfPort
          ? settings.map((each) => (each?.port?.number === port ? { ...each, outlierDetection } : each))
          : [...settings, { ...settingsInForce(given, service, port), outlierDetection }],
      };
    }, policy);
}

interface PortSettings {
  port?: { number?: number };
}

/** What applies to a port, as settings for that port: these replace all blocks around them. */
function settingsInForce(
  given: Plain<TrafficPolicyArgs> | undefined,
  service: Plain<TrafficPolicyArgs> | undefined,
  port: number,
): object {
  const blocks = PORT_BLOCKS.map((name) => [name, blockInForce(name, given, service, port)?.block] as const);
  return { port: { number: port }, ...Object.fromEntries(blocks.filter(([, block]) => block !== undefined)) };
}
