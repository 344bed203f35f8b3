import { isObject } from "../internal/objects";
import type { Plain } from "./plain";
import { type TrafficPolicyArgs, renderTrafficPolicy } from "./trafficPolicy";

/** Whose policy a block is from. */
export type PolicyOwner = "version" | "service";

/** A block of Istio's `trafficPolicy` that counts for a version's pods on one of the Service's ports. */
export interface BlockInForce {
  /** The block, as Istio spells it. */
  block: Readonly<Record<string, unknown>>;
  owner: PolicyOwner;
  /** Where it stands in its policy, e.g. `portLevelSettings[0].outlierDetection`. */
  at: string;
}

/** The place in a rendered policy at which the settings for a port are; -1 if there are none. */
export function portSettingsIndex(rendered: Readonly<Record<string, unknown>>, servicePort: number): number {
  const { portLevelSettings: settings } = rendered;
  return Array.isArray(settings)
    ? settings.findIndex((each) => isObject(each) && isObject(each.port) && each.port.number === servicePort)
    : -1;
}

/** The blocks that settings for a port can have; where there are such settings, all of them are those' own. */
export const PORT_BLOCKS = ["loadBalancer", "connectionPool", "outlierDetection", "tls"] as const;

/**
 * The block of that name that counts for a version, as Istio merges policies: the version's settings for the port take
 * the place of all else; then the version's own block, the service's settings for the port, the service's block.
 *
 * @param own The version's policy, sound and wholly known; undefined if it has none.
 * @param service The service's, likewise.
 */
export function blockInForce(
  name: (typeof PORT_BLOCKS)[number],
  own: Plain<TrafficPolicyArgs> | undefined,
  service: Plain<TrafficPolicyArgs> | undefined,
  servicePort: number,
): BlockInForce | undefined {
  for (const [policy, owner] of [
    [own, "version"],
    [service, "service"],
  ] as const) {
    const rendered: Readonly<Record<string, unknown>> = policy === undefined ? {} : renderTrafficPolicy(policy);
    const index = portSettingsIndex(rendered, servicePort);
    if (index >= 0) {
      const settings = (rendered.portLevelSettings as Record<string, unknown>[])[index];
      const at = `${place("portLevelSettings", policy)}[${index}].${name}`;
      return isObject(settings[name]) ? { block: settings[name], owner, at } : undefined;
    }
    if (isObject(rendered[name])) {
      return { block: rendered[name], owner, at: place(name, policy) };
    }
  }
  return undefined;
}

/** A field that is passed through by `extra` takes the place of ours. */
function place(name: string, policy: Plain<TrafficPolicyArgs> | undefined): string {
  return isObject(policy?.extra) && Object.hasOwn(policy.extra, name) ? `extra.${name}` : name;
}
