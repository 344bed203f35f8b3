import { type Findings, shown } from "../validation/problem";
import { isKnown } from "../validation/unknown";

/** The name of the gateway that represents every sidecar of the mesh. */
const MESH = "mesh";

/** The Gateways through which requests reach an app. */
export interface Entrances {
  /**
   * The one for requests from outside, by its name, or `namespace/name` for one of another namespace; undefined for
   * none.
   */
  gateway?: string;
  /** Whether callers inside the mesh are routed, too. */
  internal: boolean;
}

/** A VirtualService's `gateways`. */
export function gatewaysOf({ gateway, internal }: Entrances): string[] {
  return [...(gateway === undefined ? [] : [gateway]), ...(internal ? [MESH] : [])];
}

/**
 * Records Gateways in the routes' matches through which no request reaches the app: Istio accepts them silently, and
 * such a match never applies.
 *
 * @param namespace The app's: a Gateway's name alone means the one in this namespace.
 * @param findings The path of `routes`.
 */
export function checkEntrances(
  routes: readonly unknown[],
  entrances: Entrances,
  namespace: string,
  findings: Findings,
): void {
  const whole = (name: string) => (name === MESH || name.includes("/") ? name : `${namespace}/${name}`);
  const names = gatewaysOf(entrances);
  const known = names.map(whole);
  for (const [index, route] of routes.entries()) {
    for (const [place, match] of listOf(route, "match").entries()) {
      for (const [at, name] of listOf(match, "gateways").entries()) {
        if (typeof name === "string" && !known.includes(whole(name))) {
          const field = findings.field(index).field("match").field(place).field("gateways").field(at);
          field.add(
            `is ${shown(name)}, through which no request reaches the app`,
            `${names.join(" and ")} ${names.length === 1 ? "is the one" : "are those"} that lead to it: leave gateways out to take every request`,
          );
        }
      }
    }
  }
}

/** A list in an object's field; empty if it is not a list, or not known yet. */
function listOf(object: unknown, field: string): readonly unknown[] {
  const list = isKnown(object) ? (object as Record<string, unknown> | null | undefined)?.[field] : undefined;
  return Array.isArray(list) ? list : [];
}
