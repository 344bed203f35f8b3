import type { Input } from "@pulumi/pulumi";
import { isDnsLabel } from "../validation/names";
import { shown } from "../validation/problem";
import { type Check, required, shape } from "../validation/shape";
import { port } from "../validation/values";
import { isKnown } from "../validation/unknown";
import type { Plain } from "./plain";

/** Where a version's requests are sent: the Service's name inside the cluster, and its port. */
export interface Destination {
  /** E.g. `myapp.shop.svc.cluster.local`. */
  host: string;
  /** The Service's port. */
  port: number;
  /** The app's versions, oldest first: routes list them in this order. @default the order of the weights */
  versions?: readonly string[];
}

/** Another Service, with all of its pods. */
export interface ServiceTargetArgs {
  /**
   * Its name, e.g. `articles` for one in the app's namespace, or `articles.news.svc.cluster.local`. VirtualService
   * `destination.host`.
   */
  host: Input<string>;
  /** Its port, 1 to 65535. VirtualService `destination.port.number`. */
  port: Input<number>;
}

const serviceHost: Check = (value, findings) => {
  // Istio accepts neither IP addresses nor other names that end with a number.
  if (
    typeof value !== "string" ||
    value.length > 253 ||
    !value.split(".").every(isDnsLabel) ||
    /(^|\.)[0-9]+$/.test(value)
  ) {
    const needed = "the name of a Service is needed, such as articles or articles.news.svc.cluster.local";
    if (!findings.addNoText(value, needed)) {
      findings.add(`is ${shown(value)}`, needed);
    }
  }
};

/** Another Service and its port. */
export const serviceTarget: Check = shape<Plain<ServiceTargetArgs>>({
  host: required(serviceHost, "the name of a Service"),
  port: required(port, "a port from 1 to 65535"),
});

/** The name of one of the app's versions; any text if the versions are not known. */
export function versionOf(versions: readonly string[] | undefined): Check {
  return (value, findings) => {
    const isName = typeof value === "string" && (versions === undefined || versions.includes(value));
    if (!isKnown(value) || isName) {
      return;
    }
    const needed =
      versions === undefined
        ? "the name of a version is needed"
        : `one of the declared versions ${versions.join(", ")} is needed`;
    if (!findings.addNoText(value, needed)) {
      findings.add(`is ${shown(value)}`, needed);
    }
  };
}

/** Istio's destination for one version. */
export function versionDestination({ host, port: number }: Destination, version: string): object {
  return { host, subset: version, port: { number } };
}

/** Istio's destination for another Service. */
export function serviceDestination({ host, port: number }: Plain<ServiceTargetArgs>): object {
  return { host, port: { number } };
}
