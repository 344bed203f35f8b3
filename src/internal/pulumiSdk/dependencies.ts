import type { Output, Resource } from "@pulumi/pulumi";
import { type SdkPart, sdkMember } from "./sdkPart";

const RESOURCES: SdkPart = {
  module: "output",
  name: "Output.allResources",
  kind: "function",
  purpose: "to say in a preview which values are not final",
};

/**
 * The resources that an Output's value was computed from, once it is known.
 *
 * @throws MissingSdkPart
 */
export function dependenciesOf(output: Output<unknown>): Promise<ReadonlySet<Resource>> {
  return sdkMember<() => Promise<ReadonlySet<Resource>>>(output, RESOURCES)();
}
