import { shown } from "../validation/problem";
import type { Warning } from "../validation/warning";
import type { Plain } from "./plain";
import type { RouteArgs } from "./route";

/** The part of a Service's full name that precedes the cluster's domain. */
const WHOLE_NAME = /^[^.]+\.[^.]+\.svc\.(.+)$/;

/** Services that routes name with another cluster's domain: Istio does not find them, and requests to them get 503. */
export function foreignServices(routes: readonly Plain<RouteArgs>[], clusterDomain: string): Warning[] {
  return routes.flatMap(({ service, mirrors = [] }, index) => {
    const named = [
      { host: service?.host, path: `routes[${index}].service.host` },
      ...mirrors.map((mirror, at) => ({
        host: mirror.service?.host,
        path: `routes[${index}].mirrors[${at}].service.host`,
      })),
    ];
    return named.flatMap(({ host, path }) => {
      const domain = WHOLE_NAME.exec(host ?? "")?.[1];
      return domain === undefined || domain === clusterDomain
        ? []
        : [
            {
              path,
              what: `is ${shown(host)}, and the cluster's domain is ${clusterDomain} (mesh.clusterDomain): unless a ServiceEntry has that name, requests to it get 503`,
            },
          ];
    });
  });
}
