import * as pulumi from "@pulumi/pulumi";
import { CLUSTER_DOMAIN, DOMAIN_VALUE, clusterDomainCheck } from "../src/istio/clusterDomain";
import type { IstioMeshArgs } from "./istioMeshArgs";
import { validated } from "./validated";
import { valueAt } from "./valueAt";

/**
 * The domain of the Services of the app's cluster: as given, or else as Helm's values for istiod set it. It is not a
 * secret, even if other values are.
 */
export function clusterDomain(subject: string, { clusterDomain: given, istiodValues }: IstioMeshArgs) {
  return given !== undefined
    ? validated(subject, "mesh.clusterDomain", given, clusterDomainCheck)
    : pulumi
        .unsecret(valueAt(istiodValues, DOMAIN_VALUE))
        .apply((found) => (typeof found === "string" && found !== "" ? found : CLUSTER_DOMAIN));
}
