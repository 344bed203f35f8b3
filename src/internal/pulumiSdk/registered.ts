import type { Resource } from "@pulumi/pulumi";
import { type SdkPart, sdkMember } from "./sdkPart";

const PROMISE: SdkPart = {
  module: "output",
  name: "Output.promise",
  kind: "function",
  purpose: "to scale versions in turn with the weights (replicasFollowWeight, prescale)",
};

/**
 * Resolves when the engine is done with a resource, and fails if that does; an Output has no such moment for a program
 * to see.
 *
 * @throws MissingSdkPart
 */
export function registered(resource: Resource): Promise<unknown> {
  return sdkMember<() => Promise<unknown>>(resource.urn, PROMISE)();
}
