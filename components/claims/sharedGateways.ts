import type { GatewayServerArgs } from "../../src/istio/gateway";
import type { Plain } from "../../src/istio/plain";

/** A SharedGateway of the program, as far as it is known before anything is registered. */
export interface KnownGateway {
  /** `namespace/name`; undefined where the namespace is known later. */
  reference?: string;
  /** The key of its selector; undefined where that is known later. */
  selector?: string;
  servers?: readonly Plain<GatewayServerArgs>[];
}

/** By the Output `reference` of each SharedGateway: apps name it by that, long before its value is known. */
const known = new WeakMap<object, KnownGateway>();

/** Keeps what is known of a SharedGateway. */
export function rememberGateway(reference: object, gateway: KnownGateway): void {
  known.set(reference, gateway);
}

/** What is known of the Gateway that `gateway.use` names. */
export function knownGateway(use: unknown): KnownGateway | undefined {
  return typeof use === "string"
    ? { reference: use }
    : typeof use === "object" && use !== null
      ? known.get(use)
      : undefined;
}
