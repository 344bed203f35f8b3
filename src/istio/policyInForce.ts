import { isObject } from "../internal/objects";
import type { Plain } from "./plain";
import { type TrafficPolicyArgs, renderTrafficPolicy } from "./trafficPolicy";

/** Whose policy a block comes from. */
export type PolicyOwner = "version" | "service";

/** A block of Istio's `trafficPolicy` that applies to a version's pods on one of the Service's ports. */
export interface BlockInForce {
  /** The block, as Istio spells it. */
  block: Readonly<Record<string, unknown>>;
  owner: PolicyOwner;
  /** Its path in its policy, e.g. `portLevelSettings[0].outlierDetection`. */
  at: string;
}

/** The index of a port's settings in a rendered policy; -1 if there are none. */
export function portSettingsIndex(rendered: Readonly<Record<string, unknown>>, servicePort: number): number {
  const { portLevelSettings: settings } = rendered;
  return Array.isArray(settings)
    ? settings.findIndex((each) => isObject(each) && isObject(each.port) && each.port.number === servicePort)
    : -1;
}

/** The blocks that a port's settings can contain; where such settings exist, they replace all of these blocks. */
export const PORT_BLOCKS = ["loadBalancer", "connectionPool", "outlierDetection", "tls"] as const;

/**
 * The block of that name that applies to a version, as Istio merges policies. In order of precedence: the version's
 * settings for the port, which replace everything else; the version's own block; the service's settings for the port;
 * the service's block.
 *
 * @param own The version's policy, valid and fully known; undefined if it has none.
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

/** A field that is passed through by `extra` replaces ours. */
function place(name: string, policy: Plain<TrafficPolicyArgs> | undefined): string {
  return isObject(policy?.extra) && Object.hasOwn(policy.extra, name) ? `extra.${name}` : name;
}
