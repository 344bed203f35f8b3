import * as pulumi from "@pulumi/pulumi";
import type { MeshArgs } from "./canaryAppArgs";
import { valueAt } from "./valueAt";

/** The place of the setting in Helm's values for istiod. */
const SWITCH = ["pilot", "env", "ENABLE_NATIVE_SIDECARS"];

/** Whether a mesh's sidecars end after the app's containers: as given, or else as Helm's values for istiod say. */
export function nativeSidecars({ nativeSidecars: given, istiodValues }: MeshArgs): pulumi.Output<boolean> {
  return given !== undefined
    ? pulumi.output(given)
    : pulumi.unsecret(valueAt(istiodValues, SWITCH)).apply((value) => value !== "false" && value !== false);
}
