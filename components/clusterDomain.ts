import * as pulumi from "@pulumi/pulumi";
import { CLUSTER_DOMAIN, DOMAIN_VALUE, clusterDomainCheck } from "../src/istio/clusterDomain";
import type { IstioMeshArgs } from "./istioMeshArgs";
import { validated } from "./validated";
import { valueAt } from "./valueAt";

/**
 * The domain of the Services of the cluster that an app is in: as given, else as Helm's values for istiod have it. It
 * is no secret, whatever else those values hold.
 */
export function clusterDomain(subject: string, { clusterDomain: given, istiodValues }: IstioMeshArgs) {
  return given !== undefined
    ? validated(subject, "mesh.clusterDomain", given, clusterDomainCheck)
    : pulumi
        .unsecret(valueAt(istiodValues, DOMAIN_VALUE))
        .apply((found) => (typeof found === "string" && found !== "" ? found : CLUSTER_DOMAIN));
}
