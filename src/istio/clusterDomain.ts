import { isObject } from "../internal/objects";
import { SUBDOMAIN } from "../validation/names";
import { type Findings, shown } from "../validation/problem";
import type { Check } from "../validation/shape";
import { isKnown } from "../validation/unknown";
import { pattern } from "../validation/values";

/** The default domain of a cluster's Services. */
export const CLUSTER_DOMAIN = "cluster.local";

/** The place of the setting in Helm's values for istiod. */
export const DOMAIN_VALUE = ["global", "proxy", "clusterDomain"] as const;

/** The check of a cluster's domain. */
export const clusterDomainCheck: Check = pattern(
  new RegExp(`^(?=.{1,180}$)(?!.*\\.\\.)${SUBDOMAIN}$`),
  "the domain of the cluster's Services, such as cluster.local, without dots at its ends,",
);

/** The domain in Helm's values for istiod; undefined if they have none, or it is not known yet. */
export function domainInValues(istiodValues: unknown): string | undefined {
  const found = DOMAIN_VALUE.reduce<unknown>(
    (values, name) => (isObject(values) ? values[name] : undefined),
    istiodValues,
  );
  return typeof found === "string" && found !== "" ? found : undefined;
}

/** Records a domain that conflicts with the one in Helm's values. */
export function checkOneDomain(
  { clusterDomain, istiodValues }: { clusterDomain?: unknown; istiodValues?: unknown },
  findings: Findings,
): void {
  const other = domainInValues(istiodValues);
  if (clusterDomain !== undefined && isKnown(clusterDomain) && other !== undefined && other !== clusterDomain) {
    findings
      .field("clusterDomain")
      .add(
        `is ${shown(clusterDomain)}, and istiodValues.${DOMAIN_VALUE.join(".")} is ${shown(other)}`,
        "a mesh has one domain: leave one of them out",
      );
  }
}

/** Helm's values for istiod with the mesh's domain in them. */
export function withDomain(istiodValues: unknown, clusterDomain: string | undefined): unknown {
  if (clusterDomain === undefined) {
    return istiodValues;
  }
  const values = isObject(istiodValues) ? istiodValues : {};
  const global = isObject(values.global) ? values.global : {};
  const proxy = isObject(global.proxy) ? global.proxy : {};
  return { ...values, global: { ...global, proxy: { ...proxy, clusterDomain } } };
}
