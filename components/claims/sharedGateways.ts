import type { GatewayServerArgs } from "../../src/istio/gatewayServer";
import type { Plain } from "../../src/istio/plain";

/** A SharedGateway of the program, as far as it is known before anything is registered. */
export interface KnownGateway {
  /** `namespace/name`; undefined if the namespace becomes known later. */
  reference?: string;
  /** The key of its selector; undefined if the namespace becomes known later. */
  selector?: string;
  servers?: readonly Plain<GatewayServerArgs>[];
}

/** By the Output `reference` of each SharedGateway: apps refer to it by that Output, long before its value is known. */
const known = new WeakMap<object, KnownGateway>();

/** Stores what is known of a SharedGateway. */
export function rememberGateway(reference: object, gateway: KnownGateway): void {
  known.set(reference, gateway);
}

/** What is known of the Gateway given as `gateway.use`. */
export function knownGateway(use: unknown): KnownGateway | undefined {
  return typeof use === "string"
    ? { reference: use }
    : typeof use === "object" && use !== null
      ? known.get(use)
      : undefined;
}
